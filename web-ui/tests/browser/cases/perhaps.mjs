// A bed that was not heard for long: the page asks whether it is still the same patient, and says so until a person answers.

import assert from 'node:assert/strict';
import { silent } from '../stays-state.mjs';
import { assertClean } from './axe.mjs';
import { openBed, tabTo } from './keys.mjs';
import { withStays } from './stays.mjs';

const NARROW = { width: 360, height: 740 };
const tile = (page) => page.locator('#bed-1');
const form = (page) => page.locator('[data-testid=perhaps-form]');
const identity = (page, words) => page.locator('[data-testid=panel] [data-testid=identity]', { hasText: words });
const press = async (page, name) => {
  await tabTo(page, name);
  await page.keyboard.press('Enter');
};
const open = async (page) => {
  await page.keyboard.press('1');
  await page.keyboard.press('Enter');
  await form(page).waitFor();
};
const withSilent = (browser, options, run) =>
  withStays(browser, options, async (context) => {
    silent(context);
    context.server.push();
    await tile(context.page).locator('[data-testid=perhaps]').waitFor();
    await run(context);
  });

export const perhapsCases = [
  {
    name: 'i3_a_bed_that_was_not_heard_for_long_says_on_its_tile_that_nobody_knows_whose_its_values_are',
    run: (browser) =>
      withSilent(browser, {}, async ({ page }) => {
        assert.equal(await tile(page).locator('[data-testid=perhaps]').innerText(), '? Same patient?');
        assert.equal(await tile(page).locator('[data-testid=initials]').count(), 0, 'of nobody there are no initials');
        const names = await tile(page).locator('[data-testid=slot] .name').allInnerTexts();
        const digits = await tile(page).locator('[data-testid=digits]').allInnerTexts();
        const marked = names.map((name) => name.includes('?'));
        assert.deepEqual(marked, digits.map((text) => /[0-9]/.test(text)), 'each number, and nothing else, has the mark');
        assert.doesNotMatch((await page.locator('#bed-2 [data-testid=slot] .name').allInnerTexts()).join(), /[?]/);
      }),
  },
  {
    name: 'i9_the_same_patient_is_one_press_after_who_it_was_was_read',
    run: (browser) =>
      withSilent(browser, {}, async ({ page, server }) => {
        await open(page);
        assert.match(await form(page).innerText(), /Is it still the same patient\?[^]*nobody's[^]*Doe Jane, PT-0007, 1960-01-01, F/);
        const acts = page.locator('[data-testid=panel]').getByRole('button', { name: /Discharge|another bed|Specimen|here before|Admit/ });
        assert.equal(await acts.count(), 0, 'nothing else is said before the answer');
        await press(page, 'Yes, the same patient');
        await identity(page, 'Doe Jane').waitFor();
        assert.deepEqual(server.commands, [{ path: '/api/v1/beds/1/same-patient', body: { saw: '1-00000001aabbccdd-9', lies: 'same' } }]);
        await tile(page).locator('[data-testid=initials]', { hasText: 'J. D.' }).waitFor();
        assert.equal(await tile(page).locator('[data-testid=perhaps]').count(), 0);
      }),
  },
  {
    name: 'i9_somebody_else_is_read_back_and_then_named_of_the_same_stay',
    run: (browser) =>
      withSilent(browser, {}, async ({ page, server }) => {
        await open(page);
        await press(page, 'Somebody else');
        assert.match(await form(page).locator('[data-testid=read-back]').innerText(), /Doe Jane[^]*Somebody else[^]*are the new patient's/);
        assert.equal(server.commands.length, 0, 'read back before it is done');
        await press(page, 'Save');
        await page.getByLabel('Family name').fill('Okafor');
        assert.equal(await page.locator('[data-testid=panel]').getByText('Is it still the same patient?').count(), 0, 'not asked twice');
        await press(page, 'Save');
        await identity(page, 'Okafor').waitFor();
        const [answer, named] = server.commands;
        assert.equal(answer.body.lies, 'other');
        assert.deepEqual([named.path, named.body.change, named.body.saw], ['/api/v1/beds/1/identify', 'same', '1-00000001aabbccdd-9']);
      }),
  },
  {
    name: 'an_empty_bed_is_said_and_a_refused_answer_says_why',
    run: (browser) =>
      withSilent(browser, {}, async ({ page, server }) => {
        await open(page);
        server.answer = { status: 409, body: { error: 'somebody has said who lies in bed 1 since you looked' } };
        await press(page, 'Yes, the same patient');
        await form(page).getByText('Not saved: somebody has said who lies in bed 1 since you looked').waitFor();
        server.answer = { status: 200, body: {} };
        await press(page, 'The bed is empty');
        await press(page, 'Save');
        await identity(page, 'Bed is empty').waitFor();
      }),
  },
  {
    name: 'a_question_comes_while_a_form_is_open_and_takes_it_away',
    run: (browser) =>
      withStays(browser, {}, async (context) => {
        const { page, server } = context;
        await openBed(page, 1);
        await press(page, 'Discharge');
        silent(context);
        server.push();
        await form(page).waitFor();
        assert.equal(await page.locator('[data-testid=panel] form').count(), 0);
      }),
  },
  ...['dark', 'light'].map((theme) => ({
    name: `the_question_fits_a_phone_of_360_and_has_no_fault_of_access_${theme}`,
    run: (browser) =>
      withSilent(browser, { viewport: NARROW, theme }, async ({ page }) => {
        await open(page);
        await form(page).getByRole('button', { name: 'Somebody else' }).click();
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
        await assertClean(page, 'the question');
        await page.screenshot({ path: new URL(`../../shots-out/perhaps-${theme}.png`, import.meta.url).pathname });
      }),
  })),
];
