// Lines of the post: how each is heard, how a technician adds one while the post runs, records one and takes one away.

import assert from 'node:assert/strict';
import { SENIOR, someone } from '../fake-door.mjs';
import { FOUND, UNDERSTOOD, fit, trial } from '../lines-state.mjs';
import { stable, wardState } from '../ward-state.mjs';
import { PHONE, TABLET, WALL, shot, withWard } from '../with-page.mjs';
import { tabTo } from './keys.mjs';

const TECHNICIAN = someone('yaw', 'Yaw B.', 'technician');
const NARROW = { ...PHONE, width: 360 };
const row = (page, line) => page.locator(`[data-line="${line}"]`);
const step = (page, name) => page.locator(`[data-testid=wizard][data-step=${name}]`).waitFor();

export function withLines(browser, { who = TECHNICIAN, ...options }, run) {
  const state = wardState({ beds: ['1', '2', '3', '4'].map((id) => stable(id)) });
  let fitter;
  const setup = (server) => (fitter = fit(server, who));
  return withWard(browser, { state, setup, ...options }, async (context) => {
    await context.page.locator('[data-testid=person] button.who').click();
    await run({ ...context, fitter });
  });
}

async function openLines(page) {
  await page.getByRole('button', { name: 'Lines and monitors' }).click();
  await row(page, 'monitor-1').waitFor();
}

/** To the port, with the family that the first way of the list belongs to. */
async function toPort(page) {
  await page.getByRole('button', { name: 'Add a monitor' }).click();
  await page.locator('[data-family=nonin_text]').click();
  await page.getByRole('button', { name: 'Next' }).click();
  await step(page, 'port');
}

export const lineCases = [
  {
    name: 'each_line_says_how_it_is_heard_what_is_wrong_and_what_to_do',
    run: (browser) =>
      withLines(browser, { viewport: WALL }, async ({ page }) => {
        await openLines(page);
        assert.match(await row(page, 'monitor-1').innerText(), /port open[^]*monitor-1 \(Bed 1\)[^]*set up in vitalpost\.toml[^]*last good frame 0 s ago[^]*1\s204\s331 bytes[^]*5\s120 values/);
        assert.match(await row(page, 'nonin-hand-held').innerText(), /added at this page[^]*1 min ago[^]*512 bytes fitted nothing[^]*opened 3 times/);
        assert.match(await row(page, 'nonin-hand-held').locator('[data-testid=faults]').innerText(), /bad checksum: 7\s+bytes between frames: 2\s+since the start: 53/);
        assert.match(await row(page, 'wall').locator('[data-testid=reason]').innerText(), /not there: check the cable/);
        assert.match(await row(page, 'old-vent').innerText(), /does not fit the configuration any more[^]*no bed "9"/);
        await shot(page, 'lines-wall');
        // The words of this page come with it, in each language that is chosen from now on.
        await page.locator('footer select').selectOption('fr');
        await row(page, 'wall').getByText('port fermé').waitFor();
      }),
  },
  {
    name: 'a_technician_adds_a_monitor_by_keyboard_and_compares_its_values_before',
    run: (browser) =>
      withLines(browser, {}, async ({ page, server, fitter }) => {
        await openLines(page);
        await tabTo(page, 'Add a monitor');
        await page.keyboard.press('Enter');
        await step(page, 'family');
        await page.getByLabel('Maker or model').fill('avant');
        assert.equal(await page.locator('[data-family]').count(), 2, 'what fits, and "I do not know"');
        await tabTo(page, 'Nonin 8500');
        await page.keyboard.press('Enter');
        await step(page, 'cable');
        assert.match(await page.locator('[data-testid=wizard]').innerText(), /9-pin socket[^]*measure against pin 5[^]*Two wires are enough[^]*isolated/);
        await tabTo(page, 'Next');
        await page.keyboard.press('Enter');
        await step(page, 'port');
        await tabTo(page, 'Try this port');
        await page.keyboard.press('Enter');
        await step(page, 'hear');
        await page.locator('[data-verdict=nothing]').waitFor();
        assert.match(await page.locator('[data-testid=try]').innerText(), /Try 1 of 3: 9600 8N1\s+Only listening/);
        assert.equal(await page.getByRole('button', { name: 'They are the same' }).count(), 0, 'nobody is there yet');
        fitter.trial = trial({ state: 'hearing', heard: [UNDERSTOOD], found: FOUND });
        await page.locator('[data-testid=found]', { hasText: 'text output' }).waitFor();
        assert.match(await page.locator('[data-testid=values]').innerText(), /PR\s+72 \/min\s+SpO2\s+97 %\s+Temp\s+sensor off/);
        await page.getByText('Compare each value with the monitor’s own screen').waitFor();
        await tabTo(page, 'They are the same');
        await page.keyboard.press('Enter');
        await step(page, 'name');
        assert.equal(await page.getByLabel('Name of the device').inputValue(), 'nonin-text-1', 'a free name is offered');
        await page.getByLabel('Name of the device').fill('monitor-2');
        await page.getByLabel('Bed 2').check();
        await page.getByRole('button', { name: 'Add it' }).click();
        await page.getByText('Not saved: device "monitor-2" stands here a second time').waitFor();
        await page.getByLabel('Name of the device').fill('oxi-7');
        assert.match(await page.locator('[data-testid=read-back]').innerText(), /oxi-7[^]*by-id[^]*Bed 2/);
        await tabTo(page, 'Add it');
        await page.keyboard.press('Enter');
        await step(page, 'done');
        assert.deepEqual(server.commands.at(-1), { path: '/api/v1/lines', body: { number: 1, device: 'oxi-7', bed: '2' } });
        await page.getByRole('button', { name: 'Lines and monitors' }).click();
        await row(page, 'oxi-7').getByText('added at this page').waitFor();
      }),
  },
  {
    name: 'a_port_that_a_line_has_says_whose_it_is_and_cannot_be_tried_and_a_refusal_says_why',
    run: (browser) =>
      withLines(browser, {}, async ({ page, server, fitter }) => {
        await openLines(page);
        await toPort(page);
        const taken = page.locator('[data-device="/dev/ttyUSB1"]');
        assert.equal(await taken.locator('[data-testid=taken]').innerText(), 'used by line nonin-hand-held');
        assert.equal(await taken.getByRole('button').count(), 0);
        await page.locator('[data-device="/dev/ttyAMA0"]').getByText('the system writes its messages here').waitFor();
        await page.locator('[data-device="/dev/ttyAMA0"]').getByRole('button').click();
        await page.getByText('Grace O. tries a port at this moment').waitFor();
        // An adapter that is plugged in meanwhile appears by itself.
        fitter.ports = [...fitter.ports, { name: '/dev/ttyUSB9', device: '/dev/ttyUSB9', with: null, product: null, console: false, line: null }];
        await page.locator('[data-device="/dev/ttyUSB9"]', { hasText: 'may change' }).waitFor();
        await page.getByLabel('Address', { exact: true }).fill('192.168.1.40');
        assert.ok(await page.locator('form').getByRole('button', { name: 'Try this port' }).isDisabled());
        await page.getByLabel('Port number').fill('4001');
        await page.locator('form').getByRole('button', { name: 'Try this port' }).click();
        await step(page, 'hear');
        assert.deepEqual(server.commands.at(-1), { path: '/api/v1/fitting/trial', body: { port: '192.168.1.40:4001', family: 'nonin_text' } });
      }),
  },
  {
    name: 'nothing_heard_says_what_to_check_and_another_port_ends_the_try',
    run: (browser) =>
      withLines(browser, {}, async ({ page, server, fitter }) => {
        await openLines(page);
        await toPort(page);
        await page.locator('[data-device="/dev/ttyUSB0"]').getByRole('button').click();
        await step(page, 'hear');
        fitter.trial = trial({ state: 'nothing', at: 3, heard: [], advice: 'serial_silent', tried: [{ over: '9600 8N1', asks: false, bytes: 0, verdict: 'nothing', refused: null }] });
        await page.locator('[data-testid=advice]', { hasText: 'null modem or straight' }).waitFor();
        await page.getByRole('button', { name: 'Try another port' }).click();
        await step(page, 'port');
        assert.equal(server.commands.at(-1).path, '/api/v1/fitting/trial/end');
        await page.locator('[data-device="/dev/ttyUSB0"]').getByRole('button').click();
        await step(page, 'hear');
        fitter.trial = trial({ state: 'failed', error: 'no permission to open serial port /dev/ttyUSB0' });
        await page.locator('[data-testid=hear-failed]', { hasText: 'no permission' }).waitFor();
      }),
  },
  {
    name: 'monitors_that_announce_themselves_are_listed_with_the_bed_that_they_say',
    run: (browser) =>
      withLines(browser, {}, async ({ page, server, fitter }) => {
        await openLines(page);
        await page.getByRole('button', { name: 'Add a monitor' }).click();
        await page.locator('[data-family=intellivue]').click();
        await page.getByLabel('network socket').check();
        await page.getByText('its address stands in its network menu').waitFor();
        await page.getByRole('button', { name: 'Next' }).click();
        await step(page, 'port');
        assert.equal(await page.getByLabel('Port number').inputValue(), '24105');
        await page.getByRole('button', { name: 'Listen on the network' }).click();
        await page.getByText('Listening for 25 s; nothing is sent.').waitFor();
        const one = (address, bed_label, line = null) => ({ family: 'intellivue', address, bed_label, line });
        fitter.trial = { ...fitter.trial, announced: [one('192.168.1.31:24105', 'ICU 3'), one('192.168.1.20:24105', '', 'monitor-1')] };
        const found = page.locator('[data-testid=announced]');
        await found.nth(1).waitFor();
        assert.match(await found.nth(0).innerText(), /192\.168\.1\.31:24105[^]*calls itself bed ICU 3/);
        assert.match(await found.nth(1).innerText(), /used by line monitor-1/);
        await found.nth(0).getByRole('button').click();
        await step(page, 'hear');
        assert.deepEqual(server.commands.at(-1).body, { port: '192.168.1.31:24105', family: 'intellivue' });
      }),
  },
  {
    name: 'a_try_ends_when_the_page_is_left_and_nobody_asks_about_it_any_more',
    run: (browser) =>
      withLines(browser, {}, async ({ page, server, fitter }) => {
        await openLines(page);
        await toPort(page);
        await page.locator('[data-device="/dev/ttyUSB0"]').getByRole('button').click();
        await step(page, 'hear');
        await page.keyboard.press('w');
        await page.locator('[data-testid=person] button.who').click();
        await page.getByRole('button', { name: 'Beds', exact: true }).click();
        await page.waitForSelector('[data-testid=bed]');
        await page.waitForTimeout(300);
        assert.equal(server.commands.at(-1).path, '/api/v1/fitting/trial/end');
        const looks = fitter.looks;
        await page.waitForTimeout(1800);
        assert.equal(fitter.looks, looks);
      }),
  },
  {
    name: 'a_line_is_recorded_and_taken_along_and_one_that_was_added_is_removed_in_two_steps',
    run: (browser) =>
      withLines(browser, {}, async ({ page, server, fitter }) => {
        await openLines(page);
        assert.equal(await row(page, 'monitor-1').getByRole('button', { name: /^Remove/ }).count(), 0, 'it stands in the file');
        await row(page, 'monitor-1').getByRole('button', { name: /^Record/ }).click();
        await row(page, 'monitor-1').getByLabel('60 s').check();
        await row(page, 'monitor-1').getByText('holds data of a patient').waitFor();
        await row(page, 'monitor-1').getByRole('button', { name: 'Begin' }).click();
        await row(page, 'monitor-1').getByText('60 s left').waitFor();
        await row(page, 'monitor-1').getByRole('button', { name: 'Stop' }).click();
        const link = row(page, 'monitor-1').getByRole('link', { name: /Take the file along/ });
        await link.waitFor();
        assert.equal(await link.getAttribute('href'), '/api/v1/lines/monitor-1/record');
        await row(page, 'nonin-hand-held').getByRole('button', { name: /^Remove/ }).click();
        await row(page, 'nonin-hand-held').getByText('What was measured stays').waitFor();
        const before = server.commands.length;
        await row(page, 'nonin-hand-held').getByRole('button', { name: 'Remove' }).click();
        await row(page, 'nonin-hand-held').waitFor({ state: 'detached' });
        assert.deepEqual(server.commands.slice(before).map(({ path }) => path), ['/api/v1/lines/nonin-hand-held/remove']);
        assert.equal(fitter.lines.length, 3);
      }),
  },
  {
    name: 'a_senior_nurse_sees_the_lines_and_changes_none',
    run: (browser) =>
      withLines(browser, { who: SENIOR }, async ({ page }) => {
        await openLines(page);
        assert.equal(await page.getByRole('button', { name: 'Add a monitor' }).count(), 0);
        assert.equal(await page.locator('[data-testid=line]').getByRole('button').count(), 0);
      }),
  },
  ...[
    ['phone', { viewport: NARROW }, 'Lines and monitors'],
    ['arabic', { viewport: NARROW, language: 'ar' }, 'الخطوط وأجهزة المراقبة'],
    ['tablet', { viewport: TABLET, theme: 'light' }, 'Lines and monitors'],
  ].map(([look, options, title]) => ({
    name: `the_lines_and_each_step_fit_a_${look}`,
    run: (browser) =>
      withLines(browser, options, async ({ page, fitter }) => {
        const fits = async (what) => {
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(wide <= 0, `${what} is ${wide} px wider than the ${look}`);
          await shot(page, `lines-${look}-${what}`);
        };
        await page.getByRole('button', { name: title }).click();
        await row(page, 'wall').waitFor();
        await fits('lines');
        await page.locator('[data-testid=sheet] > button.go').click();
        await step(page, 'family');
        await fits('family');
        await page.locator('[data-family=nonin_text]').click();
        await step(page, 'cable');
        await fits('cable');
        await page.locator('[data-testid=wizard] .go').click();
        await step(page, 'port');
        await fits('port');
        await page.locator('[data-device="/dev/ttyUSB0"] button').click();
        await step(page, 'hear');
        fitter.trial = trial({ state: 'hearing', heard: [UNDERSTOOD], found: FOUND });
        await page.locator('[data-testid=found]').waitFor();
        await fits('hear');
        await page.locator('[data-testid=wizard] .go').click();
        await step(page, 'name');
        await fits('name');
      }),
  })),
];
