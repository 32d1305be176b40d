// Patients, specimens and laboratory results: by keyboard alone where nothing else is said.

import assert from 'node:assert/strict';
import { centreState } from '../centre-state.mjs';
import { identity, result, serve, ward } from '../lab-state.mjs';
import { PHONE, WALL, shot, withCentre, withWard } from '../with-page.mjs';
import { openBed, tabTo } from './keys.mjs';

const panel = (page) => page.locator('[data-testid=panel]');
const results = (page) => page.locator('[data-testid=panel] [data-testid=result]');

function withLab(browser, options, run) {
  const lab = ward();
  return withWard(browser, { state: lab.state, setup: (server) => serve(server, lab), ...options }, (context) => run({ ...context, ...lab }));
}

export const laboratoryCases = [
  {
    name: 'a_critical_result_is_named_with_test_value_and_unit_and_the_wall_shows_initials_only',
    run: (browser) =>
      withLab(browser, {}, async ({ page }) => {
        assert.match(await page.locator('#bed-1 [data-testid=alarm]').innerText(), /Haemoglobin\s6\.9\sg\/dL critically low/);
        assert.equal(await page.locator('#bed-1 [data-testid=initials]').innerText(), 'J. D.');
        assert.doesNotMatch(await page.locator('body').innerText(), /Doe|PT-0007|1960/);
      }),
  },
  {
    name: 'a_nurse_reads_results_by_keyboard_newest_first_with_flag_in_words_and_whose_time_it_is',
    run: (browser) =>
      withLab(browser, {}, async ({ page }) => {
        await openBed(page, 1);
        assert.equal(await panel(page).locator('[data-testid=identity]').innerText(), 'Doe Jane, PT-0007, 1960-01-01, F');
        await results(page).nth(3).waitFor();
        const rows = await results(page).allInnerTexts();
        assert.match(rows[0], /Haemoglobin\s+6\.9 g\/dL\s+CRITICALLY LOW[^]*range 12\.0-16\.0[^]*came 14:04, 2 min ago[^]*sysmex says 2027-03-04 13:55:00[^]*Specimen S-1001/);
        assert.match(rows[1], /Potassium\s+5\.9 mmol\/L\s+HIGH\s+corrected[^]*was 6\.9 mmol\/L/);
        assert.match(rows[2], /came Wed 3 Mar 12:37, 25 h ago/);
        assert.match(rows[3], /HIV\s+--\s+still to come[^]*came before the restart[^]*assigned by Grace O\./);
        await page.keyboard.press('Escape');
        await panel(page).waitFor({ state: 'detached' });
        assert.equal(await page.evaluate(() => document.activeElement.id), 'bed-1', 'back where it was opened');
      }),
  },
  {
    name: 'a_bed_whose_patient_nobody_named_says_what_to_do',
    run: (browser) =>
      withLab(browser, {}, async ({ page }) => {
        await openBed(page, 2);
        await panel(page).getByText('Nobody has said who lies here').waitFor();
        await panel(page).getByText('Write down the number of each specimen').waitFor();
      }),
  },
  {
    name: 'i3_who_lies_there_is_said_by_keyboard_and_a_new_patient_begins_with_nothing_of_the_one_before',
    run: (browser) =>
      withLab(browser, {}, async ({ page, server }) => {
        await openBed(page, 1);
        await tabTo(page, 'Admit');
        await page.keyboard.press('Enter');
        const save = panel(page).getByRole('button', { name: 'Save' });
        assert.ok(await save.isDisabled(), 'neither answer is chosen beforehand');
        await tabTo(page, 'The same patient');
        await page.keyboard.press('ArrowDown');
        await panel(page).getByText('From now on all values and results').waitFor();
        assert.equal(await panel(page).getByLabel('Family name').inputValue(), '', 'not the words of the one before');
        await tabTo(page, 'Family name');
        await page.keyboard.type('Karim');
        await tabTo(page, 'Given names');
        // As fingers type: what comes faster and ends with Enter was scanned.
        await page.keyboard.type('Abdul', { delay: 80 });
        await page.keyboard.press('Enter');
        await panel(page).getByText('Karim Abdul').waitFor();
        assert.deepEqual(server.commands, [
          {
            path: '/api/v1/beds/1/identify',
            body: { saw: 'unidentified-1', change: 'new', ids: [], family: 'Karim', given: 'Abdul', born: null, sex: '' },
          },
        ]);
        assert.equal(await results(page).count(), 0);
        assert.doesNotMatch(await panel(page).innerText(), /Doe|S-1001/);
        assert.equal(await page.locator('#bed-1 [data-testid=initials]').innerText(), 'A. K.');
      }),
  },
  {
    name: 'i3_when_somebody_else_is_identified_meanwhile_no_word_of_the_one_before_stays_on_the_panel',
    run: (browser) =>
      withLab(browser, {}, async ({ page, server, chart, draw }) => {
        await openBed(page, 1);
        await results(page).first().waitFor();
        await tabTo(page, 'Specimen taken');
        await page.keyboard.press('Enter');
        await panel(page).getByLabel('Number on its label').waitFor();
        chart.admissions[1] = '1-00000001aabbccdd-7';
        chart.beds[1] = { identity: null, identified_by: 'Kofi', specimens: [], results: [] };
        chart.revision += 1;
        draw();
        server.push();
        await panel(page).getByText('Said by Kofi').waitFor();
        assert.doesNotMatch(await panel(page).innerText(), /Doe|Haemoglobin/);
        assert.equal(await panel(page).locator('form').count(), 0, 'the form spoke of the one before');
      }),
  },
  {
    name: 'a_specimen_is_written_down_by_keyboard_and_a_refusal_says_why_and_what_to_do',
    run: (browser) =>
      withLab(browser, {}, async ({ page, server }) => {
        await openBed(page, 2);
        await tabTo(page, 'Specimen taken');
        await page.keyboard.press('Enter');
        await tabTo(page, 'Number on its label');
        await page.keyboard.type('S-1001');
        server.answer = { status: 409, body: { error: 'this specimen was taken from the patient in bed 1' } };
        await page.keyboard.press('Enter');
        await panel(page).getByText('Not saved: this specimen was taken from the patient in bed 1').waitFor();
        server.answer = { status: 200, body: {} };
        await tabTo(page, 'It was written down wrongly');
        await page.keyboard.press('Space');
        await tabTo(page, 'Save');
        await page.keyboard.press('Enter');
        await panel(page).getByText('Specimens taken: S-1001').waitFor();
        const said = { saw: 'unidentified-2', specimen: 'S-1001' };
        assert.deepEqual(server.commands.map(({ body }) => body), [{ ...said, moved: false }, { ...said, moved: true }]);
      }),
  },
  {
    name: 'h18_a_result_without_a_patient_is_assigned_by_keyboard_after_both_identities_were_read_back',
    run: (browser) =>
      withLab(browser, {}, async ({ page, server }) => {
        await page.locator('[data-testid=unassigned]', { hasText: '3 laboratory results without a patient' }).waitFor();
        await page.keyboard.press('r');
        const group = panel(page).locator('[data-testid=group]').first();
        await group.getByText('Held back: it came with another name').waitFor();
        await group.getByText('The analyser was told: Karim, PT-0007').waitFor();
        assert.equal(await panel(page).locator('[data-testid=group]').count(), 2, 'one specimen is one decision');
        await tabTo(page, 'Say whose it is');
        await page.keyboard.press('Enter');
        await tabTo(page, 'Of the patient in');
        await page.keyboard.press('ArrowDown');
        await group.locator('[data-testid=read-back]', { hasText: 'Doe Jane, PT-0007' }).waitFor();
        await tabTo(page, "It is this patient's");
        await page.keyboard.press('Enter');
        await page.locator('[data-testid=unassigned]', { hasText: '1 laboratory result without a patient' }).waitFor();
        const ids = ['00000001aabbccdd-9', '00000001aabbccdd-8'];
        assert.deepEqual(server.commands, [
          { path: '/api/v1/laboratory/assign', body: { results: ids, bed: '1', saw: 'unidentified-1' } },
        ]);
        await tabTo(page, 'Of nobody here');
        await page.keyboard.press('Enter');
        await panel(page).getByText('It leaves this list and stays in the records.').waitFor();
        await tabTo(page, 'Set aside');
        await page.keyboard.press('Enter');
        await panel(page).getByText('None. A result that fits no patient').waitFor();
        assert.equal(await page.locator('[data-testid=unassigned]').count(), 0);
      }),
  },
  {
    name: 'a_result_that_stands_with_the_wrong_patient_is_moved',
    run: (browser) =>
      withLab(browser, {}, async ({ page, server }) => {
        await openBed(page, 1);
        await results(page).first().waitFor();
        await tabTo(page, 'Wrong patient');
        await page.keyboard.press('Enter');
        await tabTo(page, 'Of the patient in');
        await page.keyboard.press('ArrowDown');
        await panel(page).locator('[data-testid=read-back]', { hasText: 'Nobody has said' }).waitFor();
        await tabTo(page, "It is this patient's");
        await page.keyboard.press('Enter');
        await page.waitForFunction(() => document.querySelectorAll('[data-testid=panel] [data-testid=result]').length === 3);
        assert.deepEqual(server.commands[0].body, { results: ['00000001aabbccdd-4'], bed: '2', saw: 'unidentified-2' });
      }),
  },
  {
    name: 'i4_what_could_not_be_asked_for_anew_says_that_it_may_be_old_and_comes_back',
    run: (browser) =>
      withLab(browser, {}, async ({ page, server, chart, draw }) => {
        await openBed(page, 1);
        await results(page).first().waitFor();
        const answers = server.told;
        server.told = (path) => (path.startsWith('/api/v1/beds/') ? { status: 503, body: { error: 'the post is busy' } } : undefined);
        chart.beds[1].results.unshift(result(5, 'Glucose', '2.1', 'mmol/L', { flag: 'critical_low', age: 1000 }));
        chart.revision += 1;
        draw();
        server.push();
        await page.locator('[data-testid=panel-old]', { hasText: 'What stands here may be old: the post is busy' }).waitFor();
        server.told = answers;
        await results(page).filter({ hasText: 'Glucose' }).waitFor();
        assert.equal(await page.locator('[data-testid=panel-old]').count(), 0);
      }),
  },
  {
    name: 'a_finger_opens_the_patient_on_a_phone_and_everything_fits',
    run: (browser) =>
      withLab(browser, { viewport: PHONE }, async ({ page }) => {
        const open = page.locator('#bed-1 .open');
        const box = await open.boundingBox();
        assert.ok(box.height >= 44 && box.width >= 44, `${box.width} x ${box.height}`);
        await open.click();
        await results(page).nth(3).waitFor();
        await panel(page).getByRole('button', { name: /^Admit/ }).click();
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= PHONE.width, `${wide} px wide`);
        await shot(page, 'ward-patient-phone');
      }),
  },
  {
    name: 'a_doctor_reads_the_results_of_a_bed_by_keyboard_and_its_critical_alert_by_name',
    run: (browser) => {
      const state = centreState();
      state.posts[0].beds[1].patient = { initials: 'J. D.', results: 1, revision: 3 };
      state.alerts.unshift({
        ...state.alerts[0], id: '00000001aabbccdd-20', condition: 'lab_critical.low.00000001aabbccdd-4', priority: 'medium', value: '6.9', limit: null,
        unit: 'g/dL', text: 'Haemoglobin', device: 'sysmex', age: 30_000,
      });
      const setup = (server) => {
        server.told = (path, now, wall) => {
          if (path !== '/api/v1/posts/kintampo/beds/2/patient') return undefined;
          const { age, first, doubt, sent, ...one } = result(4, 'Haemoglobin', '6.9', 'g/dL', { flag: 'critical_low', range: '12.0-16.0' });
          const results = [{ ...one, made_wall_ms: wall - age, received_wall_ms: wall - 300_000 }];
          return { body: { identity: identity('Doe', 'Jane', 'PT-0007', '1960-01-01', 'F'), results, left_out: 0 } };
        };
      };
      return withCentre(browser, { state, setup, viewport: { width: 1280, height: 1300 } }, async ({ page }) => {
        assert.match(await page.locator('[data-testid=alert]').first().innerText(), /Haemoglobin\s6\.9\sg\/dL critically low/);
        assert.doesNotMatch(await page.locator('body').innerText(), /Doe|PT-0007/, 'initials until somebody looks');
        await tabTo(page, 'Patient and laboratory');
        await page.keyboard.press('Enter');
        const told = page.locator('[data-testid=remote-patient]');
        await told.getByText('Doe Jane, PT-0007, 1960-01-01, F').waitFor();
        assert.match(await told.innerText(), /6\.9 g\/dL\s+CRITICALLY LOW[^]*at the post 13:57, here 14:02/);
        await shot(page, 'centre-patient');
      });
    },
  },
  ...[
    ['tablet', {}, 1], ['light', { theme: 'light' }, 1], ['french', { language: 'fr' }, 1], ['wall', { viewport: WALL }, 1], ['unknown', {}, 2],
  ].map(([name, options, bed]) => ({
    name: `picture patient-${name}`,
    run: (browser) =>
      withLab(browser, options, async ({ page }) => {
        await openBed(page, bed);
        await shot(page, `ward-patient-${name}`);
      }),
  })),
  {
    name: 'picture laboratory-without-a-patient',
    run: (browser) =>
      withLab(browser, { viewport: { width: 1280, height: 1000 } }, async ({ page }) => {
        await page.keyboard.press('r');
        await panel(page).getByRole('button', { name: 'Say whose it is' }).first().click();
        await panel(page).getByLabel('Of the patient in').selectOption('1');
        await panel(page).locator('[data-testid=read-back]', { hasText: 'Doe' }).waitFor();
        await shot(page, 'ward-laboratory');
      }),
  },
  {
    name: 'picture identify',
    run: (browser) =>
      withLab(browser, { viewport: { width: 1280, height: 1000 } }, async ({ page }) => {
        await openBed(page, 1);
        await panel(page).getByRole('button', { name: /^Admit/ }).click();
        await panel(page).getByLabel('A new patient').check();
        await shot(page, 'ward-identify');
      }),
  },
];
