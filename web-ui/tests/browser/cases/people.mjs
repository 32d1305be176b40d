// Who is signed in: nothing live before it, privacy mode, and an action that goes on after the PIN.

import assert from 'node:assert/strict';
import { BEGIN_CODE, CLAIM_CODE, DESK, GRACE, KOFI, PASSWORD, PIN, SIX } from '../fake-door.mjs';
import { serve, ward as labWard } from '../lab-state.mjs';
import { alarm, message, stable, wardState } from '../ward-state.mjs';
import { SETTLED_MS, withCentre, withWard } from '../with-page.mjs';

const DOOR = '[data-testid=door]';
const SIGN_IN = '[data-testid=sign-in]';
const NOTHING_LIVE = '[data-testid=bed], [data-testid=banner], [data-testid=slot], [data-testid=message]';

/** Nobody is signed in on a screen of the ward. */
const nobody = (server) => (server.door.person = null);
/** Nobody is signed in, and the screen is not the ward's. */
const stranger = (server) => Object.assign(server.door, { person: null, screen: null });

const one = (more = {}) =>
  wardState({
    beds: [stable('1', { patient: { known: true, initials: 'J. D.' } }), stable('2')],
    alarms: [alarm(1, 'limit.spo2.low', 'high', { bed: '1', value: '84', limit: '90' })],
    ...more,
  });

/** The alarm is acknowledged by whoever is signed in. */
function acknowledges(server, state) {
  server.onCommand = (path, _body, by) => {
    state.alarms = state.alarms.map((each) => ({ ...each, phase: 'acknowledged', acknowledged_by: by }));
  };
}

async function typePin(page, person, pin = PIN) {
  await page.getByLabel('Sign-in name').fill(person);
  for (const digit of pin) await page.getByRole('group', { name: 'Number keys' }).getByRole('button', { name: digit, exact: true }).click();
}

const signInButton = (page) => page.locator(SIGN_IN).getByRole('button', { name: 'Sign in', exact: true });

export const peopleCases = [
  {
    name: 'i9_nothing_live_is_shown_before_the_sign_in_on_a_screen_that_is_not_the_wards',
    run: (browser) =>
      withWard(browser, { state: one(), setup: stranger, ready: DOOR }, async ({ page, server }) => {
        assert.match(await page.locator(DOOR).innerText(), /Demo health post/);
        assert.equal(await page.locator(NOTHING_LIVE).count(), 0);
        assert.doesNotMatch(await page.locator('body').innerText(), /SpO2|84|Bed 1|J\. D\./);
        assert.equal(server.clients, 0, 'nothing is even asked for');
        await page.getByLabel('Sign-in name').fill('Grace');
        await page.getByLabel('Password', { exact: true }).fill('not this one, surely');
        await page.keyboard.press('Enter');
        await page.getByText('that is not right: check the name').waitFor();
        assert.equal(await page.locator(NOTHING_LIVE).count(), 0);
        await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
        await page.keyboard.press('Enter');
        await page.waitForSelector('[data-testid=bed]');
        assert.equal(await page.locator('#bed-1 [data-testid=initials]').innerText(), 'J. D.');
        assert.deepEqual(server.door.tries.at(-1), { person: 'grace', password: PASSWORD });
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.waitForSelector(DOOR);
        assert.equal(await page.locator(NOTHING_LIVE).count(), 0, 'nothing stays');
      }),
  },
  {
    name: 'i9_a_screen_of_the_ward_shows_values_and_alarms_but_no_initials_until_somebody_signs_in',
    run: (browser) =>
      withWard(browser, { state: one(), setup: nobody }, async ({ page, server }) => {
        assert.match(await page.locator('#bed-1').innerText(), /SpO2\s84\s<\s90/);
        assert.match(await page.locator('[data-testid=privacy]').innerText(), /Nobody is signed in: initials are hidden/);
        assert.doesNotMatch(await page.locator('body').innerText(), /J\. D\./);
        await page.locator('[data-testid=person]').getByRole('button', { name: 'Sign in' }).click();
        await typePin(page, 'grace');
        await page.keyboard.press('Enter');
        await page.locator('#bed-1 [data-testid=initials]').waitFor();
        assert.match(await page.locator('[data-testid=person]').innerText(), /Grace O\.\s+nurse/);
        assert.equal(await page.locator('[data-testid=privacy]').count(), 0);
        server.careless = true; // also when the server still sends them
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.locator('[data-testid=privacy]').waitFor();
        server.push();
        await page.waitForTimeout(200);
        assert.doesNotMatch(await page.locator('body').innerText(), /J\. D\./);
        assert.equal(await page.locator('[data-testid=not-live]').count(), 0, 'signing out never stops monitoring');
      }),
  },
  {
    name: 'i9_an_action_asks_for_the_pin_in_place_says_what_it_is_for_and_then_goes_on',
    run: (browser) => {
      const state = one({ messages: [message(1, 'Give oxygen', { bed: '2' })] });
      return withWard(browser, { state, setup: nobody }, async ({ page, server }) => {
        acknowledges(server, state);
        await page.locator('#bed-1 .act').click();
        assert.match(await page.locator('[data-testid=want]').innerText(), /Acknowledge: Bed 1, SpO2\s84\s<\s90/);
        assert.equal(await page.locator('[data-testid=bed]').count(), 2, 'the beds stay');
        assert.deepEqual(server.commands, []);
        await typePin(page, 'grace');
        await signInButton(page).click();
        await page.waitForSelector('#bed-1 [data-phase=acknowledged]');
        assert.deepEqual(server.commands, [{ path: '/api/v1/alarms/00000001aabbccdd-1/acknowledge', body: {} }]);
        assert.match(await page.locator('#bed-1 [data-testid=alarm]').innerText(), /Acknowledged by Grace O\./);
        assert.equal(await page.evaluate(() => document.activeElement.id), 'bed-1', 'the focus stays with the bed');
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.waitForTimeout(SETTLED_MS);
        await page.locator('[data-testid=message]').getByRole('button', { name: 'Read' }).click();
        assert.match(await page.locator('[data-testid=want]').innerText(), /Mark as read: the message of Dr Adhiambo/);
        await page.getByLabel('Grace O.').check();
        await page.getByLabel('PIN', { exact: true }).fill(PIN);
        await page.keyboard.press('Enter');
        await page.locator(SIGN_IN).waitFor({ state: 'detached' });
        await page.waitForTimeout(200);
        assert.equal(server.commands.length, 2, 'a name that signed in of late is a tap');
      });
    },
  },
  {
    name: 'escape_leaves_the_sign_in_and_nothing_was_sent',
    run: (browser) =>
      withWard(browser, { state: one(), setup: nobody }, async ({ page, server }) => {
        await page.keyboard.press('a');
        await page.keyboard.press('Enter');
        await page.waitForSelector(SIGN_IN);
        await page.keyboard.type('1');
        await page.keyboard.press('Escape');
        await page.waitForSelector(SIGN_IN, { state: 'detached' });
        assert.deepEqual(server.commands, []);
      }),
  },
  {
    name: 'i9_an_alarm_that_ends_during_the_sign_in_is_not_acknowledged_afterwards',
    run: (browser) => {
      const state = one();
      return withWard(browser, { state, setup: nobody }, async ({ page, server }) => {
        await page.locator('#bed-1 .act').click();
        await page.waitForSelector('[data-testid=want]');
        state.alarms = [];
        server.push();
        await page.waitForSelector(SIGN_IN, { state: 'detached' });
        assert.deepEqual(server.commands, []);
      });
    },
  },
  {
    name: 'i9_a_session_that_broke_off_during_an_action_goes_on_for_the_same_person_and_loses_no_word',
    run: (browser) => {
      const lab = labWard();
      return withWard(browser, { state: lab.state, setup: (server) => serve(server, lab) }, async ({ page, server }) => {
        await page.keyboard.press('2');
        await page.keyboard.press('Enter');
        await page.getByRole('button', { name: /^Admit/ }).click();
        await page.getByLabel('A new patient').check();
        await page.getByLabel('Family name').fill('Karim');
        server.door.person = null; // as a restart of the post does
        await page.getByRole('button', { name: 'Save' }).click();
        await page.waitForSelector(SIGN_IN);
        assert.match(await page.locator('[data-testid=want]').innerText(), /Who lies in Bed 2\?/);
        assert.equal(await page.locator('[data-testid=panel]').isVisible(), false, 'nobody reads what was typed');
        await typePin(page, 'grace');
        await signInButton(page).click();
        await page.locator('[data-testid=identity]', { hasText: 'Karim' }).waitFor();
        assert.equal(server.commands.length, 1);
      });
    },
  },
  {
    name: 'i9_whoever_may_not_is_told_which_role_is_needed',
    run: (browser) =>
      withWard(browser, { state: one(), setup: (server) => (server.door.person = KOFI) }, async ({ page, server }) => {
        await page.locator('#bed-1 .act').click();
        const failed = page.locator('#bed-1 .failed');
        assert.match(await failed.innerText(), /Kofi T\. may not do this\. It needs: nurse, senior nurse, doctor/);
        assert.deepEqual(server.commands, []);
      }),
  },
  {
    name: 'i9_the_post_takes_the_right_to_look_4401_and_not_one_number_stays',
    run: (browser) =>
      withWard(browser, { state: one() }, async ({ page, server }) => {
        await page.waitForSelector('[data-testid=slot]');
        server.endLooking();
        await page.waitForSelector(DOOR, { timeout: 3000 });
        assert.equal(await page.locator(NOTHING_LIVE).count(), 0);
        assert.doesNotMatch(await page.locator('body').innerText(), /84|SpO2|J\. D\./);
      }),
  },
  {
    name: 'i9_after_4401_a_screen_of_the_ward_goes_on_in_privacy_mode',
    run: (browser) =>
      withWard(browser, { state: one() }, async ({ page, server }) => {
        await page.locator('#bed-1 [data-testid=initials]').waitFor();
        server.endLooking();
        server.door.screen = DESK;
        await page.locator('[data-testid=privacy]').waitFor();
        await page.waitForSelector('[data-testid=slot]');
        assert.doesNotMatch(await page.locator('body').innerText(), /J\. D\./);
      }),
  },
  {
    name: 'i9_a_socket_that_is_refused_because_nobody_may_look_any_more_ends_in_the_sign_in',
    run: (browser) =>
      withWard(browser, { state: one() }, async ({ page, server }) => {
        stranger(server);
        server.cut();
        await page.waitForSelector(DOOR, { timeout: 5000 });
        assert.equal(await page.locator(NOTHING_LIVE).count(), 0);
      }),
  },
  {
    name: 'too_many_tries_are_counted_down_and_the_button_waits',
    run: (browser) =>
      withWard(browser, { state: one(), setup: stranger, ready: DOOR }, async ({ page, server }) => {
        server.door.waitS = 3;
        await page.getByLabel('Sign-in name').fill('grace');
        await page.getByLabel('Password', { exact: true }).fill('x');
        await page.keyboard.press('Enter');
        const told = page.locator('[data-testid=countdown]');
        await told.waitFor();
        assert.match(await told.innerText(), /Too many tries\. Wait 0:0[23]/);
        assert.ok(await signInButton(page).isDisabled());
        server.door.waitS = null;
        await told.waitFor({ state: 'detached', timeout: 6000 });
        assert.ok(await signInButton(page).isEnabled());
      }),
  },
  {
    name: 'the_seconds_left_are_shown_near_the_idle_limit_and_then_the_person_is_gone',
    run: (browser) => {
      const setup = (server) => (server.door.person = { ...GRACE, idle_s: 5 });
      return withWard(browser, { state: one(), setup }, async ({ page, server }) => {
        assert.match(await page.locator('[data-testid=idle-left]').innerText(), /signed out in 0:0\d/);
        server.door.person = null;
        await page.locator('[data-testid=privacy]').waitFor({ timeout: 8000 });
        assert.doesNotMatch(await page.locator('body').innerText(), /J\. D\.|Grace/);
        await page.waitForSelector('[data-testid=slot]');
      });
    },
  },
  {
    name: 'i9_a_chart_that_is_open_when_the_idle_time_ends_is_hidden_at_once_and_needs_the_pin',
    run: (browser) => {
      const lab = labWard();
      const setup = (server) => {
        serve(server, lab);
        server.door.person = { ...GRACE, idle_s: 6 };
      };
      return withWard(browser, { state: lab.state, setup }, async ({ page, server }) => {
        await page.keyboard.press('1');
        await page.keyboard.press('Enter');
        await page.getByText('Doe Jane').waitFor();
        server.door.person = null;
        await page.waitForSelector(SIGN_IN, { timeout: 8000 });
        assert.doesNotMatch(await page.locator('body').innerText(), /Doe Jane|PT-0007/);
        await page.keyboard.press('Escape');
        await page.locator('[data-testid=panel]').waitFor({ state: 'detached' });
        await page.keyboard.press('1');
        await page.keyboard.press('Enter');
        await page.waitForSelector(SIGN_IN);
        assert.match(await page.locator('[data-testid=want]').innerText(), /Bed 1: patient/);
      });
    },
  },
  {
    name: 'a_post_without_accounts_is_claimed_with_the_code_from_its_console',
    run: (browser) => {
      const setup = (server) => {
        stranger(server);
        server.door.claimed = false;
      };
      return withWard(browser, { state: one(), setup, ready: DOOR }, async ({ page, server }) => {
        assert.equal(await page.locator(NOTHING_LIVE).count(), 0);
        await page.getByText('on the console of the box').waitFor();
        const go = page.getByRole('button', { name: 'Make the account' });
        await page.getByLabel('Claim code').fill(CLAIM_CODE);
        await page.getByLabel('Your name').fill('Ama Mensah');
        await page.getByLabel('Sign-in name').fill('Ama');
        await page.getByLabel('New password').fill('password password');
        await page.getByLabel('The same password again').fill('password passwort');
        assert.ok(await go.isDisabled(), 'the two differ');
        await page.getByLabel('The same password again').fill('password password');
        await page.getByLabel('PIN for the screens').fill(PIN);
        await go.click();
        await page.getByText('that is one of the first that anybody would try').waitFor();
        await page.getByLabel('New password').fill(PASSWORD);
        await page.getByLabel('The same password again').fill(PASSWORD);
        await page.keyboard.press('Enter');
        await page.waitForSelector('[data-testid=bed]');
        assert.deepEqual(server.door.tries.at(-1), { code: CLAIM_CODE, person: 'ama', name: 'Ama Mensah', password: PASSWORD, pin: PIN });
        assert.match(await page.locator('[data-testid=person]').innerText(), /Ama Mensah\s+senior nurse/);
      });
    },
  },
  {
    name: 'a_nurse_begins_with_a_code_and_needs_no_second_factor',
    run: (browser) =>
      withWard(browser, { state: one(), setup: stranger, ready: DOOR }, async ({ page, server }) => {
        await page.getByRole('button', { name: 'I have a code' }).click();
        await page.getByLabel('Sign-in name').fill('grace');
        await page.getByLabel('Code', { exact: true }).fill('no such code');
        await page.keyboard.press('Enter');
        await page.getByText('that is not right').waitFor();
        await page.getByLabel('Code', { exact: true }).fill(BEGIN_CODE);
        await page.keyboard.press('Enter');
        await page.getByText('Welcome, Grace O.').waitFor();
        assert.equal(await page.locator('[data-testid=qr]').count(), 0);
        await page.getByLabel('New password').fill(PASSWORD);
        await page.getByLabel('The same password again').fill(PASSWORD);
        await page.keyboard.press('Enter');
        await page.waitForSelector('[data-testid=bed]');
        assert.deepEqual(server.door.tries.at(-1), { person: 'grace', code: BEGIN_CODE, password: PASSWORD });
      }),
  },
  {
    name: 'a_doctor_at_the_post_is_asked_for_six_digits_once_the_password_was_right',
    run: (browser) =>
      withWard(browser, { state: one(), setup: stranger, ready: DOOR }, async ({ page, server }) => {
        await page.getByLabel('Sign-in name').fill('boateng');
        await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
        await page.keyboard.press('Enter');
        await page.getByText('type the six digits that your app shows now').waitFor();
        await page.getByLabel('Six digits').waitFor();
        assert.ok(await page.evaluate(() => document.activeElement.autocomplete === 'one-time-code'), 'the digits have the focus');
        await page.keyboard.type(SIX);
        await page.keyboard.press('Enter');
        await page.waitForSelector('[data-testid=bed]');
        assert.deepEqual(server.door.tries.at(-1), { person: 'boateng', password: PASSWORD, code: SIX });
      }),
  },
  {
    name: 'i9_the_doctors_page_shows_nothing_before_the_sign_in_and_begins_with_a_second_factor',
    run: (browser) =>
      withCentre(browser, { setup: stranger, ready: DOOR }, async ({ page, server }) => {
        assert.doesNotMatch(await page.locator('body').innerText(), /Kintampo|SpO2|Yeji/);
        assert.equal(server.clients, 0);
        await page.getByRole('button', { name: 'I have a code' }).click();
        await page.getByLabel('Sign-in name').fill('boateng');
        await page.getByLabel('Code', { exact: true }).fill(BEGIN_CODE);
        await page.keyboard.press('Enter');
        await page.locator('[data-testid=qr]').waitFor();
        assert.match(await page.locator('[data-testid=typing]').innerText(), /^JBSW Y3DP/);
        assert.equal(await page.getByLabel('PIN for the screens').count(), 0, 'a centre has no PINs');
        await page.getByLabel('New password').fill(PASSWORD);
        await page.getByLabel('The same password again').fill(PASSWORD);
        const go = page.getByRole('button', { name: 'Save and sign in' });
        assert.ok(await go.isDisabled(), 'the app has to be proven');
        await page.getByLabel('Six digits that the app').fill(SIX);
        await go.click();
        await page.waitForSelector('[data-testid=post]');
        assert.deepEqual(server.door.tries.at(-1), { person: 'boateng', code: BEGIN_CODE, password: PASSWORD, digits: SIX });
        assert.match(await page.locator('[data-testid=person]').innerText(), /Dr Ama Boateng/);
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.waitForSelector(DOOR);
        assert.doesNotMatch(await page.locator('body').innerText(), /Kintampo|SpO2|Yeji/);
        await page.getByLabel('Sign-in name').fill('boateng');
        await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
        await page.getByLabel('Six digits').fill(SIX);
        await page.keyboard.press('Enter');
        await page.waitForSelector('[data-testid=post]');
      }),
  },
  {
    name: 'i9_a_seen_of_a_doctor_whose_session_broke_off_goes_on_after_the_sign_in',
    run: (browser) =>
      withCentre(browser, {}, async ({ page, server }) => {
        server.answer = { status: 202, body: { command: '00ff' } };
        server.door.person = null;
        await page.locator('[data-testid=alert]').first().getByRole('button', { name: /^Seen/ }).click();
        await page.waitForSelector(DOOR);
        assert.match(await page.locator('[data-testid=want]').innerText(), /Seen: SpO2\s84\s<\s90, Kintampo health post Bed 2/);
        assert.doesNotMatch(await page.locator('main').innerText(), /Yeji/);
        await page.getByLabel('Sign-in name').fill('boateng');
        await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
        await page.getByLabel('Six digits').fill(SIX);
        await page.keyboard.press('Enter');
        await page.waitForSelector('[data-testid=post]');
        await page.waitForTimeout(200);
        assert.equal(server.commands.length, 1);
      }),
  },
];
