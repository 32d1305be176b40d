// What a nurse does with the page: by keyboard alone where nothing else is said.

import assert from 'node:assert/strict';
import { alarm, stable, troubled, wardState } from '../ward-state.mjs';
import { PHONE, SETTLED_MS, withWard } from '../with-page.mjs';

const row = (page, bed) => page.locator(`#bed-${bed} [data-testid=alarm]`);

/** The server takes the acknowledgement as the appliance does. */
function acknowledges(server, state) {
  server.onCommand = (path, _body, by) => {
    const id = decodeURIComponent(path.split('/').at(-2));
    state.alarms = state.alarms.map((one) => (one.id === id ? { ...one, phase: 'acknowledged', acknowledged_by: by } : one));
  };
}

const two = () =>
  wardState({
    beds: [stable('1'), stable('2')],
    alarms: [
      alarm(1, 'limit.spo2.low', 'high', { bed: '1', value: '84', limit: '90' }),
      alarm(2, 'limit.rr.high', 'medium', { bed: '2', value: '34', limit: '30' }),
    ],
  });

/**
 * What these elements look like each time the screen flashes, until HIGH has changed eight times and MEDIUM three times. A
 * busy machine is late; so each look carries the time that the page itself had read, which says what it must look like.
 */
function watchFlashing(page, selectors) {
  return page.evaluate(async (selectors) => {
    const root = document.documentElement;
    const now = performance.now.bind(performance);
    let read = 0;
    performance.now = () => (read = now());
    const looks = [];
    const changes = { flashHigh: 0, flashMedium: 0 };
    await new Promise((done) => {
      let before = { ...root.dataset };
      const observer = new MutationObserver(() => {
        for (const key of Object.keys(changes)) if (root.dataset[key] !== before[key]) changes[key] += 1;
        before = { ...root.dataset };
        const colours = selectors.map((selector) => {
          const style = getComputedStyle(document.querySelector(selector));
          return `${style.backgroundColor} ${style.color}`;
        });
        looks.push({ at: read, colours });
        if (changes.flashHigh < 8 || changes.flashMedium < 3) return;
        observer.disconnect();
        done();
      });
      observer.observe(root, { attributes: true, attributeFilter: ['data-flash-high', 'data-flash-medium'] });
    });
    return looks;
  }, selectors);
}

/** The colours of an element while a flash of this rate is on and while it is off. */
function flashesAt(hz, looks, element) {
  const halfMs = 1000 / hz / 2;
  const colours = (on) => new Set(looks.filter(({ at }) => (Math.floor(at / halfMs) % 2 === 0) === on).map((look) => look.colours[element]));
  return { on: [...colours(true)], off: [...colours(false)] };
}

export const nurseCases = [
  {
    name: 'a_nurse_who_is_signed_in_acknowledges_by_keyboard_and_is_asked_for_no_name',
    run: (browser) => {
      const state = two();
      return withWard(browser, { state }, async ({ page, server }) => {
        acknowledges(server, state);
        await page.keyboard.press('a');
        await page.keyboard.press('Enter');
        await page.waitForSelector('#bed-1 [data-phase=acknowledged]');
        assert.match(await row(page, 1).innerText(), /Acknowledged by Grace O\./);
        assert.equal(await row(page, 2).getAttribute('data-phase'), 'active', 'the other alarm goes on');
        await page.waitForTimeout(SETTLED_MS);
        await page.keyboard.press('a');
        await page.keyboard.press('Enter');
        await page.waitForSelector('#bed-2 [data-phase=acknowledged]');
        assert.deepEqual(server.commands, [
          { path: '/api/v1/alarms/00000001aabbccdd-1/acknowledge', body: {} },
          { path: '/api/v1/alarms/00000001aabbccdd-2/acknowledge', body: {} },
        ]);
      });
    },
  },
  {
    name: 'a_refused_acknowledgement_says_why_and_the_alarm_stays_active',
    run: (browser) =>
      withWard(browser, { state: two() }, async ({ page, server }) => {
        server.answer = { status: 409, body: { error: 'the alarm has ended' } };
        await page.locator('#bed-1 .act').click();
        await page.getByText('Not acknowledged: the alarm has ended').waitFor();
        assert.equal(await row(page, 1).getAttribute('data-phase'), 'active');
        assert.equal(await row(page, 1).getAttribute('data-signal'), 'high', 'it still flashes');
      }),
  },
  {
    name: 'a_press_meant_for_the_alarm_that_just_moved_away_does_nothing',
    run: (browser) => {
      const state = two();
      return withWard(browser, { state }, async ({ page, server }) => {
        await page.evaluate(() => {
          window.pressed = new Promise((done) => {
            const banner = document.querySelector('[data-testid=banner]');
            new MutationObserver((_, observer) => {
              if (!banner.innerText.includes('Bed 2')) return;
              observer.disconnect();
              banner.querySelector('.acknowledge').click();
              done();
            }).observe(banner, { subtree: true, childList: true, characterData: true });
          });
        });
        state.alarms.push(alarm(3, 'limit.spo2.low', 'high', { bed: '2', value: '80', limit: '90', lasted: 0 }));
        server.push();
        await page.evaluate(() => window.pressed);
        await page.waitForTimeout(SETTLED_MS);
        assert.deepEqual(server.commands, [], 'the press did nothing');
        await page.locator('[data-testid=banner] .acknowledge').click();
        await page.waitForTimeout(200);
        assert.equal(server.commands.length, 1);
      });
    },
  },
  {
    name: 'seen_by_a_doctor_appears_beside_the_alarm_and_silences_nothing',
    run: (browser) => {
      const state = two();
      return withWard(browser, { state }, async ({ page, server }) => {
        assert.match(await row(page, 1).innerText(), /at the centre/);
        state.alarms[0].seen = [{ by: 'Dr K. Mensah', age: 0 }];
        server.push();
        await page.locator('#bed-1 [data-testid=seen]').waitFor({ timeout: 3000 });
        assert.match(await row(page, 1).innerText(), /Seen Dr K\. Mensah 14:07/);
        assert.equal(await row(page, 1).getAttribute('data-signal'), 'high');
        assert.equal(await page.locator('#bed-1 .act').count(), 1);
      });
    },
  },
  {
    name: 'an_alarm_of_the_post_itself_can_be_acknowledged_from_the_banner',
    run: (browser) => {
      const state = wardState({ beds: [stable('1')], alarms: [alarm(7, 'centre_unreachable', 'medium')] });
      return withWard(browser, { state }, async ({ page, server }) => {
        acknowledges(server, state);
        assert.match(await page.locator('[data-testid=banner]').innerText(), /Doctors do not see this post/);
        await page.locator('[data-testid=banner] .acknowledge').click();
        await page.keyboard.press('l');
        await page.waitForSelector('aside [data-phase=acknowledged]');
      });
    },
  },
  {
    name: 'digits_go_to_beds_l_opens_the_list_and_the_banner_leads_to_its_bed',
    run: (browser) =>
      withWard(browser, { state: troubled(), viewport: PHONE }, async ({ page }) => {
        const focused = () => page.evaluate(() => document.activeElement.id);
        await page.keyboard.press('5');
        await page.waitForFunction(() => document.activeElement.id === 'bed-5');
        await page.keyboard.press('l');
        await page.locator('aside').waitFor();
        assert.equal(await page.locator('aside [data-testid=alarm]').count(), 6);
        await page.keyboard.press('Escape');
        assert.equal(await page.locator('aside').count(), 0);
        await page.locator('[data-testid=banner] .words').click();
        assert.equal(await focused(), 'bed-2');
      }),
  },
  {
    name: 'high_and_medium_flash_by_swapped_colours_at_their_rates_and_the_rest_is_steady',
    run: (browser) =>
      withWard(browser, { state: troubled() }, async ({ page }) => {
        const looks = await watchFlashing(page, ['#bed-2 .chip', '#bed-4 .chip', '#bed-3 .chip', '#bed-5 .chip']);
        const high = flashesAt(2, looks, 0);
        assert.deepEqual(high, { on: ['rgb(255, 59, 59) rgb(0, 0, 0)'], off: ['rgb(11, 15, 20) rgb(255, 59, 59)'] });
        const medium = flashesAt(0.6, looks, 1);
        assert.equal(medium.on.length, 1, String(medium.on));
        assert.equal(medium.off.length, 1, String(medium.off));
        assert.notDeepEqual(medium.on, medium.off);
        for (const steady of [2, 3]) {
          assert.equal(new Set(looks.map((look) => look.colours[steady])).size, 1, 'low and acknowledged do not flash');
        }
      }),
  },
  {
    name: 'the_link_to_the_doctors_is_said_in_words',
    run: (browser) => {
      const state = wardState({ beds: [stable('1')] });
      return withWard(browser, { state }, async ({ page, server }) => {
        const link = page.locator('[data-testid=centre-link]');
        assert.match(await link.innerText(), /Connected to District hospital/);
        state.centre = { state: 'unreachable', age: 300_000, waiting: 12, name: null, problem: null };
        server.push();
        await page.getByText('DOCTORS DO NOT SEE THIS POST since 14:02').waitFor();
        assert.match(await link.innerText(), /12 records waiting/);
        state.centre = { state: 'not_configured', age: 0, waiting: 0, name: null, problem: null };
        server.push();
        await page.getByText('No centre is configured').waitFor();
      });
    },
  },
  {
    name: 'beds_stand_worst_first_where_a_screen_chose_it_and_do_not_move_under_a_finger',
    run: (browser) => {
      const state = wardState({ beds: ['1', '2', '3'].map((id) => stable(id)) });
      return withWard(browser, { state }, async ({ page, server }) => {
        const order = () => page.locator('[data-testid=bed]').evaluateAll((all) => all.map(({ id }) => id.slice(4)).join(''));
        await page.getByTestId('bed-order').click();
        state.alarms = [alarm(1, 'limit.spo2.low', 'high', { bed: '3', value: '84', limit: '90' })];
        server.push();
        await page.waitForFunction(() => document.querySelector('[data-testid=bed]').id === 'bed-3');
        assert.equal(await order(), '312');
        await page.mouse.move(640, 300);
        await page.mouse.down();
        state.alarms = [alarm(2, 'limit.spo2.low', 'high', { bed: '2', value: '84', limit: '90' })];
        server.push();
        await page.waitForTimeout(11_000);
        assert.equal(await order(), '312', 'a finger is down');
        await page.mouse.up();
        await page.waitForFunction(() => document.querySelector('[data-testid=bed]').id === 'bed-2', null, { timeout: 12_000 });
        await page.getByTestId('bed-order').click();
        assert.equal(await order(), '123');
      });
    },
  },
  {
    name: 'language_and_theme_change_at_once_and_stay_after_a_reload',
    run: (browser) =>
      withWard(browser, { state: two() }, async ({ page }) => {
        await page.getByRole('combobox', { name: 'Language' }).selectOption({ label: 'Français' });
        await page.getByText('Acquitter').first().waitFor();
        await page.getByRole('button', { name: 'Clair' }).click();
        await page.reload();
        await page.getByText('Acquitter').first().waitFor();
        const root = await page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset.theme]);
        assert.deepEqual(root, ['fr', 'light']);
      }),
  },
];
