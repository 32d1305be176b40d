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

/** As fast as a scanner, in one breath of the page: no test's own delay between two keys. */
export const scan = (page, text) =>
  page.evaluate((text) => {
    const at = performance.now();
    [...text, 'Enter'].forEach((key, n) => {
      const target = document.activeElement ?? document.body;
      const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
      Object.defineProperty(event, 'timeStamp', { value: at + 4 * n });
      if (!target.dispatchEvent(event)) return;
      if (key === 'Enter') target.form?.requestSubmit();
      else if (target.matches('input:not([type=radio])')) {
        target.value += key;
        target.dispatchEvent(new Event('input', { bubbles: true }));
      }
    });
  }, text);
