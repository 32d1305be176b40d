// Who is signed in: nothing live before it, privacy mode, an action that goes on after the PIN, and the office's pages.

import assert from 'node:assert/strict';
import { BEGIN_CODE, CLAIM_CODE, DESK, DOCTOR, GRACE, KOFI, PASSWORD, PIN, SENIOR, SIX, someone } from '../fake-door.mjs';
import { serve, ward as labWard } from '../lab-state.mjs';
import { office } from '../office-state.mjs';
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
      withWard(browser, { state: one(), setup: nobody }, async ({ page }) => {
        assert.match(await page.locator('#bed-1').innerText(), /SpO2\s84\s<\s90/);
        assert.match(await page.locator('[data-testid=privacy]').innerText(), /Nobody is signed in: initials are hidden/);
        assert.doesNotMatch(await page.locator('body').innerText(), /J\. D\./);
        await page.locator('[data-testid=person]').getByRole('button', { name: 'Sign in' }).click();
        await typePin(page, 'grace');
        await page.keyboard.press('Enter');
        await page.locator('#bed-1 [data-testid=initials]').waitFor();
        assert.match(await page.locator('[data-testid=person]').innerText(), /Grace O\.\s+nurse/);
        assert.equal(await page.locator('[data-testid=privacy]').count(), 0);
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.locator('[data-testid=privacy]').waitFor();
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
        await page.getByRole('button', { name: 'Say who lies here' }).click();
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
        await page.locator('[data-testid=alert]').first().getByRole('button').click();
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
  {
    name: 'a_senior_nurse_adds_a_person_and_the_code_is_shown_once',
    run: (browser) =>
      withWard(browser, { state: one(), setup: (server) => office(server, SENIOR) }, async ({ page, server }) => {
        await page.getByRole('button', { name: /^Ama Mensah/ }).click();
        await page.getByRole('button', { name: 'People and screens' }).click();
        await page.locator('[data-testid=account]').nth(2).waitFor();
        await page.getByRole('button', { name: 'Add a person' }).click();
        await page.getByLabel('Name, as colleagues').fill('Esi Owusu');
        await page.getByLabel('Sign-in name').fill('Esi');
        const go = page.getByRole('button', { name: 'Add and show the code' });
        assert.ok(await go.isDisabled(), 'an account has at least one role');
        await page.locator('[data-testid=add-person]').getByLabel('nurse', { exact: true }).check();
        await go.press('Enter');
        const code = page.locator('[data-testid=code]');
        await code.waitFor();
        assert.equal(await code.innerText(), BEGIN_CODE);
        assert.deepEqual(server.commands.at(-1), { path: '/api/v1/people', body: { id: 'esi', name: 'Esi Owusu', roles: ['nurse'] } });
        await page.getByRole('button', { name: 'Done, take it off the screen' }).click();
        await page.locator('[data-person=esi]', { hasText: 'has not begun yet' }).waitFor();
        assert.doesNotMatch(await page.locator('html').innerHTML(), new RegExp(BEGIN_CODE), 'never again');
      }),
  },
  {
    name: 'accounts_are_changed_in_two_steps_and_nobody_resets_themselves',
    run: (browser) =>
      withWard(browser, { state: one(), setup: (server) => office(server, SENIOR) }, async ({ page, server }) => {
        await page.getByRole('button', { name: /^Ama Mensah/ }).click();
        await page.getByRole('button', { name: 'People and screens' }).click();
        const row = (id) => page.locator(`[data-person=${id}]`);
        await row('ama').waitFor();
        assert.equal(await row('ama').getByRole('button').count(), 1, 'roles only');
        await row('grace').getByRole('button', { name: /^Roles/ }).click();
        await row('grace').getByLabel('auditor').check();
        await row('grace').getByRole('button', { name: 'Save' }).click();
        await row('grace').getByText('nurse, auditor').waitFor();
        await row('grace').getByRole('button', { name: /^Disable/ }).click();
        await row('grace').getByText('is signed out everywhere').waitFor();
        assert.equal(server.commands.length, 1, 'the first step does nothing');
        await row('grace').getByRole('button', { name: 'Disable' }).click();
        await row('grace').getByText('disabled').waitFor();
        await row('grace').getByRole('button', { name: /^Enable/ }).click();
        await row('grace').getByText('disabled').waitFor({ state: 'detached' });
        await row('grace').getByRole('button', { name: /^New code/ }).click();
        await row('grace').getByRole('button', { name: 'New code' }).click();
        await page.locator('[data-testid=code]').waitFor();
        assert.deepEqual(server.commands.map(({ path }) => path.replace('/api/v1/people/grace/', '')), ['roles', 'disable', 'enable', 'reset']);
      }),
  },
  {
    name: 'a_screen_is_registered_and_forgotten_and_a_technician_sees_no_accounts',
    run: (browser) => {
      const setup = (server) => {
        office(server, someone('yaw', 'Yaw B.', 'technician'));
        server.door.screen = null;
      };
      return withWard(browser, { state: one(), setup }, async ({ page, server }) => {
        await page.getByRole('button', { name: /^Yaw B\./ }).click();
        await page.getByRole('button', { name: 'People and screens' }).click();
        await page.getByLabel('Name of this screen').fill('Tablet 2');
        assert.equal(await page.locator('[data-testid=account]').count(), 0);
        await page.keyboard.press('Enter');
        await page.getByText('This screen: Tablet 2').waitFor();
        const mine = page.locator('[data-testid=screen]', { hasText: 'Tablet 2' });
        await mine.getByRole('button').click();
        await mine.getByText('nobody may look there without signing in').waitFor();
        await mine.getByRole('button', { name: 'Forget' }).click();
        await page.getByLabel('Name of this screen').waitFor();
        assert.deepEqual(server.commands, [
          { path: '/api/v1/screens', body: { name: 'Tablet 2' } },
          { path: '/api/v1/screens/s2/forget', body: {} },
        ]);
      });
    },
  },
  {
    name: 'i9_whoever_may_not_see_a_chart_looks_in_an_emergency_with_a_reason_for_an_hour',
    run: (browser) => {
      const lab = labWard();
      const setup = (server) => {
        serve(server, lab);
        const answers = server.told;
        server.told = (path, ...clocks) => {
          const granted = server.door.person?.emergencies.some(({ bed }) => path === `/api/v1/beds/${bed}/patient`);
          if (path.startsWith('/api/v1/beds/') && !granted) return { status: 403, body: { error: 'you may not see this chart' } };
          return answers(path, ...clocks);
        };
        server.onCommand = (path, { bed }) => {
          if (path !== '/api/v1/emergency') return undefined;
          server.door.person = { ...server.door.person, emergencies: [{ bed, until_s: 3600 }] };
          return { until_s: 3600 };
        };
        server.door.person = KOFI;
      };
      return withWard(browser, { state: lab.state, setup }, async ({ page, server }) => {
        await page.keyboard.press('1');
        await page.keyboard.press('Enter');
        assert.match(await page.locator('[data-testid=denied]').innerText(), /Kofi T\. may not do this\. It needs: nurse/);
        assert.doesNotMatch(await page.locator('body').innerText(), /Doe/);
        const go = page.getByRole('button', { name: 'Emergency: look for 60 minutes' });
        assert.ok(await go.isDisabled(), 'a reason is needed');
        await page.getByLabel('Reason').fill('Collapsed, nobody else is here');
        await go.click();
        await page.getByText('Doe Jane').waitFor();
        assert.match(await page.locator('[data-testid=emergency-left]').innerText(), /Emergency look, (59 min|1 h) left/);
        assert.equal(await page.getByRole('button', { name: 'Say who lies here' }).count(), 0, 'to look, not to change');
        assert.deepEqual(server.commands, [{ path: '/api/v1/emergency', body: { bed: '1', reason: 'Collapsed, nobody else is here' } }]);
        server.door.person = { ...KOFI };
        lab.chart.revision += 1;
        lab.draw();
        server.push();
        await page.locator('[data-testid=emergency]').waitFor();
        assert.doesNotMatch(await page.locator('body').innerText(), /Doe/, 'the hour is over');
      });
    },
  },
  {
    name: 'the_privacy_officer_reviews_emergencies_and_sees_what_waits_first',
    run: (browser) => {
      const setup = (server) => office(server, someone('abena', 'Abena S.', 'privacy_officer'));
      return withWard(browser, { state: one(), setup }, async ({ page, server }) => {
        await page.getByRole('button', { name: /^Abena S\./ }).click();
        assert.equal(await page.getByRole('button', { name: 'People and screens' }).count(), 0, 'only what she may');
        await page.getByRole('button', { name: 'Emergency looks' }).click();
        const rows = page.locator('[data-testid=emergency-row]');
        assert.match(await rows.first().innerText(), /Kofi T\.\s+\(kofi\)\s+13:57, Bed 1\s+Collapsed, nobody else is here/);
        await rows.first().getByRole('button', { name: /^Reviewed/ }).click();
        await page.waitForFunction(() => document.querySelectorAll('[data-reviewed=true]').length === 2);
        assert.equal(await rows.getByRole('button').count(), 0);
        assert.deepEqual(server.commands, [{ path: '/api/v1/emergencies/7/review', body: {} }]);
      });
    },
  },
  {
    name: 'the_audit_is_searched_newest_first_and_comes_as_a_file',
    run: (browser) => {
      const setup = (server) => office(server, someone('efua', 'Efua A.', 'auditor'));
      return withWard(browser, { state: one(), setup }, async ({ page, server }) => {
        await page.getByRole('button', { name: /^Efua A\./ }).click();
        await page.getByRole('button', { name: 'Audit', exact: true }).click();
        const rows = page.locator('[data-testid=entry]');
        await rows.first().waitFor();
        assert.match(await rows.first().innerText(), /^412\s+14:06:05\s+Grace O\. \(grace\)\s+acknowledge alarm:/);
        assert.match(await rows.nth(1).innerText(), /nobody known\s+sign_in .*refused/s);
        assert.match(await rows.nth(2).innerText(), /Wed 3 Mar 14:07:\d\d/);
        await page.getByLabel('Person').fill('Grace');
        await page.getByLabel('Action').fill('acknowledge');
        await page.getByLabel('From').fill('2027-03-04T00:00');
        await page.keyboard.press('Enter');
        await page.waitForFunction(() => document.querySelectorAll('[data-testid=entry]').length === 1);
        const query = `?person=grace&action=acknowledge&from=${Date.UTC(2027, 2, 4)}`;
        assert.equal(server.audits.at(-1), `${query}&limit=100`);
        assert.equal(await page.locator('[data-testid=csv]').getAttribute('href'), `/api/v1/audit.csv${query}`);
        await page.getByRole('button', { name: '‹ Beds' }).click();
        await page.waitForSelector('[data-testid=bed]');
      });
    },
  },
];
