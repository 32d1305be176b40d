// What stopped somebody who had never seen the page (docs/usability.md), and does so no more.

import assert from 'node:assert/strict';
import { alarm, stable, wardState } from '../ward-state.mjs';
import { assertClean } from './axe.mjs';
import { PHONE, shot, withWard } from '../with-page.mjs';
import { openBed, tabTo } from './keys.mjs';
import { withStays } from './stays.mjs';

const NARROW = { width: 360, height: 740 };
const beds = () => ['1', '2', '3', '4', '5', '6', '7', '8'].map((id) => stable(id));
const both = () =>
  wardState({
    beds: beds(),
    alarms: [
      alarm(1, 'limit.spo2.low', 'high', { bed: '1', value: '83', limit: '90', phase: 'acknowledged', acknowledged_by: 'Grace O.', lasted: 240_000 }),
      alarm(2, 'limit.rr.high', 'medium', { bed: '2', value: '34', limit: '30', lasted: 5_000 }),
    ],
  });
const centreOf = async (locator) => {
  const { x, y, width, height } = await locator.boundingBox();
  return [x + width / 2, y + height / 2];
};
const held = (page) => page.locator('[data-testid=held]');

export const snagCases = [
  ...[['tablet', {}], ['phone_of_360', { viewport: NARROW }]].map(([size, options]) => ({
    name: `an_acknowledged_high_alarm_stands_above_beside_a_newer_medium_one_${size}`,
    run: (browser) => {
      const state = both();
      return withWard(browser, { state, ...options }, async ({ page, server }) => {
        assert.match(await held(page).innerText(), /Bed 1[^]*SpO2.83.<.90/);
        assert.equal(await held(page).getAttribute('data-signal'), 'steady-high');
        assert.match(await page.locator('[data-testid=banner]').innerText(), /Bed 2[^]*34/);
        await page.locator('[data-testid=banner]').getByRole('button', { name: 'Acknowledge' }).waitFor();
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
        await page.screenshot({ path: new URL(`../../shots-out/held-${size}.png`, import.meta.url).pathname });
        await assertClean(page, 'both above');
        const cut = await page.locator('.banner .where, .banner .what').evaluateAll((all) =>
          all.filter((one) => {
            const [box, words] = [one, one.firstElementChild].map((each) => each.getBoundingClientRect());
            return words.bottom > box.bottom + 4 || words.right > box.right + 1;
          }).map((one) => one.textContent));
        assert.deepEqual(cut, [], 'both are said whole');
        await held(page).press('Enter');
        assert.equal(await page.evaluate(() => document.activeElement.id), 'bed-1');
        state.alarms = state.alarms.slice(1);
        server.push();
        await held(page).waitFor({ state: 'detached' });
      });
    },
  })),
  {
    name: 'what_is_written_and_not_sent_waits_when_another_bed_is_pressed_until_a_person_says_that_it_may_go',
    run: (browser) =>
      withStays(browser, {}, async ({ page, server }) => {
        const panel = page.locator('[data-testid=panel]');
        const title = (bed) => panel.getByRole('heading', { name: `Bed ${bed}: patient` });
        await openBed(page, 1);
        await panel.getByRole('button', { name: 'Write a note' }).click();
        await panel.getByRole('textbox').fill('slept badly');
        await page.locator('#bed-2 .open').click();
        await panel.getByText('What you wrote is not saved.').waitFor();
        assert.equal(await title(1).count(), 1);
        await page.getByRole('button', { name: 'Go on writing' }).press('Enter');
        assert.equal(await panel.getByRole('textbox').inputValue(), 'slept badly');
        await panel.getByRole('textbox').press('Escape');
        await panel.getByText('What you wrote is not saved.').waitFor();
        await page.keyboard.press('Escape');
        assert.equal(await panel.getByRole('textbox').inputValue(), 'slept badly');
        await page.locator('#bed-2 .open').click();
        await page.getByRole('button', { name: 'Leave without saving' }).click();
        await title(2).waitFor();
        assert.deepEqual(server.commands, []);
        await page.locator('#bed-1 .open').click();
        await title(1).waitFor();
      }),
  },
  {
    name: 'a_finger_anywhere_on_a_tile_opens_its_patient_and_the_name_of_the_bed_stays_above_what_is_read',
    run: (browser) =>
      withStays(browser, {}, async ({ page }) => {
        await page.mouse.click(...(await centreOf(page.locator('#bed-2 [data-slot=spo2]'))));
        const title = page.getByRole('heading', { name: 'Bed 2: patient' });
        await title.waitFor();
        await page.keyboard.press('3');
        await page.getByRole('heading', { name: 'Bed 3: patient' }).waitFor();
        await page.mouse.move(...(await centreOf(page.locator('[data-testid=panel]'))));
        await page.mouse.wheel(0, 4000);
        await page.waitForTimeout(300);
        const [panel, heading] = [await page.locator('[data-testid=panel]').boundingBox(), await page.getByRole('heading', { name: 'Bed 3: patient' }).boundingBox()];
        assert.ok(heading.y >= panel.y && heading.y < panel.y + 60, JSON.stringify([panel, heading]));
      }),
  },
  {
    name: 'a_second_press_of_the_key_that_acknowledged_acknowledges_nothing_else',
    run: (browser) => {
      const state = both();
      state.alarms = state.alarms.map((one) => ({ ...one, phase: 'active', acknowledged_by: null }));
      return withWard(browser, { state }, async ({ page, server }) => {
        server.onCommand = (path) => {
          state.alarms = state.alarms.map((one) => (path.includes(one.id) ? { ...one, phase: 'acknowledged', acknowledged_by: 'Grace O.' } : one));
        };
        await page.keyboard.press('a');
        await page.keyboard.press('Enter');
        await page.locator('#bed-1 [data-phase=acknowledged]').waitFor();
        await page.waitForTimeout(1000);
        await page.keyboard.press('Enter');
        await page.waitForTimeout(300);
        assert.equal(server.commands.length, 1);
      });
    },
  },
  {
    name: 'an_alarm_that_came_back_counts_from_then_and_says_again',
    run: (browser) => {
      const state = both();
      state.alarms = [alarm(1, 'limit.spo2.low', 'high', { bed: '1', value: '83', limit: '90', lasted: 121_000, again: 12_000, onsets: 2 })];
      return withWard(browser, { state }, async ({ page }) => {
        assert.match(await page.locator('#bed-1 .elapsed').innerText(), /again 0:1[2-9]/);
        assert.match(await page.locator('[data-testid=banner] .elapsed').innerText(), /again 0:1[2-9]/);
      });
    },
  },
  {
    name: 'an_acknowledgement_says_when_the_alarm_calls_again_and_one_that_called_again_says_why',
    run: (browser) => {
      const state = both();
      state.alarms[0] = { ...state.alarms[0], callsIn: 480_000 };
      return withWard(browser, { state }, async ({ page, server }) => {
        await page.keyboard.press('l');
        const row = page.locator('aside [data-testid=alarm]', { hasText: 'SpO2' });
        assert.match(await row.locator('[data-testid=calls-again]').innerText(), /calls again at 14:\d\d if it still holds/);
        assert.match(await row.innerText(), /Acknowledged by Grace O\./);
        await shot(page, 'calls-again-tablet');
        for (const [why, words] of [['still_there', 'still there'], ['worse', 'worse now']]) {
          const recalled = { why, age: 600_000 };
          state.alarms = [alarm(1, 'limit.spo2.low', 'high', { bed: '1', value: '83', limit: '90', lasted: 637_000, onsets: 2, recalled }), state.alarms[1]];
          server.push();
          await page.locator('#bed-1 [data-testid=recalled]', { hasText: words }).waitFor();
          await row.locator('[data-testid=recalled]', { hasText: words }).waitFor();
          assert.match(await row.locator('[data-testid=recalled]').innerText(), /^Acknowledged at 13:5\d, /);
        }
        assert.equal(await row.locator('[data-testid=calls-again]').count(), 0);
        await shot(page, 'recalled-tablet');
        await assertClean(page, 'called again');
      });
    },
  },
  {
    name: 'why_a_pause_ended_before_its_time_stands_where_it_was',
    run: (browser) => {
      const state = both();
      state.signals = { pauses: [], floods: [], early_ends: [{ bed: '1', why: 'another_patient', alarm: null, at_ms: 0 }, { bed: null, why: 'new_alarm', alarm: state.alarms[1].id, at_ms: 0 }] };
      return withWard(browser, { state, viewport: PHONE }, async ({ page, server }) => {
        assert.equal(await page.locator('#bed-1 [data-testid=early-end]').innerText(), 'SOUND ON: another patient');
        assert.equal(await page.locator('#bed-2 [data-testid=early-end]').count(), 0);
        assert.match(await page.locator('[data-testid=post-early-end]').innerText(), /SOUND ON again before its time: new alarm at Bed 2/);
        state.signals = { pauses: [{ bed: '1', what: 'audio_paused', left: 100_000, by: 'Grace O.' }], floods: [], early_ends: [] };
        server.push();
        await page.locator('#bed-1 [data-testid=early-end]').waitFor({ state: 'detached' });
      });
    },
  },
  {
    name: 'a_device_is_moved_to_a_bed_from_the_bed_s_own_panel_by_keyboard',
    run: (browser) =>
      withStays(browser, {}, async ({ page, server }) => {
        await openBed(page, 2);
        await tabTo(page, 'Monitor to this bed');
        await page.keyboard.press('Enter');
        await page.locator('[data-testid=device-for]', { hasText: 'Bed 2' }).waitFor();
        const elsewhere = page.locator('[data-testid=device]').filter({ hasNotText: 'Bed 2' }).first();
        const device = await elsewhere.getAttribute('data-device');
        const row = page.locator(`[data-device="${device}"]`);
        await tabTo(page, `Move: ${device}`);
        await page.keyboard.press('Enter');
        assert.match(await row.locator('[data-testid=read-back]').innerText(), /Bed 2/, 'the bed is chosen, and read back');
        await row.locator('button[type=submit]').press('Enter');
        await row.locator('[data-testid=place]', { hasText: 'Bed 2' }).waitFor();
        assert.deepEqual([server.commands[0].path, server.commands[0].body.bed], [`/api/v1/devices/${device}/bind`, '2']);
      }),
  },
  {
    name: 'beside_a_panel_the_lowest_beds_are_named_with_their_alarm_and_one_press_away',
    run: (browser) => {
      const state = both();
      state.alarms.push(alarm(3, 'limit.hr.high', 'high', { bed: '8', value: '140', limit: '120' }));
      return withWard(browser, { state }, async ({ page }) => {
        const below = page.locator('[data-testid=beds-below]');
        assert.equal(await below.count(), 0, 'all beds are to be seen');
        await page.keyboard.press('l');
        await below.waitFor();
        const names = await below.getByRole('button').allInnerTexts();
        assert.ok(names.some((name) => name.endsWith('Bed 8')), names.join());
        assert.equal(await below.getByRole('button', { name: 'Bed 8' }).getAttribute('data-signal'), 'high');
        await page.screenshot({ path: new URL('../../shots-out/beds-below.png', import.meta.url).pathname });
        await assertClean(page, 'beds below');
        await below.getByRole('button', { name: 'Bed 8' }).press('Enter');
        await page.waitForFunction(() => document.activeElement.id === 'bed-8');
        const box = await page.locator('#bed-8').boundingBox();
        assert.ok(box.y + box.height <= 800, 'it is on the screen');
        assert.ok((await page.locator('aside').boundingBox()).y < 400, 'and the panel still is');
      });
    },
  },
];
