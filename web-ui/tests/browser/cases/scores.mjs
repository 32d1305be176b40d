// Early-warning scores: what stands on the tile, what a person enters, and who may say what.

import assert from 'node:assert/strict';
import { SENIOR } from '../fake-door.mjs';
import { serve, ward } from '../scores-state.mjs';
import { PHONE, shot, TABLET, WALL, withWard } from '../with-page.mjs';

const tile = (page, bed) => page.locator(`#bed-${bed}`);
const panel = (page) => page.locator('[data-testid=panel]');
const chip = (page, bed) => tile(page, bed).locator('[data-testid=score]');
const press = (page, name) => panel(page).getByRole('button', { name }).click();

export function withScores(browser, { who, ...options }, run) {
  const lab = ward();
  const setup = (server) => {
    serve(server, lab);
    if (who !== undefined) server.door.person = who;
  };
  return withWard(browser, { state: lab.state, setup, ...options }, (opened) => run({ ...opened, ...lab }));
}

async function openBed(page, bed) {
  await tile(page, bed).locator('.open').click();
  await panel(page).locator('[data-testid=score-panel]').waitFor();
}

/** A radio of a group, by what stands beside it. */
const choose = (page, legend, words) => panel(page).getByRole('group', { name: legend }).getByText(words, { exact: true }).click();

/** Nothing of the chip lies outside of its tile's head, and nothing is cut. */
async function fits(page, bed) {
  const [inner, outer] = [await chip(page, bed).boundingBox(), await tile(page, bed).locator('.who').boundingBox()];
  const inside = inner.x >= outer.x - 1 && inner.x + inner.width <= outer.x + outer.width + 1;
  assert.ok(inside, `bed ${bed}: ${JSON.stringify({ inner, outer })}`);
}

export const scoreCases = [
  {
    name: 'scores_on_the_tiles_say_number_band_scale_2_and_incomplete_never_by_a_colour_alone',
    run: async (browser) => {
      for (const [name, viewport] of Object.entries({ tablet: TABLET, wall: WALL, phone: PHONE })) {
        await withScores(browser, { viewport }, async ({ page }) => {
          const said = async (bed) => (await chip(page, bed).innerText()).replace(/\s+/g, ' ');
          assert.match(await said(1), /^NEWS2 – incomplete/);
          assert.match(await said(2), /^NEWS2 1 low$/);
          assert.match(await said(3), /^NEWS2 5 medium scale 2$/);
          assert.match(await said(4), /^NEWS2 9 high$/);
          assert.match(await said(5), /^PEWS – incomplete/);
          assert.match(await said(6), /^NEWS2 3 low, one red$/);
          for (const bed of [3, 4, 6]) assert.equal(await chip(page, bed).locator('svg').count(), 1, 'a shape beside the number');
          for (const bed of [1, 2, 3, 4, 5, 6]) await fits(page, bed);
          assert.match(await tile(page, 3).locator('[data-testid=alarm]').innerText(), /NEWS2.5: medium/);
          assert.match(await tile(page, 4).locator('[data-testid=alarm]').innerText(), /NEWS2.9: high/);
          await shot(page, `scores-${name}`);
        });
      }
    },
  },
  {
    name: 'e2_a_nurse_enters_what_was_found_sees_what_comes_of_it_and_takes_it_back',
    run: (browser) =>
      withScores(browser, {}, async ({ page, server }) => {
        await openBed(page, 1);
        const shown = panel(page).locator('[data-testid=score-panel]');
        assert.match(await shown.innerText(), /Missing or too old: Breathing, Air or oxygen, Consciousness, Temperature/);
        assert.match(await shown.innerText(), /age not recorded/);
        await press(page, 'Enter what you found');
        const save = panel(page).getByRole('button', { name: 'Save' });
        assert.ok(await save.isDisabled(), 'nothing is chosen beforehand');
        await choose(page, 'Consciousness', 'newly confused');
        await choose(page, 'Air or oxygen', 'Air');
        await panel(page).getByLabel('Temperature °C').fill('36,8');
        await panel(page).getByLabel('Breaths in a minute').fill('22');
        await shot(page, 'scores-form');
        await save.click();
        await panel(page).getByText('by Grace O.').first().waitFor();
        assert.deepEqual(server.commands[0], {
          path: '/api/v1/beds/1/observe',
          body: { saw: 'unidentified-1', consciousness: 'C', oxygen: 'air', temp: '36.8', rr: '22', minutes_ago: 0 },
        });
        // What the post makes of it comes over the live connection, a moment after the answer.
        await chip(page, 1).filter({ hasText: '5' }).waitFor();
        assert.match(await shown.innerText(), /score at \d\d:\d\d by Grace O\.[^]*Could this be sepsis\?/);
        const row = shown.locator('[data-part=acvpu]');
        assert.match(await row.innerText(), /Consciousness\s+C\s+\d+ s\s+Grace O\.\s+3/);
        assert.match(await shown.locator('[data-part=spo2]').innerText(), /SpO2\s+97.%\s+\d+ s\s+monitor\s+0/);
        await shot(page, 'scores-panel');
        await press(page, 'Take back');
        await panel(page).getByText('taken back by Grace O.').waitFor();
        assert.equal(server.commands[1].body.entry, '00000001aabbccdd-1');
        await chip(page, 1).filter({ hasText: '–' }).waitFor();
      }),
  },
  {
    name: 'i9_the_saturation_scale_is_for_a_senior_nurse_or_a_doctor_to_say_and_stands_there_with_the_name',
    run: async (browser) => {
      await withScores(browser, {}, async ({ page }) => {
        await openBed(page, 1);
        await press(page, 'Pregnancy, pacemaker, SpO2 scale');
        await panel(page).getByRole('group', { name: 'Pacemaker' }).waitFor();
        assert.equal(await panel(page).getByRole('group', { name: 'SpO2 scale of NEWS2' }).count(), 0);
      });
      await withScores(browser, { who: SENIOR }, async ({ page, server }) => {
        await openBed(page, 1);
        await press(page, 'Pregnancy, pacemaker, SpO2 scale');
        await choose(page, 'SpO2 scale of NEWS2', 'Scale 2: target 88 to 92 %');
        await choose(page, 'Pacemaker', 'Yes');
        await panel(page).getByRole('button', { name: 'Save' }).click();
        await panel(page).locator('[data-testid=scale-said]', { hasText: 'Ama Mensah' }).waitFor();
        const sent = server.commands.map(({ path, body }) => [path.split('/').at(-1), body]);
        assert.deepEqual(sent, [
          ['care', { saw: 'unidentified-1', paced: true }],
          ['spo2-scale', { saw: 'unidentified-1', scale: 2 }],
        ]);
        assert.equal(await chip(page, 1).locator('[data-testid=scale2]').count(), 1);
      });
    },
  },
];
