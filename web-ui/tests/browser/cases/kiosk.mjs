// A screen that nobody operates: `?kiosk`.

import assert from 'node:assert/strict';
import { GRACE } from '../fake-door.mjs';
import { log } from '../log-state.mjs';
import { stable, wardState } from '../ward-state.mjs';
import { withWard } from '../with-page.mjs';

const one = () => wardState({ beds: [stable('1'), stable('2')] });

/** The same page again, as a kiosk. `?kiosk=2`: it comes home after two seconds. */
function withKiosk(browser, query, run) {
  const setup = (server) => log(server, GRACE);
  return withWard(browser, { state: one(), setup }, async (given) => {
    const { page } = given;
    await page.addInitScript(() => {
      window.lit = [];
      const request = async () => {
        const lock = new EventTarget();
        window.lit.push(lock);
        return lock;
      };
      Object.defineProperty(navigator, 'wakeLock', { value: { request } });
    });
    await page.goto(new URL(`/?${query}`, page.url()).href);
    await page.waitForFunction(() => document.documentElement.dataset.kiosk !== undefined);
    await page.locator('[data-testid=bed]').first().waitFor();
    await run(given);
  });
}

const openLog = async (page) => {
  await page.locator('[data-testid=person] button.who').click();
  await page.getByRole('button', { name: 'Alarm log' }).click();
  await page.locator('[data-testid=log-entry]').first().waitFor();
};

export const kioskCases = [
  {
    name: 'a_kiosk_comes_home_to_the_beds_and_not_out_of_a_form_that_is_being_filled',
    run: (browser) =>
      withKiosk(browser, 'kiosk=2', async ({ page }) => {
        await openLog(page);
        await page.locator('#bed-1').waitFor({ timeout: 6000 });
        await openLog(page);
        await page.getByLabel('Word in it').fill('desat');
        await page.waitForTimeout(4000);
        assert.equal(await page.getByLabel('Word in it').inputValue(), 'desat');
      }),
  },
  {
    name: 'a_kiosk_stays_lit_cannot_be_zoomed_and_hides_a_resting_cursor',
    run: (browser) =>
      withKiosk(browser, 'kiosk', async ({ page }) => {
        assert.equal(await page.evaluate(() => window.lit.length), 1);
        await page.evaluate(() => window.lit[0].dispatchEvent(new Event('release')));
        await page.waitForFunction(() => window.lit.length === 2);
        assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).touchAction), 'pan-x pan-y');
        const zooms = await page.evaluate(() => [
          document.dispatchEvent(new WheelEvent('wheel', { ctrlKey: true, cancelable: true })),
          document.dispatchEvent(new KeyboardEvent('keydown', { key: '+', ctrlKey: true, cancelable: true })),
        ]);
        assert.deepEqual(zooms, [false, false]);
        const cursor = () => page.locator('#bed-1').evaluate((tile) => getComputedStyle(tile).cursor);
        await page.mouse.move(200, 300);
        await page.mouse.move(240, 300);
        assert.notEqual(await cursor(), 'none');
        await page.waitForFunction(() => document.documentElement.dataset.cursor === 'none', null, { timeout: 9000 });
        assert.equal(await cursor(), 'none');
        await page.keyboard.press('Tab');
        assert.notEqual(await cursor(), 'none', 'who works by keyboard sees where it stands');
      }),
  },
  {
    name: 'a_kiosk_that_draws_no_more_loads_itself_anew_while_the_post_answers',
    run: (browser) =>
      withKiosk(browser, 'kiosk', async ({ page }) => {
        const anew = page.waitForEvent('load', { timeout: 75_000 });
        await page.evaluate(() => (window.requestAnimationFrame = () => 0));
        await anew;
        await page.locator('[data-testid=bed]').first().waitFor();
        assert.match(page.url(), /\?kiosk$/);
      }),
  },
  {
    name: 'any_other_screen_is_no_kiosk',
    run: (browser) =>
      withWard(browser, { state: one() }, async ({ page }) => {
        await page.waitForTimeout(2000);
        assert.equal(await page.evaluate(() => 'kiosk' in document.documentElement.dataset), false);
      }),
  },
];
