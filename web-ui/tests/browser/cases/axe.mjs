// axe-core: no violation of WCAG A or AA on either page, in either theme.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BEGIN_CODE, KOFI, SENIOR, someone } from '../fake-door.mjs';
import { serve, ward } from '../lab-state.mjs';
import { FOUND, UNDERSTOOD, trial } from '../lines-state.mjs';
import { office } from '../office-state.mjs';
import { troubled } from '../ward-state.mjs';
import { PHONE, TABLET, withCentre, withWard } from '../with-page.mjs';
import { withBed } from './bed.mjs';
import { withDuty } from './duty.mjs';
import { withHandover } from './handover.mjs';
import { openBed } from './keys.mjs';
import { withLines } from './lines.mjs';
import { withScores } from './scores.mjs';
import { withStays } from './stays.mjs';
import { withSystem } from './system.mjs';

const source = readFileSync(fileURLToPath(new URL('../../../node_modules/axe-core/axe.min.js', import.meta.url)), 'utf8');
const DOOR = '[data-testid=door]';
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'];
const COLOURS = ['color-contrast'];

export async function assertClean(page, what, runOnly = TAGS) {
  // What happens to lie under the banner of a scrolled page is no small target.
  await page.evaluate(() => {
    scrollTo(0, 0);
    // Nor what lies under the end of a long form.
    for (const end of document.querySelectorAll('form > .end')) end.style.position = 'static';
  });
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(source);
  await assertNoViolation(page, what, runOnly);
  // The themes differ in their colours only, and pass from one to the other at once.
  await lit(page, 'light');
  await assertNoViolation(page, `${what}, light`, COLOURS);
  await lit(page, 'dark');
}

const lit = (page, theme) => page.evaluate((theme) => (document.documentElement.dataset.theme = theme), theme);

async function assertNoViolation(page, what, runOnly) {
  const { violations } = await page.evaluate((runOnly) => window.axe.run(document, { runOnly }), runOnly);
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  assert.deepEqual(found, [], what);
}

/** Both halves of the flash. It runs on under the check; whichever half axe meets has to be clean. */
async function assertCleanInBothPhases(page, what) {
  for (const phase of ['on', 'off']) {
    await page.evaluate((phase) => {
      const root = document.documentElement;
      root.dataset.flashHigh = phase;
      root.dataset.flashMedium = phase;
    }, phase);
    // The halves differ in their colours only.
    await assertClean(page, `${what}, flash ${phase}`, phase === 'on' ? TAGS : COLOURS);
  }
}

const looks = [
  { viewport: TABLET, name: 'tablet' },
  { viewport: PHONE, name: 'phone' },
];

export const axeCases = looks.flatMap(({ name, ...options }) => [
  {
    name: `axe_ward_${name}`,
    run: (browser) =>
      withWard(browser, { state: troubled(), ...options }, async ({ page, server }) => {
        await assertCleanInBothPhases(page, 'ward');
        await page.keyboard.press('l');
        await assertClean(page, 'list');
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.locator('#bed-2 .act').click();
        await page.waitForSelector('[data-testid=sign-in]');
        await assertClean(page, 'privacy mode and PIN');
        server.beating = false;
        await page.waitForSelector('[data-testid=not-live]', { timeout: 8000 });
        await assertClean(page, 'overlay');
      }),
  },
  {
    name: `axe_lines_${name}`,
    run: (browser) =>
      withLines(browser, options, async ({ page, fitter }) => {
        await page.getByRole('button', { name: 'Lines and monitors' }).click();
        await page.locator('[data-line=wall]').waitFor();
        await page.locator('[data-line=monitor-1]').getByRole('button', { name: /^Record/ }).click();
        await assertClean(page, 'lines');
        await page.getByRole('button', { name: 'Add a monitor' }).click();
        await page.locator('[data-family=intellivue]').waitFor();
        await assertClean(page, 'which monitor');
        await page.locator('[data-family=intellivue]').click();
        await page.getByLabel('network socket').check();
        await assertClean(page, 'cable and menu');
        await page.getByRole('button', { name: 'Next' }).click();
        await page.getByRole('button', { name: 'Listen on the network' }).waitFor();
        await assertClean(page, 'port');
        await page.getByLabel('Address', { exact: true }).fill('192.168.1.31');
        const begun = page.waitForResponse((answer) => answer.url().endsWith('/fitting/trial') && answer.request().method() === 'POST');
        await page.locator('form').getByRole('button', { name: 'Try this port' }).click();
        await begun;
        fitter.trial = trial({ state: 'hearing', heard: [UNDERSTOOD], found: FOUND });
        await page.locator('[data-testid=found]').waitFor();
        await assertClean(page, 'what is heard');
        await page.getByRole('button', { name: 'They are the same' }).click();
        await page.getByLabel('Bed 2').check();
        await assertClean(page, 'name and bed');
      }),
  },
  {
    name: `axe_patients_${name}`,
    run: (browser) => {
      const lab = ward();
      return withWard(browser, { state: lab.state, setup: (server) => serve(server, lab), ...options }, async ({ page }) => {
        await page.keyboard.press('1');
        await page.keyboard.press('Enter');
        await page.locator('[data-testid=panel] [data-testid=result]').first().waitFor();
        await assertClean(page, 'patient');
        await page.getByRole('button', { name: /^Admit/ }).click();
        await page.getByLabel('A new patient').check();
        await assertClean(page, 'identify');
        await page.keyboard.press('Escape');
        await assertClean(page, 'what was not saved');
        await page.getByRole('button', { name: 'Leave without saving' }).click();
        await page.getByRole('button', { name: /without a patient/ }).first().click();
        await page.getByRole('button', { name: 'Say whose it is' }).first().click();
        await page.getByLabel('Of the patient in').selectOption('1');
        await page.locator('[data-testid=read-back]', { hasText: 'Doe' }).waitFor();
        await assertClean(page, 'laboratory');
      });
    },
  },
  {
    name: `axe_bed_${name}`,
    run: (browser) =>
      withBed(browser, options, async (page) => {
        await assertCleanInBothPhases(page, 'bed');
        await page.getByRole('button', { name: 'Table' }).click();
        await page.locator('[data-testid=trend-table] tbody tr').nth(5).waitFor();
        await assertClean(page, 'table');
      }),
  },
  {
    name: `axe_duty_${name}`,
    run: (browser) =>
      withDuty(browser, options, async (page) => {
        await assertCleanInBothPhases(page, 'duty');
        await page.keyboard.press('Escape');
        await page.locator('[data-testid=calls-you]').first().waitFor();
        await assertClean(page, 'called');
      }),
  },
  {
    name: `axe_system_${name}`,
    run: (browser) =>
      withSystem(browser, options, async ({ page }) => {
        await assertClean(page, 'system');
        await page.getByRole('button', { name: 'Self-test', exact: true }).click();
        await page.getByRole('button', { name: 'Run the self-test' }).click();
        await page.locator('[data-testid=running]').waitFor();
        await assertClean(page, 'a run');
        await page.locator('[data-testid=result]').waitFor();
        await assertClean(page, 'a result to sign');
        await page.getByRole('button', { name: /^Sign as/ }).click();
        await page.locator('[data-testid=kept-test]').waitFor();
        await assertClean(page, 'a signed result');
      }),
  },
  {
    name: `axe_centre_${name}`,
    run: (browser) =>
      withCentre(browser, options, async ({ page }) => {
        await assertCleanInBothPhases(page, 'centre');
        await page.getByRole('button', { name: /^Write to the post: Kintampo/ }).click();
        await assertClean(page, 'form');
      }),
  },
  {
    name: `axe_doors_${name}`,
    run: (browser) => {
      const setup = (server) => Object.assign(server.door, { person: null, screen: null, claimed: false, waitS: 60 });
      return withWard(browser, { state: troubled(), setup, ready: DOOR, ...options }, async ({ page, server }) => {
        await assertClean(page, 'claim');
        server.door.claimed = true;
        await page.reload();
        await page.getByLabel('Sign-in name').fill('grace');
        await page.getByLabel('Password', { exact: true }).fill('x');
        await page.keyboard.press('Enter');
        await page.waitForSelector('[data-testid=countdown]');
        await assertClean(page, 'sign in, with a countdown');
        server.door.waitS = null;
        await page.getByRole('button', { name: 'I have a code' }).click();
        await page.getByLabel('Sign-in name').fill('boateng');
        await page.getByLabel('Code', { exact: true }).fill(BEGIN_CODE);
        await page.keyboard.press('Enter');
        await page.waitForSelector('[data-testid=qr]');
        await assertClean(page, 'begin with a second factor');
      });
    },
  },
  {
    name: `axe_office_${name}`,
    run: (browser) => {
      const lab = ward();
      const all = someone('ama', SENIOR.name, 'senior_nurse', 'privacy_officer');
      const setup = (server) => {
        serve(server, lab);
        office(server, all);
      };
      return withWard(browser, { state: lab.state, setup, ...options }, async ({ page, server }) => {
        const go = async (name) => {
          await page.locator('[data-testid=person] button.who').click();
          await page.getByRole('button', { name, exact: true }).click();
        };
        await page.locator('[data-testid=person] button.who').click();
        await assertClean(page, 'menu');
        await page.keyboard.press('Escape');
        await go('People and screens');
        await page.getByRole('button', { name: 'Add a person' }).click();
        await page.getByRole('button', { name: /^Disable: Grace/ }).click();
        await assertClean(page, 'people');
        await page.getByRole('button', { name: /^New code: Dr/ }).click();
        await page.getByRole('button', { name: 'New code', exact: true }).click();
        await page.waitForSelector('[data-testid=code]');
        await assertClean(page, 'code');
        await go('Emergency looks');
        await page.waitForSelector('[data-testid=emergency-row]');
        await assertClean(page, 'emergencies');
        await go('Audit');
        await page.waitForSelector('[data-testid=entry]');
        await assertClean(page, 'audit');
        server.door.person = KOFI;
        await page.reload();
        await page.waitForSelector('[data-testid=bed]');
        await page.keyboard.press('1');
        await page.keyboard.press('Enter');
        await page.waitForSelector('[data-testid=emergency]');
        await assertClean(page, 'emergency');
      });
    },
  },
]).concat({
  name: 'axe_stays_and_devices',
  run: (browser) =>
    withStays(browser, { who: SENIOR, theme: 'light' }, async ({ page }) => {
      await assertClean(page, 'a ward with an empty bed');
      const panel = page.locator('[data-testid=panel]');
      for (const [open, first] of [['Discharge', 'Died'], ['To another bed', 'Bed 2'], ['Was here before', 'Mensah Kofi']]) {
        await openBed(page, 1);
        await panel.getByRole('button', { name: open }).click();
        await panel.getByLabel(first).first().check();
        await assertClean(page, open);
        await panel.getByRole('button', { name: 'Cancel' }).click();
        await page.keyboard.press('Escape');
      }
      await openBed(page, 3);
      await assertClean(page, 'panel of an empty bed');
      await page.locator('[data-testid=person] button.who').click();
      await page.getByRole('button', { name: 'Devices' }).click();
      await page.locator('[data-device=monitor-1]').getByRole('button', { name: 'Move' }).click();
      await page.getByLabel('at no bed').check();
      await assertClean(page, 'devices');
    }),
}, {
  name: 'axe_handover_and_notes',
  run: (browser) =>
    withHandover(browser, { viewport: PHONE }, async ({ page, chart }) => {
      await assertClean(page, 'what is handed over');
      await page.getByRole('button', { name: 'Read it' }).click();
      await page.locator('[data-testid=handover-state]').waitFor();
      await assertClean(page, 'what was handed over');
      await page.getByRole('button', { name: '‹ Beds' }).click();
      chart.beds[1].notes = [{ note: '7-1', age: 60_000, by: 'Grace O.', text: 'slept', withdrawn_by: 'John' }];
      await openBed(page, 1);
      await page.getByRole('button', { name: 'Write a note' }).click();
      await assertClean(page, 'notes');
    }),
}, {
  name: 'axe_scores',
  run: (browser) =>
    withScores(browser, { who: SENIOR, viewport: PHONE }, async ({ page }) => {
      await assertClean(page, 'tiles with scores');
      const panel = page.locator('[data-testid=panel]');
      await openBed(page, 1);
      await panel.locator('[data-testid=score-panel]').waitFor();
      await assertClean(page, 'the parts of a score');
      await panel.getByRole('button', { name: 'Enter what you found' }).click();
      await panel.getByRole('group', { name: 'Air or oxygen' }).getByText('Oxygen', { exact: true }).click();
      await assertClean(page, 'an entry');
      await panel.getByRole('button', { name: 'Cancel' }).click();
      await panel.getByRole('button', { name: 'Pregnancy, pacemaker, SpO2 scale' }).click();
      await assertClean(page, 'what the score must know');
    }),
});
