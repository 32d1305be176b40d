// axe-core: no violation of WCAG A or AA on either page, in either theme.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { serve, ward } from '../lab-state.mjs';
import { troubled } from '../ward-state.mjs';
import { PHONE, TABLET, withCentre, withWard } from '../with-page.mjs';

const source = readFileSync(fileURLToPath(new URL('../../../node_modules/axe-core/axe.min.js', import.meta.url)), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'];

async function assertClean(page, what) {
  await page.evaluate(source);
  const { violations } = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), TAGS);
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
    await assertClean(page, `${what}, flash ${phase}`);
  }
}

const looks = ['dark', 'light'].flatMap((theme) => [
  { theme, viewport: TABLET, name: `${theme}_tablet` },
  { theme, viewport: PHONE, name: `${theme}_phone` },
]);

export const axeCases = looks.flatMap(({ name, ...options }) => [
  {
    name: `axe_ward_${name}`,
    run: (browser) =>
      withWard(browser, { state: troubled(), ...options }, async ({ page, server }) => {
        await assertCleanInBothPhases(page, 'ward');
        await page.keyboard.press('l');
        await page.locator('#bed-2 .act').click();
        await page.waitForSelector('#bed-2 form');
        await assertClean(page, 'list and form');
        server.beating = false;
        await page.waitForSelector('[data-testid=not-live]', { timeout: 8000 });
        await assertClean(page, 'overlay');
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
        await page.getByRole('button', { name: 'Say who lies here' }).click();
        await page.getByLabel('A new patient').check();
        await assertClean(page, 'identify');
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: /without a patient/ }).first().click();
        await page.getByRole('button', { name: 'Say whose it is' }).first().click();
        await page.getByLabel('Of the patient in').selectOption('1');
        await page.locator('[data-testid=read-back]', { hasText: 'Doe' }).waitFor();
        await assertClean(page, 'laboratory');
      });
    },
  },
  {
    name: `axe_centre_${name}`,
    run: (browser) =>
      withCentre(browser, options, async ({ page }) => {
        await assertCleanInBothPhases(page, 'centre');
        await page.locator('[data-testid=alert] button').first().click();
        await assertClean(page, 'form');
      }),
  },
]);
