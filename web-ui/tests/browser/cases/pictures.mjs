// Pictures of every state, to be looked at: tests/shots-out/. `npm run pictures`: they assert nothing.

import { afterOutage } from '../centre-state.mjs';
import { stable, troubled, wardState } from '../ward-state.mjs';
import { PHONE, TABLET, WALL, shot, withCentre, withWard } from '../with-page.mjs';

const beds = (n) => Array.from({ length: n }, (_, i) => stable(String(i + 1)));

function picture(name, options, act = async () => {}) {
  return {
    name: `picture ${name}`,
    run: (browser) =>
      withWard(browser, options, async (context) => {
        await act(context);
        await shot(context.page, name);
      }),
  };
}

const SIZES = [['tablet', TABLET], ['wall', WALL], ['phone', PHONE]];

export const pictureCases = [
  ...SIZES.map(([name, viewport]) => picture(`ward-troubled-${name}`, { state: troubled(), viewport })),
  picture('ward-troubled-light', { state: troubled(), theme: 'light' }),
  picture('ward-troubled-french', { state: troubled(), language: 'fr' }),
  ...[1, 4, 6, 8, 12, 16].map((n) => picture(`ward-${n}-beds-wall`, { state: wardState({ beds: beds(n) }), viewport: WALL })),
  ...[2, 4, 6, 8].map((n) => picture(`ward-${n}-beds-tablet`, { state: wardState({ beds: beds(n) }) })),
  picture('ward-six-troubled-tablet', { state: { ...troubled(), beds: troubled().beds.slice(0, 6) } }),
  picture('ward-six-troubled-wall', { state: { ...troubled(), beds: troubled().beds.slice(0, 6) }, viewport: WALL }),
  picture('ward-phone-calm', { state: wardState({ beds: beds(4) }), viewport: PHONE }),
  picture('ward-phone-whole', { state: troubled(), viewport: { width: 360, height: 2400 } }),
  picture('ward-alarm-list', { state: troubled() }, async ({ page }) => {
    await page.keyboard.press('l');
    await page.waitForSelector('aside');
  }),
  ...SIZES.map(([name, viewport]) => ({
    name: `picture centre-${name}`,
    run: (browser) => withCentre(browser, { viewport }, ({ page }) => shot(page, `centre-${name}`)),
  })),
  {
    name: 'picture centre-after-outage',
    run: (browser) =>
      withCentre(browser, { state: afterOutage(), viewport: { width: 1280, height: 1300 } }, async ({ page }) => {
        await page.getByRole('button', { name: /^Write to the post: Kintampo/ }).click();
        await page.getByLabel('What').selectOption('limits');
        await shot(page, 'centre-after-outage');
      }),
  },
  {
    name: 'picture centre-light',
    run: (browser) => withCentre(browser, { theme: 'light' }, ({ page }) => shot(page, 'centre-light')),
  },
  {
    name: 'picture centre-phone-whole',
    run: (browser) =>
      withCentre(browser, { viewport: { width: 360, height: 2600 } }, ({ page }) => shot(page, 'centre-phone-whole')),
  },
];
