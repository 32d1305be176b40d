// Journeys: what is seen, heard and answered at the beds.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { digits, hasNumber, menu, NOT_LIVE, open, panel, PHONE, SENSOR_ROUND_MS, SETTLED_MS, SHOTS, signIn, tile, until, WALL } from './screens.mjs';
import { demo, matron, openBed, openMatron, openWard, ward } from './shift.mjs';

const HOUR_MS = 3_600_000;

export const firstLook = {
  async 'a nurse signs in and sees six live beds with numbers and a curve'() {
    await openWard();
    await ward.locator('[data-testid=bed]').nth(5).waitFor();
    await until('six beds are live', async () => {
      const links = await ward.locator('[data-testid=bed]').evaluateAll((all) => all.map((one) => one.dataset.link));
      return links.every((link) => link === 'live') || links;
    });
    await until('a number of a monitor', () => hasNumber(ward, 1));
    await ward.locator('canvas[data-state=runs]').first().waitFor();
    await ward.screenshot({ path: `${SHOTS}journey-ward.png` });
  },
  async 'a sensor that falls off is said, never a number, and its alarm is acknowledged by name'() {
    await tile(ward, 2).getByText('SpO2 sensor off').waitFor({ timeout: 120_000 });
    assert.equal(await digits(ward, 2, 'spo2').innerText(), '-?-');
    await ward.waitForTimeout(SETTLED_MS);
    await tile(ward, 2).getByRole('button', { name: 'Acknowledge' }).click();
    await tile(ward, 2).getByText('Acknowledged by Demo nurse').waitFor();
  },
  async 'a second screen shows the same, and what one acknowledged is acknowledged on both'() {
    const other = await open(demo.nurseUrl, PHONE);
    await signIn(other, 'nurse', demo.nursePassword);
    await tile(other, 2).getByText('Demo nurse').waitFor();
    assert.ok(await other.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is wider than a phone');
    await other.screenshot({ path: `${SHOTS}journey-phone.png` });
    await other.context().close();
  },
  async 'a wall screen whose own clock jumps by an hour goes on as it was'() {
    const wall = await open(demo.nurseUrl, WALL);
    await signIn(wall, 'nurse', demo.nursePassword);
    for (const jump of [HOUR_MS, -HOUR_MS]) {
      await wall.clock.setSystemTime(Date.now() + jump);
      await wall.waitForTimeout(3000);
      await until('it is live', async () => (await wall.locator(NOT_LIVE).count()) === 0);
      await until('with numbers', () => hasNumber(wall, 1));
      const shown = async (page) => (await tile(page, 2).innerText()).match(/\b\d+:\d\d\b/)?.[0];
      const seconds = (text) => text.split(':').reduce((sum, part) => 60 * sum + Number(part), 0);
      await until('as long ago as on the other screen', async () => {
        const [here, there] = [await shown(wall), await shown(ward)];
        return (here !== undefined && there !== undefined && Math.abs(seconds(here) - seconds(there)) <= 2) || [here, there];
      }, SENSOR_ROUND_MS);
    }
    await wall.screenshot({ path: `${SHOTS}journey-wall.png` });
    await wall.context().close();
  },
};

const rests = (page, bed) => tile(page, bed).locator('[data-testid=rests]');
const limit = (code) => ward.locator(`[data-testid=limit][data-code=${code}]`);

export const alarms = {
  async 'the log of alarms names who acknowledged'() {
    await menu(ward, 'Alarm log');
    const log = ward.locator('[data-testid=sheet]');
    await log.getByText('SpO2 sensor off').first().click();
    await log.locator('li:visible').getByText(/Demo nurse/).first().waitFor();
    const [file] = await Promise.all([ward.waitForEvent('download'), log.locator('[data-testid=csv]').click()]);
    assert.match(readFileSync(await file.path(), 'utf8'), /Demo nurse/);
    await ward.getByRole('button', { name: '‹ Beds' }).click();
  },
  async 'the sound of a bed is paused for two minutes, every screen counts them down, and it is switched on again'() {
    // An alarm that is sure to come: a limit above what is measured.
    await openBed(1);
    await ward.getByRole('button', { name: 'Alarm limits' }).click();
    await limit('spo2').getByRole('button', { name: 'Change' }).click();
    await limit('spo2').getByLabel('Alarm below').fill('100');
    await ward.keyboard.press('Enter');
    await tile(ward, 1).getByText('< 100').waitFor({ timeout: 60_000 });
    await ward.keyboard.press('Escape');
    await ward.keyboard.press('Escape');
    await ward.keyboard.press('l');
    // Another bed's alarm may stand above, and end just now.
    const list = ward.locator('aside li', { hasText: 'Bed 1' });
    const pause = list.getByRole('button', { name: 'Pause the sound of this bed' });
    // A press at the moment at which alarms change places means nothing: it is said again.
    await until('the press is taken', async () => {
      await ward.waitForTimeout(SETTLED_MS);
      if ((await pause.count()) > 0) await pause.first().click();
      return (await rests(ward, 1).count()) > 0;
    });
    await openMatron();
    for (const page of [ward, matron]) await rests(page, 1).filter({ hasText: /SOUND PAUSED [12]:\d\d/ }).waitFor();
    const left = async () => (await rests(matron, 1).innerText()).match(/\d:\d\d/)[0];
    const before = await left();
    await until('it counts', async () => (await left()) < before);
    await ward.screenshot({ path: `${SHOTS}journey-pause.png` });
    await ward.waitForTimeout(SETTLED_MS);
    await list.getByRole('button', { name: 'Sound on again' }).first().click();
    for (const page of [ward, matron]) await rests(page, 1).waitFor({ state: 'detached' });
    await ward.keyboard.press('l');
  },
  async 'all signals of a bed rest for a procedure when a senior nurse says so, and a nurse may only end it'() {
    await tile(matron, 1).locator('.open').click();
    await matron.getByRole('button', { name: 'Alarm limits' }).click();
    await matron.getByRole('button', { name: 'Pause all signals for a procedure' }).click();
    await rests(ward, 1).filter({ hasText: /ALARMS PAUSED [12]:\d\d/ }).waitFor();
    assert.match(await tile(ward, 1).locator('[data-testid=alarm]').first().getAttribute('data-signal'), /^steady-/);
    await openBed(1);
    await ward.getByRole('button', { name: 'Alarm limits' }).click();
    await limit('spo2').waitFor();
    assert.equal(await panel(ward).getByRole('button', { name: /Pause all signals/ }).count(), 0);
    await panel(ward).getByRole('button', { name: 'Alarms on again' }).click();
    await rests(ward, 1).waitFor({ state: 'detached' });
    await limit('spo2').getByRole('button', { name: 'Usual limits' }).click();
    await tile(ward, 1).getByText('< 100').waitFor({ state: 'detached' });
    await ward.keyboard.press('Escape');
    await ward.keyboard.press('Escape');
    await matron.keyboard.press('Escape');
    await matron.keyboard.press('Escape');
  },
};

export const language = {
  async 'a screen shows the worst bed first and in light colours when somebody chooses so, and keeps it'() {
    await ward.getByTestId('bed-order').click();
    await ward.getByRole('button', { name: 'Light' }).click();
    await ward.reload();
    await ward.locator('[data-testid=bed]').nth(5).waitFor();
    assert.equal(await ward.evaluate(() => document.documentElement.dataset.theme), 'light');
    const order = () => ward.locator('[data-testid=bed]').evaluateAll((all) => all.map(({ dataset }) => dataset.frame));
    const rank = (frame) => ['high', 'steady-high', 'medium', 'steady-medium', 'low', 'steady-low', 'none'].indexOf(frame);
    await until('worst first', async () => {
      const frames = await order();
      return frames.every((frame, n) => n === 0 || rank(frames[n - 1]) <= rank(frame)) || frames;
    });
    await ward.screenshot({ path: `${SHOTS}journey-light.png` });
    await ward.getByTestId('bed-order').click();
    await ward.getByRole('button', { name: 'Dark' }).click();
  },
  async 'another language, read from right to left, keeps its numbers'() {
    await ward.getByRole('combobox', { name: 'Language' }).selectOption('ar');
    await until('right to left', async () => (await ward.evaluate(() => document.documentElement.dir)) === 'rtl');
    assert.match(await digits(ward, 1, 'heart').innerText(), /^\d+$/);
    await ward.screenshot({ path: `${SHOTS}journey-arabic.png` });
    await ward.locator('footer select').selectOption('en');
  },
};
