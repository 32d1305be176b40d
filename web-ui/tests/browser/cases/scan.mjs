// A wristband: a scanner that types, and the camera where the browser reads codes.

import assert from 'node:assert/strict';
import { assertClean } from './axe.mjs';
import { openBed, scan, tabTo } from './keys.mjs';
import { withStays } from './stays.mjs';

const GSRN = '950110153000000014';
const number = (page) => page.getByLabel('Patient number');
const said = (page) => page.locator('[data-testid=scan-read]');
const openForm = async (page, bed) => {
  await openBed(page, bed);
  await tabTo(page, 'Admit');
  await page.keyboard.press('Enter');
  await page.getByLabel('Family name').waitFor();
};

/** A browser that reads codes, before whose camera lies this one. */
const withCamera = (page, text) =>
  page.addInitScript((text) => {
    window.BarcodeDetector = class {
      detect() {
        return Promise.resolve(text === null ? [] : [{ rawValue: text }]);
      }
    };
    const stopped = [];
    window.stopped = stopped;
    navigator.mediaDevices.getUserMedia = () => {
      if (window.refused === true) return Promise.reject(new Error('NotAllowedError'));
      const stream = document.createElement('canvas').captureStream();
      for (const track of stream.getTracks()) track.stop = () => stopped.push(track.id);
      return Promise.resolve(stream);
    };
  }, text);

export const scanCases = [
  {
    name: 'a_scanner_that_types_fills_the_number_wherever_it_began_and_sends_no_half_form',
    run: (browser) =>
      withStays(browser, {}, async ({ page, server }) => {
        await openForm(page, 4);
        await page.getByLabel('The patient who has been lying here').check();
        await page.getByLabel('Family name').fill('Okafor');
        await scan(page, `]C18018${GSRN}`);
        assert.equal(await number(page).inputValue(), GSRN);
        assert.equal(await page.getByLabel('Family name').inputValue(), 'Okafor', 'not a word of it stays where it was typed');
        assert.match(await said(page).innerText(), /taken from the wristband.*name or the date of birth/);
        assert.equal(server.commands.length, 0, 'a person sends the form');
        await page.getByRole('button', { name: 'Save' }).press('Enter');
        await page.locator('[data-testid=identity]', { hasText: 'Okafor' }).waitFor();
        assert.deepEqual(server.commands[0].body.ids, [GSRN]);
      }),
  },
  {
    name: 'what_is_no_number_or_another_one_waits_for_the_nurse',
    run: (browser) =>
      withStays(browser, {}, async ({ page }) => {
        await openForm(page, 1);
        await page.getByLabel('The same patient').check();
        await scan(page, 'PT-9999');
        assert.equal(await number(page).inputValue(), 'PT-0007', 'two numbers: a person says which is right');
        assert.match(await said(page).innerText(), /another number[^]*PT-9999/);
        await said(page).getByRole('button', { name: 'Leave it' }).press('Enter');
        await scan(page, 'https://clinic.example/p/42');
        assert.match(await said(page).innerText(), /does not look like a patient number[^]*https:/);
        assert.equal(await number(page).inputValue(), 'PT-0007');
        await assertClean(page, 'what was scanned');
        await said(page).getByRole('button', { name: 'Use it' }).press('Enter');
        assert.equal(await number(page).inputValue(), 'https://clinic.example/p/42');
      }),
  },
  {
    name: 'a_scan_where_no_form_is_open_presses_nothing_and_goes_nowhere',
    run: (browser) =>
      withStays(browser, {}, async ({ page }) => {
        await page.keyboard.press('2');
        await page.waitForFunction(() => document.activeElement.id === 'bed-2');
        await scan(page, '1LAR-0042');
        await page.waitForTimeout(200);
        assert.equal(await page.evaluate(() => document.activeElement.id), 'bed-2');
        assert.equal(await page.locator('[data-testid=panel], aside').count(), 0);
      }),
  },
  {
    name: 'the_camera_reads_a_wristband_and_is_closed_at_once',
    run: (browser) =>
      withStays(browser, {}, async ({ page }) => {
        await withCamera(page, `\u001d8018${GSRN}80191`);
        await page.reload();
        await page.waitForSelector('[data-testid=banner]');
        await openForm(page, 4);
        await tabTo(page, 'Scan the wristband');
        await page.keyboard.press('Enter');
        await page.waitForFunction((number) => [...document.querySelectorAll('input')].some((one) => one.value === number), GSRN);
        assert.equal(await page.locator('[data-testid=scan-video]').count(), 0);
        assert.equal(await page.evaluate(() => window.stopped.length), 1, 'the camera is off');
        await page.evaluate(() => (window.refused = true));
        await page.getByRole('button', { name: 'Scan the wristband' }).press('Enter');
        await page.getByText('The camera cannot be used').waitFor();
      }),
  },
  {
    name: 'where_the_browser_reads_no_codes_there_is_no_button_for_the_camera',
    run: (browser) =>
      withStays(browser, {}, async ({ page }) => {
        await page.evaluate(() => delete window.BarcodeDetector);
        await openForm(page, 4);
        assert.equal(await page.getByRole('button', { name: 'Scan the wristband' }).count(), 0);
      }),
  },
];
