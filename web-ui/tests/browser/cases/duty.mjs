// Who is on duty, and whom the centre calls, on both pages (I6).

import assert from 'node:assert/strict';
import { centreState } from '../centre-state.mjs';
import { PHONE, TABLET, shot, withCentre, withWard } from '../with-page.mjs';
import { alarm, bed, v, wardState } from '../ward-state.mjs';
import { DOCTOR } from '../fake-door.mjs';

const MAY = [...DOCTOR.may, 'see_duty', 'take_duty', 'set_duty'];
const DOCTORS = [{ id: 'boateng', name: 'Dr Ama Boateng' }, { id: 'mensah', name: 'Dr K. Mensah' }];
const call = (age, called, called_ids) => ({ what: 'called', age, called, called_ids });
const alerts = (page) => page.locator('[data-testid=alert]');

/** The book of a centre whose state may be changed by the case. */
function book(duty, more = {}) {
  return {
    ...duty, wall_ms: Date.UTC(2027, 2, 4, 14, 7, 5), offset_min: 0, shifts_max: 168, rungs_max: 4, after_min_max: 240, doctors: DOCTORS,
    shifts: [
      { day: 0, from_min: 480, to_min: 960, doctor: 'mensah' }, { day: 0, from_min: 960, to_min: 480, doctor: 'boateng' },
      { day: 3, from_min: 480, to_min: 960, doctor: 'mensah' }, { day: 6, from_min: 1200, to_min: 480, doctor: 'left' },
    ],
    ladders: {
      high: [{ after_min: 0, whom: { who: 'on_duty' } }, { after_min: 5, whom: { who: 'everyone' } }],
      medium: [{ after_min: 3, whom: { who: 'on_duty' } }, { after_min: 10, whom: { who: 'everyone' } }],
    },
    ...more,
  };
}

function told(state, more) {
  return (server) => {
    server.door.person = { ...DOCTOR, may: MAY };
    server.told = (path) => (path === '/api/v1/duty' ? { body: book(state.duty, more) } : undefined);
  };
}

const until = Date.UTC(2027, 2, 4, 16, 0, 0);
const present = (id, name, more = {}) => ({ id, name, until_wall_ms: until, offered_to_id: null, offered_to: null, ...more });

async function notWider(page, width) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= width, `${wide} px wide`);
}

/** The page of duty, open, with a doctor who is called and to whom duty is offered. */
export function withDuty(browser, options, run) {
  const state = centreState();
  const offered = { offered_to_id: 'boateng', offered_to: 'Dr Ama Boateng' };
  state.duty = { state: 'somebody', present: [present('mensah', 'Dr K. Mensah', offered)] };
  state.alerts[0].steps = [call(300_000, ['Dr K. Mensah'], ['mensah']), call(60_000, [], [])];
  return withCentre(browser, { state, setup: told(state), ...options }, async ({ page }) => {
    await page.locator('[data-testid=duty-open]').click();
    await page.locator('[data-testid=ladder-high]').waitFor();
    await run(page);
  });
}

export const dutyCases = [
  {
    name: 'i6_a_doctor_takes_duty_and_hands_it_over_by_keyboard_and_keeps_it_until_the_other_has_it',
    run: (browser) => {
      const state = centreState();
      state.duty = { state: 'nobody', present: [] };
      return withCentre(browser, { state, setup: told(state) }, async ({ page, server }) => {
        server.onCommand = (path, body) => {
          if (path.endsWith('/take')) state.duty = { state: 'somebody', present: [present('boateng', 'Dr Ama Boateng')] };
          if (path.endsWith('/offer')) Object.assign(state.duty.present[0], { offered_to_id: body.to, offered_to: 'Dr K. Mensah' });
        };
        await page.locator('[data-testid=nobody-on-duty]', { hasText: 'NOBODY IS ON DUTY' }).waitFor();
        await page.getByRole('button', { name: /Nobody on duty/ }).press('Enter');
        const duty = page.locator('[data-testid=duty]');
        await duty.getByRole('button', { name: 'Take duty' }).press('Enter');
        await duty.getByText('Dr Ama Boateng until 16:00').waitFor();
        await page.locator('[data-testid=nobody-on-duty]').waitFor({ state: 'detached' });
        await duty.getByLabel('Hand duty over to').selectOption('mensah');
        await duty.getByRole('button', { name: 'Hand over' }).press('Enter');
        await duty.getByText('offered to Dr K. Mensah').waitFor();
        await duty.getByText('Dr Ama Boateng until 16:00').waitFor();
        await shot(page, 'centre-duty');
        await duty.getByRole('button', { name: 'Go off duty' }).press('Enter');
        assert.equal(server.commands.length, 2, 'the last one is asked once more');
        await duty.getByRole('button', { name: 'Nobody is on duty then: go all the same' }).press('Enter');
        await page.waitForTimeout(300);
        assert.deepEqual(server.commands, [
          { path: '/api/v1/duty/take', body: { minutes: 480 } },
          { path: '/api/v1/duty/offer', body: { to: 'mensah' } },
          { path: '/api/v1/duty/leave', body: { alone: true } },
        ]);
        await page.keyboard.press('Escape');
        await alerts(page).first().waitFor();
        assert.equal(await page.evaluate(() => document.activeElement?.dataset.testid), 'duty-open');
      });
    },
  },
  {
    name: 'i6_duty_that_is_offered_to_a_doctor_can_be_taken_over_or_declined',
    run: (browser) => {
      const state = centreState();
      const offered = { offered_to_id: 'boateng', offered_to: 'Dr Ama Boateng' };
      state.duty = { state: 'somebody', present: [present('mensah', 'Dr K. Mensah', offered)] };
      return withCentre(browser, { state, viewport: PHONE, setup: told(state) }, async ({ page, server }) => {
        await page.getByRole('button', { name: /On duty: Dr K\. Mensah/ }).click();
        const asked = page.locator('[data-testid=duty-offer]', { hasText: 'Dr K. Mensah wants to hand duty over to you' });
        await asked.getByRole('button', { name: 'Decline' }).click();
        await asked.getByRole('button', { name: 'Take over' }).click();
        await page.waitForTimeout(300);
        assert.deepEqual(server.commands, [
          { path: '/api/v1/duty/decline', body: { from: 'mensah' } },
          { path: '/api/v1/duty/accept', body: { from: 'mensah' } },
        ]);
        await notWider(page, PHONE.width);
        await shot(page, 'centre-duty-phone');
      });
    },
  },
  {
    name: 'a_roster_and_its_ladders_are_set_on_the_page_and_what_is_not_possible_is_said_before_it_is_sent',
    run: (browser) => {
      const state = centreState();
      return withCentre(browser, { state, viewport: TABLET, setup: told(state) }, async ({ page, server }) => {
        await page.getByRole('button', { name: /No duty roster/ }).click();
        await page.locator('[data-testid=no-roster]').waitFor();
        // A slow link: what is asked meanwhile follows, and nothing is dropped.
        server.onCommand = () => new Promise((done) => setTimeout(done, 200));
        const roster = page.locator('[data-testid=roster]');
        await roster.getByText('20:00–08:00 next day').waitFor();
        await roster.getByText('left: no doctor here any more').waitFor();
        await page.getByRole('button', { name: 'Remove Monday 08:00–16:00 Dr K. Mensah' }).click();
        await page.getByRole('combobox', { name: /^Day/ }).selectOption({ label: 'Tuesday' });
        await page.getByLabel('From').fill('20:00');
        await page.getByLabel('To', { exact: true }).fill('08:00');
        const add = page.getByRole('button', { name: 'Add' });
        assert.ok(await add.isDisabled(), 'nobody is named');
        await page.getByRole('combobox', { name: /^Doctor/ }).selectOption('boateng');
        await add.click();
        await page.getByLabel('Local time of the centre').selectOption({ label: 'UTC+02:00' });
        const high = page.locator('[data-testid=ladder-high]');
        const minutes = high.getByLabel('After minutes');
        await minutes.nth(1).fill('0');
        assert.ok(await high.getByRole('button', { name: 'Save' }).isDisabled());
        await high.getByText(/must rise from line to line/).waitFor();
        await minutes.nth(1).fill('7');
        await high.getByRole('combobox', { name: /^Call/ }).nth(1).selectOption({ label: 'Dr K. Mensah' });
        await shot(page, 'centre-duty-roster');
        await high.getByRole('button', { name: 'Save' }).click();
        for (let n = 0; n < 40 && server.commands.length < 4; n += 1) await page.waitForTimeout(50);
        const shift = { day: 0, from_min: 480, to_min: 960, doctor: 'mensah' };
        assert.deepEqual(server.commands, [
          { path: '/api/v1/duty/shifts/remove', body: shift },
          { path: '/api/v1/duty/shifts', body: { day: 1, from_min: 1200, to_min: 480, doctor: 'boateng' } },
          { path: '/api/v1/duty/offset', body: { offset_min: 120 } },
          { path: '/api/v1/duty/ladders/high', body: { rungs: [
            { after_min: 0, whom: { who: 'on_duty' } }, { after_min: 7, whom: { who: 'doctor', id: 'mensah' } },
          ] } },
        ]);
        server.answer = { status: 422, body: { error: 'no room for more' } };
        await page.getByRole('button', { name: 'Remove Thursday 08:00–16:00 Dr K. Mensah' }).click();
        await page.getByText('Not sent: no room for more').waitFor();
        await notWider(page, TABLET.width);
      });
    },
  },
  {
    name: 'i6_whoever_is_called_sees_it_at_the_alert_and_nobody_else_is_told_that_it_is_them',
    run: (browser) => {
      const state = centreState();
      const first = state.alerts[0];
      first.steps = [call(300_000, ['Dr K. Mensah'], ['mensah'])];
      return withCentre(browser, { state, setup: told(state) }, async ({ page, server }) => {
        const row = alerts(page).first();
        await row.getByText('called: Dr K. Mensah 14:02; nobody has taken it').waitFor();
        assert.equal(await page.locator('[data-testid=calls-you]').count(), 0, 'another one is called');
        first.steps.push(call(60_000, [], []));
        server.push();
        await row.locator('[data-testid=calls-you]').waitFor();
        await row.getByText('called: Dr K. Mensah 14:02, every doctor 14:06; nobody has taken it').waitFor();
        await page.locator('[data-testid=called]', { hasText: '1 alert calls you' }).waitFor();
        await shot(page, 'centre-called');
        Object.assign(first, { state: 'accepted', responsible: { by: 'Dr K. Mensah', by_id: 'mensah' } });
        server.push();
        await page.locator('[data-testid=calls-you]').waitFor({ state: 'detached' });
        await page.locator('[data-testid=called]').waitFor({ state: 'detached' });
      });
    },
  },
  {
    name: 'i6_the_nurse_reads_whom_the_centre_called_and_when_and_that_nobody_has_taken_it',
    run: (browser) => {
      const steps = [
        { what: 'created', by: null, age: 300_000 }, { what: 'at_centre', by: null, age: 298_000 },
        { what: 'called', by: null, age: 290_000, called: ['Dr K. Mensah'] }, { what: 'called', by: null, age: 10_000, called: [] },
      ];
      const state = wardState({
        beds: [bed('1', [v('spo2', '82')])],
        alarms: [
          alarm(1, 'limit.spo2.low', 'high', { bed: '1', value: '82', limit: '90', delivery: 'expired', steps }),
          alarm(2, 'nobody_on_duty', 'medium', { bed: null }),
        ],
      });
      return withWard(browser, { state }, async ({ page }) => {
        const row = page.locator('[data-testid=alarm]').first();
        await row.getByText('not taken; called: every doctor 14:06, Dr K. Mensah 14:02').waitFor();
        await page.keyboard.press('l');
        await page.locator('[data-testid=calls]', { hasText: 'called: Dr K. Mensah 14:02, every doctor 14:06; nobody has taken it' }).waitFor();
        await page.getByText('No doctor is on duty').first().waitFor();
        await shot(page, 'ward-called');
      });
    },
  },
];
