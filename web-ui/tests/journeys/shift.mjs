// The shift that most journeys are a part of: one post with its centre, and whoever stands before its screens.

import { startDemo } from './demo.mjs';
import { menu, open, signIn, tile } from './screens.mjs';

export const demo = await startDemo();

/** The screens: the nurse's, the doctor's, the technician's, the senior nurse's. */
export let ward = null;
export let centre = null;
export let bench = null;
export let matron = null;

export async function openWard() {
  ward = await open(demo.nurseUrl);
  await signIn(ward, 'nurse', demo.nursePassword);
}

export async function openCentre() {
  centre = await open(demo.doctorUrl);
  await signIn(centre, 'dr.demo', demo.doctorPassword, await demo.sixDigits());
}

export async function openBench() {
  bench = await open(demo.nurseUrl);
  await signIn(bench, 'tech', demo.nursePassword);
}

/** The senior nurse's screen, signed in. */
export async function openMatron() {
  if (matron === null) matron = await open(demo.nurseUrl);
  await matron.getByLabel('Sign-in name').or(matron.locator('[data-testid=bed]').first()).first().waitFor();
  if (await matron.getByLabel('Sign-in name').isVisible()) await signIn(matron, 'matron', demo.nursePassword);
}

export const row = (page, part) => page.locator(`[data-testid=system-row][data-part=${part}]`);

/** The senior nurse's screen, on the page that says how the post is. */
export async function openSystem() {
  await openMatron();
  await menu(matron, 'System and self-test');
  await row(matron, 'power').waitFor();
}

/** After a sign-out or a power cut. */
export async function signInAgain(name, password) {
  await ward.getByLabel('Sign-in name').waitFor({ timeout: 60_000 });
  await signIn(ward, name, password);
  await ward.locator('[data-testid=bed]').first().waitFor();
}

export async function openBed(bed) {
  await tile(ward, bed).locator('.open').click();
}

/** A person who signs in before the post is cut from power may or may not be known after it. */
export async function comesBack() {
  await ward.getByLabel('Sign-in name').or(ward.locator('[data-testid=bed]').first()).first().waitFor();
  if (await ward.getByLabel('Sign-in name').isVisible()) await signIn(ward, 'nurse', demo.nursePassword);
}
