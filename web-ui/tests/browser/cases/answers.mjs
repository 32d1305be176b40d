// What doctors do with alarms, on both pages: every step with its time, and nothing is silenced (I6).

import assert from 'node:assert/strict';
import { alert, centreState } from '../centre-state.mjs';
import { PHONE, shot, withCentre, withWard } from '../with-page.mjs';
import { alarm, bed, v, wardState } from '../ward-state.mjs';

const alerts = (page) => page.locator('[data-testid=alert]');
const ALERT = '/api/v1/alerts/kintampo/00000001aabbccdd-9';
const DOCTORS = { doctors: [{ id: 'boateng', name: 'Dr Ama Boateng' }, { id: 'mensah', name: 'Dr K. Mensah' }] };

function toldDoctors(server) {
  server.told = (path) => (path === '/api/v1/doctors' ? { body: DOCTORS } : undefined);
}

const step = (what, by, age, more = {}) => ({ what, by, age, ...more });

export const answerCases = [
  {
    name: 'i6_a_doctor_accepts_by_keyboard_and_hands_over_and_stays_responsible_until_the_other_has_it',
    run: (browser) => {
      const state = centreState();
      return withCentre(browser, { state, setup: toldDoctors }, async ({ page, server }) => {
        server.answer = { status: 202, body: { command: '00ff' } };
        server.onCommand = (path, body, by) => {
          const one = state.alerts[0];
          if (path.endsWith('/accept')) Object.assign(one, { state: 'accepted', responsible: { by, by_id: 'boateng', confirmed: false } });
          if (path.endsWith('/offer')) Object.assign(one.responsible, { offered_to: 'Dr K. Mensah', offered_to_id: body.to });
        };
        const first = alerts(page).first();
        await first.getByRole('button', { name: /^Accept: SpO2/ }).press('Enter');
        await first.getByText('accepted by Dr Ama Boateng until 22:07').waitFor();
        assert.equal(await first.getAttribute('data-signal'), 'steady-high', 'somebody answers: it flashes no more');
        assert.equal(await first.getByRole('button', { name: /^Accept/ }).count(), 0);
        await first.getByRole('button', { name: /^(More|Less): / }).press('Enter');
        const panel = page.locator('[data-testid=answer-panel]');
        await panel.getByLabel('Hand over to').selectOption('mensah');
        await shot(page, 'centre-hand-over');
        await panel.getByRole('button', { name: 'Hand over' }).press('Enter');
        await first.getByText('offered to Dr K. Mensah').waitFor();
        await first.getByText('accepted by Dr Ama Boateng').waitFor();
        assert.deepEqual(server.commands, [
          { path: `${ALERT}/accept`, body: {} },
          { path: `${ALERT}/offer`, body: { to: 'mensah' } },
        ]);
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: 'Mine (1)' }).press('Enter');
        assert.equal(await alerts(page).count(), 1);
      });
    },
  },
  {
    name: 'i6_what_is_offered_to_a_doctor_is_said_and_can_be_taken_or_declined',
    run: (browser) => {
      const state = centreState();
      const responsible = { by: 'Dr K. Mensah', by_id: 'mensah', offered_to: 'Dr Ama Boateng', offered_to_id: 'boateng' };
      Object.assign(state.alerts[0], { state: 'accepted', responsible });
      return withCentre(browser, { state }, async ({ page, server }) => {
        server.answer = { status: 202, body: { command: '00ff' } };
        await page.locator('[data-testid=offers]', { hasText: '1 alert is offered to you' }).waitFor();
        const first = alerts(page).first();
        await first.getByRole('button', { name: /^Decline: SpO2/ }).click();
        await first.getByRole('button', { name: /^Take over: SpO2/ }).click();
        await page.waitForTimeout(200);
        assert.deepEqual(server.commands.map(({ path }) => path), [`${ALERT}/decline`, `${ALERT}/accept`]);
        state.alerts[0].responsible = { by: 'Dr K. Mensah', by_id: 'mensah' };
        server.push();
        await page.locator('[data-testid=offers]').waitFor({ state: 'detached' });
        assert.equal(await first.getByRole('button', { name: /^(Accept|Take)/ }).count(), 0, 'somebody else answers for it');
      });
    },
  },
  {
    name: 'i6_a_rejection_needs_a_reason_and_words_where_it_is_another_one',
    run: (browser) => {
      const state = centreState();
      return withCentre(browser, { state, viewport: PHONE }, async ({ page, server }) => {
        server.answer = { status: 202, body: { command: '00ff' } };
        await alerts(page).first().getByRole('button', { name: /^(More|Less): / }).click();
        const panel = page.locator('[data-testid=answer-panel]');
        const go = panel.getByRole('button', { name: 'Reject' });
        assert.ok(await go.isDisabled());
        await panel.getByLabel('Reject because').selectOption('other');
        assert.ok(await go.isDisabled());
        await panel.getByLabel('In your words').fill('She is being moved');
        await shot(page, 'centre-reject-phone');
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= PHONE.width, `${wide} px wide`);
        await go.click();
        await page.waitForTimeout(200);
        assert.deepEqual(server.commands, [{ path: `${ALERT}/reject`, body: { reason: 'other', words: 'She is being moved' } }]);
        server.answer = { status: 409, body: { error: 'this alarm is over' } };
        await panel.getByRole('button', { name: 'Accept' }).click();
        await page.getByText('Not sent: this alarm is over').first().waitFor();
      });
    },
  },
  {
    name: 'i6_the_page_tells_what_was_on_the_screen_and_what_was_opened_and_nothing_else',
    run: (browser) => {
      const state = centreState();
      // Far below what a screen shows.
      const ended = Array.from({ length: 30 }, (_, n) => alert(100 + n, 'limit.hr.high', 'medium', { phase: 'ended', value: '130', limit: '120' }));
      const below = alert(99, 'limit.rr.high', 'medium', { value: '34', limit: '30' });
      state.alerts = [state.alerts[0], ...ended, below];
      return withCentre(browser, { state }, async ({ page, server }) => {
        const told = (type) => server.said.filter((one) => one.type === type).flatMap((one) => one.alerts.map(({ id }) => Number(id.split('-')[1])));
        /** Machines are slow at times; what is told in the end does not depend on it. */
        const comes = async (type, number) => {
          for (let tries = 0; tries < 80 && !told(type).includes(number); tries += 1) await page.waitForTimeout(250);
          return [...new Set(told(type))];
        };
        assert.deepEqual(await comes('shown', 9), [9], 'what is in view and not over');
        assert.deepEqual(told('read'), [], 'nobody has touched anything');
        await alerts(page).first().getByRole('button', { name: /^(More|Less): / }).press('Enter');
        assert.deepEqual(await comes('read', 9), [9]);
        assert.ok(!told('shown').includes(99), 'far below');
        await alerts(page).last().scrollIntoViewIfNeeded();
        assert.deepEqual(await comes('shown', 99), [9, 99]);
        assert.deepEqual(await comes('read', 99), [9, 99], 'in view while the page is used');
      });
    },
  },
  {
    name: 'i4_an_alert_that_still_holds_after_an_outage_is_told_as_news_and_a_past_one_never_is',
    run: (browser) => {
      const state = centreState();
      state.alerts = [
        alert(20, 'limit.spo2.low', 'high', { value: '82', limit: '90', age: 3_600_000, delay_ms: 3_000_000, announced_age: 60_000 }),
        alert(21, 'limit.pr.high', 'high', { value: '140', limit: '120', age: 3_600_000, delay_ms: 3_000_000, past: true }),
        alert(22, 'limit.rr.high', 'high', { value: '40', limit: '30', age: 900_000, state: 'superseded' }),
      ];
      return withCentre(browser, { state }, async ({ page }) => {
        const signals = await alerts(page).evaluateAll((rows) => rows.map((row) => row.dataset.signal));
        assert.deepEqual(signals, ['high', 'none', 'none']);
        assert.match(await alerts(page).first().innerText(), /STILL PRESENT, told at 14:06/);
        assert.match(await alerts(page).nth(1).innerText(), /PAST 13:07, may have ended/);
        assert.match(await alerts(page).nth(2).innerText(), /it alarmed again: the newer alarm counts/);
        await shot(page, 'centre-late');
      });
    },
  },
  {
    name: 'i6_the_nurse_sees_who_accepted_until_when_and_on_opening_every_step_with_its_time',
    run: (browser) => {
      const until = Date.UTC(2027, 2, 4, 22, 0, 0);
      const steps = [
        step('created', null, 300_000), step('sent', null, 299_000), step('at_centre', null, 298_000), step('shown', 'Dr K.', 240_000),
        step('rejected', 'Dr A.', 180_000, { reason: 'artefact', words: 'finger' }), step('accepted', 'Dr K.', 60_000, { until_wall_ms: until }),
      ];
      const one = (more) => [alarm(1, 'limit.spo2.low', 'high', { bed: '1', value: '84', limit: '90', steps, delivered: 60_000, ...more })];
      const responsible = { by: 'Dr K.', until_wall_ms: until, offered_to: null };
      const state = wardState({ beds: [bed('1', [v('spo2', '84')])], alarms: one({ delivery: 'accepted', responsible }) });
      return withWard(browser, { state }, async ({ page, server }) => {
        const tile = page.locator('#bed-1');
        await tile.getByText('accepted by Dr K. until 22:00').waitFor();
        const row = tile.locator('[data-testid=alarm]');
        assert.equal(await row.getAttribute('data-signal'), 'high', 'it silences nothing (DESIGN 7)');
        await page.keyboard.press('l');
        await page.getByText('Every step with its time').press('Enter');
        const told = await page.locator('[data-testid=steps] li').allInnerTexts();
        assert.deepEqual(told.map((text) => text.replace(/\s+/g, ' ').trim()), [
          '14:02 about to leave', '14:02 sent to the centre', '14:02 at the centre', '14:03 on the screen of Dr K.',
          '14:04 rejected by Dr A.: sensor or movement, not the patient: finger', '14:06 accepted by Dr K. until 22:00',
        ]);
        await shot(page, 'ward-steps');
        for (const [delivery, words] of [
          ['expired', /no doctor has read it in time/],
          ['rejected', /rejected by Dr A.: sensor or movement/],
          ['lapsed', /nobody answers for it any more; until now Dr K\./],
        ]) {
          state.alarms = one({ delivery, responsible: null });
          server.push();
          await tile.locator('[data-testid=decided]', { hasText: words }).waitFor();
        }
        state.alarms = one({ delivery: 'accepted', responsible: { ...responsible, offered_to: 'Dr B.' } });
        server.push();
        await tile.getByText('wants to hand it over to Dr B.').waitFor();
      });
    },
  },
  {
    name: 'i6_alarms_that_no_doctor_knows_of_are_an_alarm_that_names_the_beds_and_says_telephone',
    run: (browser) => {
      const state = wardState({
        beds: [bed('1', [v('spo2', '78')])],
        alarms: [
          alarm(2, 'alarm_undelivered', 'high', { undelivered: ['Bed 1', 'Bed 4'], delivery: 'queued' }),
          alarm(1, 'desaturation', 'high', { bed: '1', value: '78', limit: '80', delivery: 'queued' }),
        ],
      });
      return withWard(browser, { state }, async ({ page }) => {
        await page.keyboard.press('l');
        await page.getByText('Telephone: Bed 1, Bed 4 not delivered').first().waitFor();
        await page.getByText('No doctor knows of the alarms of Bed 1, Bed 4. Telephone the centre.').waitFor();
        await shot(page, 'ward-undelivered');
      });
    },
  },
];
