// What several cases do by keyboard.

import assert from 'node:assert/strict';

/** Moves the focus on until it is on a control with this name. */
export async function tabTo(page, name) {
  for (let presses = 0; presses < 60; presses += 1) {
    const is = await page.evaluate((name) => {
      const { activeElement: at } = document;
      const words = [at.textContent, at.getAttribute('aria-label'), ...[...(at.labels ?? [])].map((label) => label.textContent)];
      return words.some((one) => one !== null && one.trim().startsWith(name));
    }, name);
    if (is) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`no control ${name} within 60 tabs`);
}

/** Opens the patient of the n-th bed. */
export async function openBed(page, n) {
  await page.keyboard.press(String(n));
  await page.keyboard.press('Enter');
  await page.locator('[data-testid=panel] [data-testid=identity]').waitFor();
}
