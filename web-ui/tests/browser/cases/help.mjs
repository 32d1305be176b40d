// The help: every sign as the page draws it, with what to do about it; opened by ? and left by Escape.

import assert from 'node:assert/strict';
import { alarm, stable, wardState } from '../ward-state.mjs';
import { withWard } from '../with-page.mjs';
import { assertClean } from './axe.mjs';
import { tabTo } from './keys.mjs';

const NARROW = { width: 360, height: 740 };
const state = () => wardState({ beds: [stable('1'), stable('2')], alarms: [alarm(1, 'limit.spo2.low', 'high', { bed: '1', value: '83', limit: '90' })] });
const help = (page) => page.locator('[data-testid=help]');
const open = async (page) => {
  await page.keyboard.press('?');
  await help(page).locator('[data-testid=sign]').first().waitFor();
};

export const helpCases = [
  {
    name: 'the_help_shows_every_sign_by_its_own_component_and_nothing_in_it_can_be_pressed',
    run: (browser) =>
      withWard(browser, { state: state() }, async ({ page, server }) => {
        await open(page);
        const signs = help(page).locator('[data-testid=sign]');
        assert.equal(await signs.count(), 46);
        for (const words of await signs.locator('> p').allInnerTexts()) assert.ok(words.length > 10, words);
        const states = await help(page).locator('[data-testid=slot]').evaluateAll((all) => all.map((one) => one.dataset.state));
        assert.deepEqual([...new Set(states)].sort(), ['absent', 'gone', 'hollow', 'implausible', 'live', 'probe_off', 'searching', 'spot', 'spot_dim', 'spot_old', 'stale']);
        const signals = await help(page).locator('[data-testid=alarm]').evaluateAll((all) => all.map((one) => one.dataset.signal));
        for (const signal of ['high', 'medium', 'steady-low', 'steady-high']) assert.ok(signals.includes(signal), `${signal} of ${signals}`);
        assert.equal(await help(page).locator('.sample:not([inert])').count(), 0);
        assert.equal(await help(page).getByText('Acknowledge', { exact: true }).filter({ visible: true }).count(), 0, 'no button that does nothing');
        const alarms = help(page).locator('.sample', { has: page.locator('[data-testid=alarm]') });
        for (const words of await alarms.allInnerTexts()) assert.match(words, /^Example/);
        const cut = await help(page).locator('[data-testid=alarm] :is(.words, .meta bdi)').evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent));
        assert.deepEqual(cut, [], 'each example is whole');
        for (const sign of ['NO MONITOR', 'searching', 'incomplete, red', 'no doctor has read it in time', 'Empty, values come']) await signs.filter({ hasText: sign }).first().waitFor();
        assert.equal(await page.locator('[data-testid=banner]').getByRole('button', { name: 'Acknowledge' }).count(), 1, 'the banner stays above');
        await tabTo(page, '‹ Beds');
        await page.keyboard.press('Escape');
        await page.locator('[data-testid=bed]').first().waitFor();
        assert.equal(server.commands.length, 0);
      }),
  },
  ...[['en', 'dark', {}], ['ar', 'light', { viewport: NARROW }], ['hi', 'dark', { viewport: NARROW }]].map(([language, theme, options]) => ({
    name: `the_help_has_no_fault_of_access_and_nothing_is_wider_than_the_screen_${language}_${theme}`,
    run: (browser) =>
      withWard(browser, { state: state(), language, theme, ...options }, async ({ page }) => {
        await page.locator('[data-testid=help-open]').click();
        await help(page).locator('[data-testid=sign]').first().waitFor();
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
        await page.screenshot({ path: new URL(`../../shots-out/help-${language}.png`, import.meta.url).pathname, fullPage: true });
        await assertClean(page, `help ${language}`);
      }),
  })),
];
