// The nurse's page, gone through by somebody who may see every page. What the menu, a bed's panel and the keys lead to is
// found there, so that a page added later has its pictures too; one that has a name and no way to it is an error.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { slug } from './album.mjs';

const ID = 'all.pages';
const words = JSON.parse(readFileSync(fileURLToPath(new URL('../../text/en.json', import.meta.url)), 'utf8'));
/** Of a page: words, lists and charts that come after it was opened. */
const COMES_MS = 1500;
const BEDS = words['page.beds'];

const panel = (page) => page.locator('[data-testid=panel]');
const button = (page, name) => page.getByRole('button', { name, exact: true });

/** Makes a person with every role that needs no second factor, and signs them in. */
async function signInWithEveryRole(page, demo) {
  await signIn(page, 'matron', demo.nursePassword);
  await page.locator('[data-testid=bed]').first().waitFor();
  await page.evaluate(async ([id, password]) => {
    const ask = async (method, path, body) => {
      const answer = await fetch(path, { method, headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body) });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return answer.json().catch(() => null);
    };
    const { roles } = await ask('GET', '/api/v1/people');
    const { code } = await ask('POST', '/api/v1/people', { id, name: 'Demo everybody', roles: roles.filter((role) => role !== 'doctor') });
    await ask('POST', '/api/v1/begin', { person: id, code, password });
  }, [ID, demo.nursePassword]);
  await page.context().clearCookies();
  await page.reload();
  await signIn(page, ID, demo.nursePassword);
  await page.locator('[data-testid=bed]').nth(5).waitFor();
  await page.locator('canvas[data-state=runs]').first().waitFor({ timeout: 60_000 });
}

export async function signIn(page, name, password, digits = null) {
  await page.getByLabel('Sign-in name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  if (digits !== null) await page.getByLabel('Six digits').fill(digits);
  await page.locator('form button[type=submit]').click();
}

/** The way in; then somebody lies in bed 1, so that the centre has a patient too. */
export async function enterPost(page, album, demo) {
  await page.goto(demo.nurseUrl);
  await page.getByLabel('Sign-in name').waitFor();
  await album.page(page, 'post-sign-in');
  await signInWithEveryRole(page, demo);
  await page.keyboard.press('1');
  await page.keyboard.press('Enter');
  await button(panel(page), words['tile.admit']).click();
  await panel(page).getByLabel('A new patient').check();
  await panel(page).getByLabel('Family name').fill('Mensah');
  await panel(page).getByLabel('Given names').fill('Adwoa');
  await panel(page).getByLabel('Patient number').fill('PT-0042');
  await button(panel(page), 'Save').click();
  await panel(page).locator('[data-testid=identity]', { hasText: 'Mensah' }).waitFor();
  await away(page);
}

/** What a nurse sees all day. */
export async function takeBeds(page, album, demo) {
  await page.goto(demo.nurseUrl);
  await signIn(page, 'nurse', demo.nursePassword);
  await page.locator('canvas[data-state=runs]').first().waitFor({ timeout: 60_000 });
  await album.page(page, 'post-ward', { curves: true });
  await takeBed(page, album);
}

/** Every other page. */
export async function takePost(page, album) {
  await page.keyboard.press('l');
  await page.locator('aside').waitFor();
  await album.page(page, 'post-alarm-list');
  await page.keyboard.press('l');
  await takeMenu(page, album);
  await page.locator('[data-testid=sound]').click();
  await panel(page).waitFor();
  await album.page(page, 'post-sound-check');
  await away(page);
  await takePanel(page, album);
}

/** Every page that the menu leads to. */
async function takeMenu(page, album) {
  await openMenu(page);
  await album.page(page, 'post-menu');
  const offered = (await panel(page).locator('li button').allInnerTexts()).filter((name) => name !== BEDS && name !== words.sign_out);
  const named = Object.keys(words).filter((key) => /^page\.\w+$/.test(key)).map((key) => words[key]);
  const lost = named.filter((name) => name !== BEDS && !offered.includes(name));
  if (lost.length > 0) throw new Error(`no way from the menu to: ${lost.join(', ')}; whoever opens the menu here has every role but doctor`);
  for (const name of offered) {
    if (!(await panel(page).isVisible())) await openMenu(page);
    await button(panel(page), name).click();
    await page.waitForTimeout(COMES_MS);
    await album.page(page, `post-page-${slug(name)}`);
  }
  await openMenu(page);
  await button(panel(page), BEDS).click();
}

async function openMenu(page) {
  await page.locator('[data-testid=person] button.who').click();
  await panel(page).waitFor();
}

/** The panel of a bed with what can be asked there, and of an empty bed. */
async function takePanel(page, album) {
  await openBed(page);
  await album.page(page, 'post-patient');
  const asks = (await panel(page).locator('button:not(.quiet, .others, [aria-expanded])').allInnerTexts()).map((name) => name.trim()).filter((name) => name !== words['patient.page'] && name !== '');
  for (const name of asks) {
    await openBed(page);
    await button(panel(page), name).first().click();
    await album.page(page, `post-patient-${slug(name)}`);
  }
  await away(page);
}

async function openBed(page) {
  await away(page);
  await page.locator('.tile:has(canvas[data-state=runs]) .open').first().click();
  await panel(page).locator('[data-testid=identity]').waitFor();
  await page.waitForTimeout(COMES_MS);
}

async function takeBed(page, album) {
  await openBed(page);
  await button(page, words['patient.page']).click();
  await page.locator('[data-testid=trends][data-reads=false]').waitFor();
  await album.page(page, 'post-bed', { curves: true });
  await button(page, words['trends.table']).click();
  await album.page(page, 'post-bed-table');
  await page.locator('main, section').getByRole('button', { name: `‹ ${BEDS}` }).click();
}

/** Back to the beds alone. */
async function away(page) {
  for (let presses = 0; presses < 3 && (await panel(page).isVisible()); presses += 1) {
    await panel(page).getByRole('button', { name: words['panel.close'] }).click();
  }
  const back = page.getByRole('button', { name: `‹ ${BEDS}` });
  if (await back.isVisible()) await back.click();
}
