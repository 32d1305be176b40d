// The doctor's page: alerts and beds, an answer, a patient, a message being written, and who is on duty.

import { signIn } from './post.mjs';

const COMES_MS = 1500;

export async function takeCentre(page, album, demo) {
  await page.goto(demo.doctorUrl);
  await page.getByLabel('Sign-in name').waitFor();
  await album.page(page, 'centre-sign-in');
  await signIn(page, 'dr.demo', demo.doctorPassword, await demo.sixDigits());
  await page.locator('[data-testid=alert]').first().waitFor({ timeout: 120_000 });
  await page.waitForTimeout(COMES_MS);
  await album.page(page, 'centre');
  await page.locator('[data-testid=alert] [aria-expanded]').first().click();
  await album.page(page, 'centre-answer');
  await page.keyboard.press('Escape');
  await page.locator('[data-testid=remote-bed] button[aria-expanded]').first().click();
  await page.waitForTimeout(COMES_MS);
  await album.page(page, 'centre-patient');
  await page.locator('[data-testid=remote-bed] button[aria-expanded=true]').click();
  await page.locator('[data-testid=post] button[aria-label^="Write to the post"]').click();
  await album.page(page, 'centre-write');
  await sendMessage(page);
  await album.page(page, 'centre-sent');
  await page.locator('[data-testid=duty-open]').click();
  await page.waitForTimeout(COMES_MS);
  await album.page(page, 'centre-duty');
}

/** It stands on the nurse's page until somebody has read it. */
async function sendMessage(page) {
  const form = page.locator('[data-testid=send-form]');
  await form.locator('textarea').fill('Sit bed 2 up, and look at the sensor on the finger.');
  await form.locator('button[type=submit]').click();
  await page.locator('[data-testid=sent]').first().waitFor();
}
