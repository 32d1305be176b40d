// Journeys: a nurse whose mouse is broken and whose screen has no touch.

import assert from 'node:assert/strict';
import { tabTo } from '../browser/cases/keys.mjs';
import { open, panel, SETTLED_MS, SHOTS, tile, until } from './screens.mjs';
import { demo } from './shift.mjs';

/** As fast as fingers: what comes faster was scanned. */
const KEY_MS = 90;
let page = null;

async function press(name) {
  await tabTo(page, name);
  await page.keyboard.press('Enter');
}

async function type(name, text) {
  await tabTo(page, name);
  await page.keyboard.type(text, { delay: KEY_MS });
}

/** Where the keyboard stands is to be seen: a ring around what has the focus. */
async function isSeen() {
  const ring = await page.evaluate(() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
    return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
  });
  assert.ok(ring, 'the focus is not to be seen');
}

export const byKeyboard = {
  async 'by keyboard alone: signing in, an alarm, what was found, the log, the way out'() {
    page = await open(demo.nurseUrl);
    await page.getByLabel('Sign-in name').waitFor();
    await type('Sign-in name', 'nurse');
    await type('Password', demo.nursePassword);
    await isSeen();
    await page.keyboard.press('Enter');
    await page.locator('[data-testid=bed]').nth(5).waitFor();
    const waiting = () => page.locator('[data-testid=alarm] .act').count();
    const before = await waiting();
    if (before > 0) {
      await page.waitForTimeout(SETTLED_MS);
      await page.keyboard.press('a');
      await until('the worst alarm has the focus', async () => page.evaluate(() => document.activeElement.matches('button')));
      await isSeen();
    }
    await page.keyboard.press('4');
    await page.keyboard.press('Enter');
    await panel(page).locator('[data-testid=identity]').waitFor();
    await press('Enter what you found');
    await tabTo(page, 'A');
    await page.keyboard.press('Space');
    await type('Temperature', '37.4');
    await isSeen();
    await press('Save');
    await panel(page).getByText(/37\.4/).first().waitFor();
    await page.screenshot({ path: `${SHOTS}journey-keyboard.png` });
    await page.keyboard.press('Escape');
    await panel(page).waitFor({ state: 'detached' });
    await press('Demo nurse');
    await press('Alarm log');
    await page.locator('[data-testid=log-entry]').first().waitFor();
    await isSeen();
    await press('‹ Beds');
    await tile(page, 1).waitFor();
    await press('Sign out');
    await page.getByLabel('Sign-in name').waitFor();
    await page.context().close();
  },
};
