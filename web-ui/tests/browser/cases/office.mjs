// People, screens, emergencies and the audit: what each who answers for them does.

import assert from 'node:assert/strict';
import { BEGIN_CODE, KOFI, SENIOR, someone } from '../fake-door.mjs';
import { serve, ward as labWard } from '../lab-state.mjs';
import { office } from '../office-state.mjs';
import { stable, wardState } from '../ward-state.mjs';
import { withWard } from '../with-page.mjs';

const one = () => wardState({ beds: [stable('1'), stable('2')] });

export const officeCases = [
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
        assert.equal(await page.getByRole('button', { name: /^Admit/ }).count(), 0, 'to look, not to change');
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
        assert.match(await rows.first().innerText(), /^412\s+14:0[67]:\d\d\s+Grace O\. \(grace\)\s+acknowledge alarm:/);
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
