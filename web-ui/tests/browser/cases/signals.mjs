// Alarm signals that a nurse pauses, and limits of one patient.

import assert from 'node:assert/strict';
import { someone } from '../fake-door.mjs';
import { incomplete } from '../scores-state.mjs';
import { keepsSignals } from '../signals-state.mjs';
import { alarm, bed, stable, v, wardState } from '../ward-state.mjs';
import { PHONE, SETTLED_MS, shot, withWard } from '../with-page.mjs';

const SENIOR = someone('ama', 'Ama M.', 'senior_nurse');

const calling = () =>
  wardState({
    beds: [stable('1'), stable('2')],
    alarms: [
      alarm(1, 'limit.spo2.low', 'high', { bed: '1', value: '84', limit: '90' }),
      alarm(2, 'limit.rr.high', 'medium', { bed: '2', value: '34', limit: '30' }),
    ],
  });

const rests = (page, bed) => page.locator(`#bed-${bed} [data-testid=rests]`);
const list = (page) => page.locator('aside');

async function openList(page) {
  await page.locator('button[aria-expanded]').first().click();
  await list(page).waitFor();
}

export const signalCases = [
  {
    name: 'a13_the_sound_of_one_bed_is_paused_with_a_countdown_and_the_other_bed_goes_on',
    run: (browser) => {
      const state = calling();
      return withWard(browser, { state }, async ({ page, server }) => {
        keepsSignals(server, state);
        await openList(page);
        await page.waitForTimeout(SETTLED_MS);
        await list(page).getByRole('button', { name: 'Pause the sound of this bed' }).first().press('Enter');
        await rests(page, 1).waitFor();
        assert.match(await rests(page, 1).innerText(), /SOUND PAUSED [12]:\d\d/);
        assert.equal(await rests(page, 2).count(), 0);
        assert.equal(await page.locator('#bed-1 [data-testid=silent]').count(), 1, 'the alarm says that it is silent');
        assert.equal(await page.locator('#bed-1 [data-testid=alarm]').getAttribute('data-signal'), 'high', 'it flashes on');
        assert.deepEqual(server.commands, [{ path: '/api/v1/beds/1/pause', body: {} }]);
        await page.waitForTimeout(SETTLED_MS);
        await list(page).getByRole('button', { name: 'Sound on again' }).press('Enter');
        await rests(page, 1).waitFor({ state: 'detached' });
      });
    },
  },
  {
    name: 'a_pause_of_the_whole_post_stands_above_the_beds_with_who_paused_it',
    run: (browser) => {
      const state = calling();
      state.signals = { pauses: [{ bed: null, what: 'audio_off', left: null, by: 'Ama M.' }], floods: [{ bed: '2', onsets: 14, within_s: 600 }] };
      return withWard(browser, { state, viewport: PHONE }, async ({ page }) => {
        assert.match(await page.locator('[data-testid=post-rests]').innerText(), /Whole post: SOUND OFF, by Ama M\./);
        await openList(page);
        assert.match(await page.locator('[data-testid=flood]').innerText(), /14 alarms in 10 minutes\. Look at the patient, the sensor and the limits/);
      });
    },
  },
  ...[['phone', { viewport: PHONE }], ['tablet_beside_the_list', {}]].map(([size, options]) => ({
    name: `the_name_of_a_bed_is_whole_beside_a_pause_and_a_score_${size}`,
    run: (browser) => {
      const state = calling();
      state.beds = state.beds.map((bed) => ({ ...bed, label: 'Bed 12', score: incomplete({ red: true }) }));
      const pause = (bed, what) => ({ bed, what, left: 118_000, by: 'Grace O.' });
      state.signals = { pauses: [pause('1', 'audio_paused'), pause('2', 'alarm_paused')], floods: [] };
      return withWard(browser, { state, ...options }, async ({ page }) => {
        await openList(page);
        const cut = await page.locator('[data-testid=bed] .label').evaluateAll((all) =>
          all.filter((one) => one.firstChild.getBoundingClientRect().width > one.getBoundingClientRect().width).map((one) => one.textContent));
        assert.deepEqual(cut, []);
        const tiles = await page.locator('[data-testid=bed]').evaluateAll((all) =>
          all.filter((tile) => [...tile.querySelectorAll('.label, [data-testid=rests], [data-testid=score]')].some((one) =>
            one.getBoundingClientRect().right > tile.getBoundingClientRect().right)).length);
        assert.equal(tiles, 0, 'nothing stands over the edge');
        await shot(page, `signals-score-${size}`);
      });
    },
  })),
  {
    name: 'signals_that_rest_for_a_procedure_do_not_flash_and_only_a_senior_nurse_is_offered_it',
    run: (browser) => {
      const state = calling();
      return withWard(browser, { state, setup: (server) => (server.door.person = SENIOR) }, async ({ page, server }) => {
        keepsSignals(server, state);
        await openLimits(page);
        await page.getByRole('button', { name: 'Pause all signals for a procedure' }).click();
        await rests(page, 1).waitFor();
        assert.match(await rests(page, 1).innerText(), /ALARMS PAUSED/);
        assert.equal(await page.locator('#bed-1 [data-testid=alarm]').getAttribute('data-signal'), 'steady-high');
        assert.deepEqual(server.commands.at(-1), { path: '/api/v1/beds/1/rest', body: { what: 'alarm_paused' } });
      });
    },
  },
  {
    name: 'a_nurse_takes_proposed_limits_and_is_told_why_others_are_refused',
    run: (browser) => {
      const state = calling();
      return withWard(browser, { state }, async ({ page, server }) => {
        keepsSignals(server, state);
        await openLimits(page);
        assert.equal(await page.getByRole('button', { name: 'Pause all signals' }).count(), 0, 'not a nurse');
        const hr = page.locator('[data-testid=limit][data-code=hr]');
        await hr.getByRole('button', { name: 'Suggested: 64 - 100' }).click();
        assert.equal(server.commands.length, 0, 'nothing is set before a person says so');
        await hr.getByLabel('Alarm above').fill('130');
        await page.keyboard.press('Enter');
        await hr.locator('[data-testid=wider]').waitFor();
        assert.match(await hr.innerText(), /64 - 130[^]*usual 50 - 120[^]*wider than usual/);
        assert.deepEqual(server.commands[0].body, { saw: 'unidentified-1', code: 'hr', low: '64', high: '130' });
        const spo2 = page.locator('[data-testid=limit][data-code=spo2]');
        await spo2.getByRole('button', { name: 'Change' }).click();
        await spo2.getByLabel('Alarm below').fill('');
        await page.keyboard.press('Enter');
        await page.getByText('Limits not set: the lower limit of SpO2 cannot be switched off').waitFor();
        await hr.getByRole('button', { name: 'Usual limits' }).click();
        await hr.locator('[data-testid=wider]').waitFor({ state: 'detached' });
      });
    },
  },
  {
    name: 'i4_limits_of_what_is_measured_now_come_first_and_a_number_that_is_old_says_how_old',
    run: (browser) => {
      const state = calling();
      const values = [v('hr', '77', { age: 305_000 }), v('pr', '72'), v('spo2', '97')];
      state.beds[0] = bed('1', values);
      return withWard(browser, { state }, async ({ page, server }) => {
        keepsSignals(server, state);
        await openLimits(page);
        const rows = page.locator('[data-testid=limit]');
        assert.deepEqual(await rows.evaluateAll((all) => all.map((row) => row.dataset.code)), ['pr', 'spo2', 'hr']);
        const said = async (n) => (await rows.nth(n).innerText()).replace(/\s+/g, ' ');
        assert.match(await said(0), /^PR 72 \/min 50 - 120 Change : PR Suggested: 62 - 96$/);
        assert.match(await said(2), /^HR was 77, 5 min ago Nothing measures HR now: these limits alarm only when something does\. 50 - 120 Change : HR$/);
        await shot(page, 'limits-measured');
      });
    },
  },
];

async function openLimits(page) {
  await page.locator('#bed-1 button.open').click();
  await page.getByRole('button', { name: 'Alarm limits' }).click();
  await page.locator('[data-testid=limit]').first().waitFor();
}
