// What is not in the first view: it comes when the page is idle, and what cannot come says so.

import assert from 'node:assert/strict';
import { SENIOR } from '../fake-door.mjs';
import { serve, ward } from '../lab-state.mjs';
import { office } from '../office-state.mjs';
import { stable, wardState } from '../ward-state.mjs';
import { shot, withWard } from '../with-page.mjs';

const PATIENT = /\/assets\/patient-/;
const panel = (page) => page.locator('[data-testid=panel]');
const failed = (page) => page.locator('[data-testid=part-failed]');
const again = (page) => page.getByRole('button', { name: 'Try again' });

async function openBed1(page) {
  await page.keyboard.press('1');
  await page.keyboard.press('Enter');
  await panel(page).waitFor();
}

function withLab(browser, missing, run) {
  const lab = ward();
  const setup = (server) => {
    serve(server, lab);
    server.missing = missing;
  };
  return withWard(browser, { state: lab.state, setup }, run);
}

export const partCases = [
  {
    name: 'a_panel_that_could_not_be_loaded_says_so_and_comes_when_tried_again_by_keyboard',
    run: (browser) =>
      withLab(browser, PATIENT, async ({ page, server }) => {
        await openBed1(page);
        await failed(page).waitFor();
        assert.equal(await failed(page).innerText(), 'This part of the page could not be loaded');
        await shot(page, 'part-failed');
        server.missing = null;
        await page.evaluate(() => (window.still = true));
        await again(page).press('Enter');
        await panel(page).getByText('Doe Jane').waitFor();
        assert.equal(await page.evaluate(() => window.still), true, 'without loading the page anew');
      }),
  },
  {
    name: 'a_page_of_an_older_build_whose_files_are_gone_loads_itself_anew_when_tried_again',
    run: (browser) =>
      withLab(browser, PATIENT, async ({ page, server }) => {
        await openBed1(page);
        await failed(page).waitFor();
        await page.evaluate(() => (window.still = true));
        await again(page).click();
        await page.waitForFunction(() => window.still === undefined);
        server.missing = null;
        await page.waitForSelector('[data-testid=bed]');
        await openBed1(page);
        await panel(page).getByText('Doe Jane').waitFor();
      }),
  },
  {
    name: 'i4_a_panel_that_could_not_be_loaded_leaves_the_overlay_as_it_is_and_a_lost_server_does_not_reload_the_page',
    run: (browser) =>
      withLab(browser, PATIENT, async ({ page, server }) => {
        await openBed1(page);
        await failed(page).waitFor();
        server.missing = /./;
        await page.evaluate(() => (window.still = true));
        await again(page).click();
        await failed(page).waitFor();
        server.beating = false;
        server.refreshing = false;
        await page.waitForSelector('[data-testid=not-live]', { timeout: 8000 });
        assert.equal(await panel(page).count(), 0);
        assert.equal(await page.evaluate(() => window.still), true);
      }),
  },
  {
    name: 'what_came_when_the_page_was_idle_opens_while_the_server_has_no_files_to_give',
    run: (browser) => {
      const setup = (server) => office(server, SENIOR);
      return withWard(browser, { state: wardState({ beds: [stable('1')] }), setup }, async ({ page, server }) => {
        await page.waitForFunction(() => performance.getEntriesByType('resource').some(({ name }) => /\/assets\/claim-/.test(name)));
        server.missing = /./;
        await page.getByRole('button', { name: /^Ama Mensah/ }).click();
        await page.getByRole('button', { name: 'People and screens' }).click();
        await page.locator('[data-testid=account]').first().waitFor();
        await page.getByRole('button', { name: '‹ Beds' }).click();
        await openBed1(page);
        assert.equal(await failed(page).count(), 0);
      });
    },
  },
];
