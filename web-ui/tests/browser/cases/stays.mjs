// Discharge, transfer, swap, merge, category, and the tile of an empty bed: by keyboard alone where nothing else is said.

import assert from 'node:assert/strict';
import { GRACE, PIN, SENIOR } from '../fake-door.mjs';
import { serve, ward } from '../stays-state.mjs';
import { v } from '../ward-state.mjs';
import { PHONE, shot, withWard } from '../with-page.mjs';
import { openBed, tabTo } from './keys.mjs';

const panel = (page) => page.locator('[data-testid=panel]');
const readBack = (page) => panel(page).locator('[data-testid=read-back]');
const tile = (page, id) => page.locator(`#bed-${id}`);
const press = async (page, name) => {
  await tabTo(page, name);
  await page.keyboard.press('Enter');
};
const signIn = async (page) => {
  await page.getByLabel('Sign-in name').fill('grace');
  await page.getByLabel('PIN', { exact: true }).fill(PIN);
  await page.keyboard.press('Enter');
};
/** Arrow keys go through what is to be chosen. */
const choose = async (page, first, name) => {
  await tabTo(page, first);
  for (let presses = 0; presses < 20; presses += 1) {
    const at = await page.evaluate(() => (document.activeElement.checked === true ? document.activeElement.labels[0].textContent.trim() : ''));
    if (at.startsWith(name)) return;
    await page.keyboard.press(presses === 0 ? 'Space' : 'ArrowDown');
  }
  assert.fail(`no choice ${name}`);
};

export function withStays(browser, options, run) {
  const lab = ward();
  const { who = GRACE, ...more } = options;
  const setup = (server) => {
    serve(server, lab);
    server.door.person = who;
  };
  return withWard(browser, { state: lab.state, setup, ...more }, (context) => run({ ...context, ...lab }));
}

export const staysCases = [
  {
    name: 'i3_a_patient_is_discharged_by_keyboard_after_the_identity_was_read_back_and_the_tile_says_that_the_bed_is_empty',
    run: (browser) =>
      withStays(browser, {}, async ({ page, server }) => {
        await openBed(page, 1);
        await press(page, 'Discharge');
        const go = panel(page).getByRole('button', { name: 'Discharge', exact: true });
        assert.ok(await go.isDisabled(), 'nothing is chosen beforehand');
        await choose(page, 'Home', 'To a hospital');
        assert.match(await readBack(page).innerText(), /Doe Jane, PT-0007, 1960-01-01, F[^]*To a hospital[^]*The stay ends and Bed 1 is empty/);
        await press(page, 'Discharge');
        await panel(page).locator('[data-testid=identity]', { hasText: 'Bed is empty' }).waitFor();
        assert.deepEqual(server.commands, [{ path: '/api/v1/beds/1/discharge', body: { saw: 'unidentified-1', disposition: 'hospital' } }]);
        assert.doesNotMatch(await page.locator('body').innerText(), /Doe|J\. D\./, 'not a word of whoever left');
        assert.equal(await panel(page).locator('[data-testid=gone]').count(), 0, 'it was this screen that said so');
        assert.equal(await panel(page).getByRole('button', { name: /Discharge|another bed|Specimen/ }).count(), 0, 'nobody lies there');
      }),
  },
  {
    name: 'i9_a_discharge_whose_session_broke_off_asks_for_the_pin_in_place_and_then_goes_on',
    run: (browser) =>
      withStays(browser, {}, async ({ page, server }) => {
        await openBed(page, 1);
        await press(page, 'Discharge');
        await choose(page, 'Home', 'Home');
        server.door.person = null;
        await press(page, 'Discharge');
        await page.locator('[data-testid=want]', { hasText: 'Discharge from Bed 1' }).waitFor();
        assert.equal(server.commands.length, 0);
        await signIn(page);
        await panel(page).locator('[data-testid=identity]', { hasText: 'Bed is empty' }).waitFor();
        assert.equal(server.commands.length, 1);
      }),
  },
  {
    name: 'a_discharge_that_the_post_refuses_says_why_where_it_happens',
    run: (browser) =>
      withStays(browser, {}, async ({ page, server }) => {
        await openBed(page, 1);
        await press(page, 'Discharge');
        await choose(page, 'Home', 'Home');
        server.answer = { status: 409, body: { error: 'somebody else lies there since you looked' } };
        await press(page, 'Discharge');
        await panel(page).getByText('Not saved: somebody else lies there since you looked').waitFor();
        assert.equal(await tile(page, 1).locator('[data-testid=initials]').innerText(), 'J. D.');
      }),
  },
  {
    name: 'i3_a_form_about_a_patient_who_has_left_meanwhile_is_put_away_and_says_so',
    run: (browser) =>
      withStays(browser, {}, async ({ page, server, chart, draw }) => {
        await openBed(page, 1);
        await press(page, 'Discharge');
        await choose(page, 'Home', 'Home');
        chart.admissions[1] = '1-00000001aabbccdd-7';
        chart.beds[1] = { identity: null, identified_by: 'Kofi', specimens: [], results: [] };
        chart.revision += 1;
        draw();
        server.push();
        await panel(page).locator('[data-testid=gone]', { hasText: 'Somebody else lies here now' }).waitFor();
        assert.equal(await panel(page).locator('form').count(), 0);
        await press(page, 'Discharge');
        assert.equal(await panel(page).locator('[data-testid=gone]').count(), 0);
        await choose(page, 'Home', 'Home');
        assert.match(await readBack(page).innerText(), /Nobody has said who lies here/);
        await press(page, 'Discharge');
        await panel(page).locator('[data-testid=identity]', { hasText: 'Bed is empty' }).waitFor();
        assert.equal(server.commands.at(-1).body.saw, '1-00000001aabbccdd-7');
      }),
  },
  {
    name: 'i3_a_patient_goes_to_an_empty_bed_by_keyboard_and_the_panel_goes_along',
    run: (browser) =>
      withStays(browser, {}, async ({ page, server }) => {
        await openBed(page, 1);
        await press(page, 'To another bed');
        await choose(page, 'Bed 2', 'Bed 3');
        assert.match(await readBack(page).innerText(), /Goes to Bed 3\s+J\. D\. \(Doe Jane, PT-0007[^]*Bed 1 is empty then/);
        assert.equal(await panel(page).locator('[data-testid=swap]').count(), 0);
        await press(page, 'Transfer');
        await panel(page).getByRole('heading', { name: 'Bed 3: patient' }).waitFor();
        await panel(page).getByText('Doe Jane').waitFor();
        assert.deepEqual(server.commands, [
          { path: '/api/v1/beds/1/transfer', body: { saw: 'unidentified-1', to: '3', to_saw: 'unidentified-3', swap: false } },
        ]);
        assert.equal(await tile(page, 3).locator('[data-testid=initials]').innerText(), 'J. D.');
        assert.equal(await tile(page, 1).locator('[data-testid=initials]').count(), 0);
      }),
  },
  {
    name: 'i3_a_bed_that_is_not_empty_says_that_it_is_a_swap_and_names_both_and_asks_anew_when_it_changes',
    run: (browser) =>
      withStays(browser, {}, async ({ page, server, chart, draw }) => {
        await openBed(page, 1);
        await press(page, 'To another bed');
        await choose(page, 'Bed 2', 'Bed 2');
        assert.match(await panel(page).locator('[data-testid=swap]').innerText(), /Bed 2 is not empty: the two patients swap their beds/);
        assert.match(await readBack(page).innerText(), /Goes to Bed 2\s+J\. D\.[^]*Goes to Bed 1\s+A\. K\./);
        chart.admissions[2] = '2-00000001aabbccdd-7';
        chart.beds[2].identity = { ids: [], family: 'Owusu', given: 'Esi', born: null, sex: '' };
        draw();
        server.push();
        await panel(page).getByText('It is not as it was in Bed 2 any more: choose again').waitFor();
        assert.equal(await readBack(page).count(), 0);
        await choose(page, 'Bed 2', 'Bed 2');
        assert.match(await readBack(page).innerText(), /Goes to Bed 1\s+E\. O\./);
        await press(page, 'Swap the two patients');
        await panel(page).getByRole('heading', { name: 'Bed 2: patient' }).waitFor();
        assert.deepEqual(server.commands, [
          { path: '/api/v1/beds/1/transfer', body: { saw: 'unidentified-1', to: '2', to_saw: '2-00000001aabbccdd-7', swap: true } },
        ]);
        assert.equal(await tile(page, 1).locator('[data-testid=initials]').innerText(), 'E. O.');
      }),
  },
  {
    name: 'i3_somebody_unknown_turns_out_to_be_an_earlier_patient_after_both_identities_were_read_back',
    run: (browser) =>
      withStays(browser, { who: SENIOR }, async ({ page, server }) => {
        await openBed(page, 4);
        await press(page, 'Was here before');
        await panel(page).getByText('Mensah Kofi').waitFor();
        assert.match(await panel(page).locator('form').innerText(), /Bed 2, Sat 27 Feb \d\d:\d\d to Wed 3 Mar \d\d:\d\d, Home/);
        await choose(page, 'Mensah', 'Mensah');
        assert.match(await readBack(page).innerText(), /In Bed 4\s+Nobody said who it was\s+Earlier stay\s+Mensah Kofi, PT-0003, 1990-02-11, M[^]*cannot be taken back/);
        await press(page, 'It is the same person');
        await panel(page).locator('[data-testid=identity]', { hasText: 'Mensah Kofi' }).waitFor();
        await panel(page).getByText('1 earlier stay counts as this patient too').waitFor();
        await panel(page).locator('[data-testid=result]', { hasText: 'Glucose' }).waitFor();
        assert.deepEqual(server.commands, [{ path: '/api/v1/beds/4/merge', body: { saw: 'unidentified-4', into: 'kofi-1' } }]);
      }),
  },
  {
    name: 'i9_a_nurse_may_not_merge_and_a_merge_that_is_refused_says_why',
    run: (browser) =>
      withStays(browser, {}, async ({ page, server }) => {
        await openBed(page, 4);
        assert.equal(await panel(page).getByRole('button', { name: 'Was here before' }).count(), 0);
        server.door.person = SENIOR;
        await page.reload();
        await page.waitForSelector('[data-testid=bed]');
        await openBed(page, 4);
        await press(page, 'Was here before');
        await choose(page, 'Mensah', 'Nobody said who it was');
        server.answer = { status: 409, body: { error: 'their dates of birth differ' } };
        await press(page, 'It is the same person');
        await panel(page).getByText('Not saved: their dates of birth differ').waitFor();
      }),
  },
  {
    name: 'many_earlier_stays_are_searched_by_name_or_number',
    run: (browser) =>
      withStays(browser, { who: SENIOR }, async ({ page, chart }) => {
        chart.earlier = Array.from({ length: 64 }, (_, n) => ({
          ...chart.earlier[0], admission: `a-${n}`, identity: { ...chart.earlier[0].identity, ids: [`PT-1${String(n).padStart(2, '0')}`] },
        }));
        await openBed(page, 4);
        await press(page, 'Was here before');
        await panel(page).getByLabel('Name or number').fill('pt-107');
        const stays = panel(page).getByRole('radio');
        await page.waitForFunction(() => document.querySelectorAll('[data-testid=panel] input[type=radio]').length === 1);
        await stays.check();
        // The list stays as it is while values come, and what was chosen stays in it whatever is typed.
        await page.waitForTimeout(2500);
        assert.ok(await stays.isChecked());
        await panel(page).getByLabel('Name or number').fill('nobody');
        assert.match(await readBack(page).innerText(), /PT-107/);
        assert.equal(await stays.count(), 1);
      }),
  },
  {
    name: 'a_new_patient_gets_a_category_and_a_correction_never_loses_it',
    run: (browser) =>
      withStays(browser, {}, async ({ page, server }) => {
        await openBed(page, 1);
        await press(page, 'Admit');
        await choose(page, 'The same patient', 'A new patient');
        const category = panel(page).getByLabel('Alarm limits as for');
        assert.equal(await category.inputValue(), '', 'as the bed is set up');
        await panel(page).getByLabel('Family name').fill('Owusu');
        await category.selectOption('child');
        await press(page, 'Save');
        await tile(page, 1).getByText('Child').waitFor();
        assert.equal(server.commands[0].body.category, 'child');
        await press(page, 'Admit');
        await choose(page, 'The same patient', 'The same patient');
        assert.equal(await category.inputValue(), 'child');
        await panel(page).getByLabel('Given names').fill('Esi');
        await press(page, 'Save');
        await panel(page).getByText('Owusu Esi').waitFor();
        assert.deepEqual([server.commands[1].body.change, server.commands[1].body.category], ['same', 'child']);
      }),
  },
  {
    name: 'i4_an_empty_bed_looks_neither_live_nor_broken_and_a_finger_admits_somebody_there_after_the_sign_in',
    run: (browser) =>
      withStays(browser, { who: null, viewport: PHONE }, async ({ page, server }) => {
        const empty = tile(page, 3);
        assert.equal(await empty.locator('[data-testid=slot]').count(), 0);
        assert.match(await empty.innerText(), /Bed is empty/);
        assert.doesNotMatch(await empty.innerText(), /NO DATA|LIVE|DISCONNECTED|--|\d (s|min)/);
        assert.equal(await empty.locator('[data-testid=initials]').count(), 0);
        const admit = empty.getByRole('button', { name: 'Admit a patient' });
        const box = await admit.boundingBox();
        assert.ok(box.height >= 56, `${box.height} px`);
        await admit.click();
        await signIn(page);
        await panel(page).getByLabel('Family name').fill('Owusu');
        assert.equal(await panel(page).getByRole('radio').count(), 0, 'it can only be somebody new');
        await panel(page).getByRole('button', { name: 'Save' }).click();
        await panel(page).getByText('Owusu').waitFor();
        assert.equal(server.commands[0].body.change, 'new');
        assert.equal(await empty.locator('[data-testid=empty]').count(), 0);
      }),
  },
  {
    name: 'i4_values_that_come_from_an_empty_bed_are_shown_and_what_is_said_of_it_is_asked_anew_when_it_is_empty_no_more',
    run: (browser) =>
      withStays(browser, {}, async ({ page, server, state, chart, draw }) => {
        await openBed(page, 3);
        await press(page, 'Admit a patient');
        await panel(page).getByLabel('Family name').fill('Owusu');
        state.beds[2] = { ...state.beds[2], link: 'live', values: [v('spo2', '91'), v('pr', null, { reason: 'probe_off' })] };
        server.push();
        await tile(page, 3).getByText('Empty, values come').waitFor();
        assert.equal(await tile(page, 3).locator('[data-slot=spo2] [data-testid=digits]').innerText(), '91');
        assert.equal(await tile(page, 3).locator('[data-slot=heart]').getAttribute('data-state'), 'absent', 'no fault of an empty bed');
        await shot(page, 'stays-empty-with-values');
        chart.beds[3].vacant = false;
        chart.revision += 1;
        draw();
        server.push();
        await panel(page).getByText('Is it still the same patient?').waitFor();
        assert.ok(await panel(page).getByRole('button', { name: 'Save' }).isDisabled(), 'neither answer is chosen beforehand');
        assert.equal(await panel(page).getByLabel('Family name').inputValue(), 'Owusu', 'no word is lost');
        await tile(page, 3).getByText('LIVE').waitFor();
      }),
  },
];
