// I4, I5: nothing old looks live, nothing absent looks like a number, and the screen says when it is not live itself.

import assert from 'node:assert/strict';
import { alarm, bed, nibp, stable, troubled, v, wardState } from '../ward-state.mjs';
import { withCentre, withWard } from '../with-page.mjs';

const NOT_LIVE = '[data-testid=not-live]';
const OVERLAY_WITHIN_MS = 6000;
/** Where the connection breaks, as it does when the server ends. */
const OVERLAY_AFTER_LOSS_MS = 3000;
/** A server that goes may just be asked for the worker's script. */
const complains = /error occurred when fetching the script/;

/** All text that stands on the page, without the line that says since when it is not live. */
async function wordsWithoutSince(page) {
  const text = await page.locator('body').innerText();
  const since = await page.locator(`${NOT_LIVE} .since`).innerText();
  return text.replace(since, '');
}

/** From now on until the overlay stands on the page, by the page's own clock. */
function startStopwatch(page) {
  return page.evaluate((selector) => {
    const began = performance.now();
    window.overlayAfterMs = new Promise((done) => {
      new MutationObserver((_, observer) => {
        if (document.querySelector(selector) === null) return;
        observer.disconnect();
        done(performance.now() - began);
      }).observe(document.body, { subtree: true, childList: true });
    });
  }, NOT_LIVE);
}

async function assertOverlay(page, within = OVERLAY_WITHIN_MS) {
  await page.waitForSelector(NOT_LIVE, { timeout: 4 * OVERLAY_WITHIN_MS });
  const took = await page.evaluate(() => window.overlayAfterMs);
  assert.ok(took <= within, `the overlay came after ${took} ms`);
  assert.match(await page.locator(`${NOT_LIVE} .since`).innerText(), /since 14:07:\d\d/);
  assert.doesNotMatch(await wordsWithoutSince(page), /\d/, 'a digit is still on the page');
}

const state = (page, slot) => page.locator(`[data-slot=${slot}]`).getAttribute('data-state');
const digits = (page, slot) => page.locator(`[data-slot=${slot}] [data-testid=digits]`).innerText();

/** How bright the picture is on the whole, 0 to 255: the overlay is white, the ward is dark. */
function brightness(page, base64) {
  return page.evaluate(async (data) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes]));
    const canvas = new OffscreenCanvas(32, 32).getContext('2d');
    canvas.drawImage(picture, 0, 0, 32, 32);
    const pixels = canvas.getImageData(0, 0, 32, 32).data;
    return pixels.reduce((sum, value, i) => (i % 4 === 3 ? sum : sum + value), 0) / (32 * 32 * 3);
  }, base64);
}

export const honestyCases = [
  {
    name: 'i4_the_monitors_own_alarms_are_said_in_its_words_or_said_to_be_unknown',
    run: (browser) =>
      withWard(browser, { state: troubled() }, async ({ page }) => {
        const says = (id) => page.locator(`#bed-${id} [data-testid=monitor-alarms]`).innerText();
        const words = await says(2);
        assert.match(words, /Monitor[^]*\*\*\* SpO₂ LOW[^]*\+1/);
        assert.match(await says(4), /alarms not known/, 'a silent monitor');
        assert.match(await says(5), /no alarm/);
        const none = await page.locator('#bed-1 [data-testid=monitor-alarms]').count();
        assert.equal(none, 0, 'a device that cannot tell its alarms has no line for them');
      }),
  },
  {
    name: 'i4_ward_overlay_within_3_s_after_the_server_dies_and_back_when_it_returns',
    run: (browser) =>
      withWard(browser, { state: troubled(), complains }, async ({ page, server }) => {
        const { port } = server;
        await startStopwatch(page);
        await server.stop();
        await assertOverlay(page, OVERLAY_AFTER_LOSS_MS);
        await server.start(port);
        await page.waitForSelector('[data-testid=bed]', { timeout: 15_000 });
        assert.equal(await page.locator(NOT_LIVE).count(), 0);
      }),
  },
  {
    name: 'i4_centre_overlay_within_3_s_after_the_server_dies',
    run: (browser) =>
      withCentre(browser, { complains }, async ({ page, server }) => {
        await startStopwatch(page);
        await server.stop();
        await assertOverlay(page, OVERLAY_AFTER_LOSS_MS);
      }),
  },
  {
    name: 'i4_a_page_that_is_opened_anew_while_the_server_is_gone_says_that_it_is_not_live_and_comes_back',
    run: (browser) =>
      withWard(browser, { state: wardState({ beds: [stable('1')] }), complains }, async ({ page, server }) => {
        await page.evaluate(async () => {
          await navigator.serviceWorker.register('/service-worker.js');
          await navigator.serviceWorker.ready;
        });
        // The first page is not the worker's yet; the next one is.
        await page.reload();
        await page.waitForSelector('[data-testid=banner]');
        const { port } = server;
        await server.stop();
        await page.reload();
        await page.waitForSelector(NOT_LIVE);
        assert.doesNotMatch(await page.locator('body').innerText(), /\d/, 'a digit is on the page');
        assert.equal(await page.evaluate(() => fetch('/api/v1/ward').then(() => 'answered', () => 'nobody')), 'nobody', 'no answer is kept');
        await server.start(port);
        await page.waitForSelector('[data-testid=bed]', { timeout: 20_000 });
      }),
  },
  {
    name: 'i4_overlay_when_beats_stop_though_values_still_come',
    run: (browser) =>
      withWard(browser, { state: troubled() }, async ({ page, server }) => {
        await startStopwatch(page);
        server.beating = false;
        await assertOverlay(page);
      }),
  },
  {
    name: 'i4_the_clock_of_both_pages_goes_with_the_beats_and_with_nothing_else',
    run: async (browser) => {
      const goes = async ({ page, server }) => {
        const clock = () => page.locator('.clock').innerText();
        const differs = (from) =>
          page.waitForFunction((from) => document.querySelector('.clock').textContent !== from, from, { timeout: 5000 });
        for (const from of [await clock(), await differs(await clock()).then(clock)]) await differs(from);
        Object.assign(server, { beating: false, refreshing: false });
        await page.waitForTimeout(200);
        const stopped = await clock();
        // Longer than a beat, shorter than the page waits before it asks anew.
        await page.waitForTimeout(1500);
        assert.equal(await clock(), stopped);
      };
      await withWard(browser, { state: troubled() }, goes);
      await withCentre(browser, {}, goes);
    },
  },
  {
    name: 'i4_a_page_that_hung_wakes_up_not_live',
    run: (browser) =>
      withWard(browser, { state: troubled() }, async ({ page, server }) => {
        server.beating = false;
        server.refreshing = false;
        await page.evaluate(() => {
          const until = performance.now() + 6500;
          while (performance.now() < until);
        });
        await page.waitForSelector(NOT_LIVE, { timeout: 3000 });
      }),
  },
  {
    name: 'i4_a_page_that_hangs_is_covered_by_the_compositor',
    run: (browser) =>
      withWard(browser, { state: wardState({ beds: [stable('1')] }) }, async ({ page }) => {
        const cdp = await page.context().newCDPSession(page);
        let frame = null;
        cdp.on('Page.screencastFrame', ({ data, sessionId }) => {
          frame = data;
          cdp.send('Page.screencastFrameAck', { sessionId }).catch(() => {});
        });
        await cdp.send('Page.startScreencast', { format: 'jpeg', quality: 50 });
        const judge = await page.context().newPage();
        await page.bringToFront();
        await page.waitForTimeout(1500);
        assert.ok((await brightness(judge, frame)) < 80, 'the ward is dark while it is live');
        const hang = page.evaluate(() => {
          const until = performance.now() + 14_000;
          while (performance.now() < until);
        });
        hang.catch(() => {}); // ends with the page, which is closed while it hangs
        let bright = 0;
        for (let tries = 0; tries < 12 && bright <= 150; tries += 1) {
          await new Promise((done) => setTimeout(done, 1000));
          bright = await brightness(judge, frame);
        }
        assert.ok(bright > 150, `the page hung for 12 s and is not covered (brightness ${bright})`);
      }),
  },
  {
    name: 'i4_a_value_that_is_not_renewed_never_looks_live_and_loses_its_number',
    run: (browser) =>
      withWard(browser, { state: wardState({ beds: [bed('1', [v('spo2', '97')])] }) }, async ({ page, server }) => {
        assert.equal(await state(page, 'spo2'), 'live');
        server.refreshing = false;
        await page.waitForSelector('[data-slot=spo2][data-state=stale]', { timeout: 15_000 });
        assert.match(await page.locator('[data-slot=spo2] [data-testid=foot]').innerText(), /^\d+ s$/);
        await page.waitForSelector('[data-slot=spo2][data-state=gone]', { timeout: 15_000 });
        assert.equal(await digits(page, 'spo2'), '--');
        assert.match(await page.locator('[data-slot=spo2] [data-testid=foot]').innerText(), /^was 97 at 14:07$/);
        assert.match(await page.locator('[data-testid=link]').innerText(), /NO DATA since 14:07/);
      }),
  },
  {
    name: 'i5_probe_off_searching_and_implausible_show_no_number',
    run: (browser) => {
      const values = [
        v('spo2', null, { reason: 'probe_off', last: { value: '96', age: 90_000 } }),
        v('hr', null, { reason: 'searching' }),
        v('rr', null, { reason: 'implausible' }),
        v('temp', null, { reason: 'not_measured' }),
      ];
      return withWard(browser, { state: wardState({ beds: [bed('1', values)] }) }, async ({ page }) => {
        assert.equal(await digits(page, 'spo2'), '-?-');
        for (const slot of ['spo2', 'heart', 'resp', 'temp', 'nibp']) {
          const shown = `${await digits(page, slot)} ${await page.locator(`[data-slot=${slot}] [data-testid=foot]`).innerText()}`;
          assert.doesNotMatch(shown, /\d/, slot);
        }
        assert.match(await page.locator('[data-slot=spo2]').innerText(), /sensor off/);
      });
    },
  },
  {
    name: 'i4_a_silent_device_keeps_no_live_number_but_the_cuff_value_with_its_time',
    run: (browser) => {
      const one = bed('1', [v('hr', '88', { age: 1000 }), ...nibp('120', '80', '93', 3)], { link: 'disconnected', link_reason: 'cable' });
      return withWard(browser, { state: wardState({ beds: [one] }) }, async ({ page }) => {
        assert.equal(await digits(page, 'heart'), '--');
        assert.equal(await state(page, 'nibp'), 'spot_old');
        assert.match(await page.locator('[data-slot=nibp]').innerText(), /14:0[34]/);
        assert.match(await page.locator('[data-testid=link]').innerText(), /DISCONNECTED: cable/);
      });
    },
  },
  {
    name: 'a_gap_in_seq_brings_a_new_connection_with_a_snapshot',
    run: (browser) =>
      withWard(browser, { state: wardState({ beds: [stable('1')] }) }, async ({ page, server, state: scripted }) => {
        server.skipSeq();
        scripted.beds = [stable('1'), stable('2')];
        await page.waitForSelector('#bed-2', { timeout: 15_000 });
        assert.equal(server.clients, 1);
      }),
  },
  {
    name: 'i4_what_the_page_cannot_draw_is_not_shown_as_live',
    run: (browser) => {
      const state = wardState({ beds: [stable('1')] });
      return withWard(browser, { state, complains: /could not be drawn/ }, async ({ page, server }) => {
        state.alarms = [alarm(1, 'limit.spo2.low', 'a priority of another version', { bed: '1' })];
        server.push();
        await page.waitForSelector(NOT_LIVE, { timeout: 3000 });
        assert.equal(await page.locator('[data-testid=digits]').count(), 0);
      });
    },
  },
  {
    name: 'i4_a_message_that_the_page_cannot_take_ends_in_the_overlay',
    run: (browser) => {
      const state = wardState({ beds: [stable('1')] });
      return withWard(browser, { state, complains: /could not be taken/ }, async ({ page, server }) => {
        state.alarms = { map: () => null };
        server.push();
        await page.waitForSelector(NOT_LIVE, { timeout: 2 * OVERLAY_WITHIN_MS });
      });
    },
  },
  {
    name: 'where_the_socket_is_refused_the_ward_is_polled_and_says_so',
    run: (browser) =>
      withWard(
        browser,
        { state: wardState({ beds: [stable('1')] }), setup: (server) => (server.refuseSockets = true) },
        async ({ page, server }) => {
          await page.getByText('Slow link mode').waitFor();
          await page.waitForTimeout(5500);
          assert.equal(await page.locator(NOT_LIVE).count(), 0, 'polling keeps the page live');
          assert.equal(await state(page, 'spo2'), 'live');
          server.refuseSockets = false;
          await page.getByText('Slow link mode').waitFor({ state: 'detached', timeout: 15_000 });
        },
      ),
  },
  {
    name: 'a_page_of_an_older_build_reloads_once_and_not_while_a_high_alarm_waits',
    run: (browser) => {
      const scripted = troubled();
      return withWard(browser, { state: scripted }, async ({ page, server }) => {
        let loads = 0;
        page.on('load', () => (loads += 1));
        server.build = 'another';
        server.cut();
        await page.waitForTimeout(4000);
        assert.equal(loads, 0, 'a HIGH alarm waits: not a calm moment');
        scripted.alarms = [];
        await page.waitForEvent('load', { timeout: 15_000 });
        await page.waitForTimeout(3500);
        assert.equal(loads, 1, 'the server still names another build, but the page has tried');
      });
    },
  },
];
