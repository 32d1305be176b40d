// Curves (display.md section 4): drawn as they come, and never where nothing was measured (I4).

import assert from 'node:assert/strict';
import { lane, play } from '../curves-state.mjs';
import { PHONE, TABLET, WALL, shot, withWard } from '../with-page.mjs';
import { stable, wardState } from '../ward-state.mjs';

function withCurves(beds, codes = ['ecg_ii', 'pleth']) {
  const state = wardState({ beds: Array.from({ length: beds }, (_, n) => stable(String(n + 1))) });
  state.curves = state.beds.flatMap(({ id }, n) => codes.map((code, m) => lane(10 * n + m + 1, id, code)));
  return state;
}

/** The one that is to be seen: a tile has two places for its first curve. */
const curve = (page, bed, code) => page.locator(`#bed-${bed} [data-testid=curve][data-code=${code}]:visible`);

/** How many columns of a curve's place have something in them. */
function inked(where) {
  return where.locator('canvas').evaluate((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let columns = 0;
    for (let x = 0; x < canvas.width; x += 1) {
      for (let y = 0; y < canvas.height; y += 1) {
        if (data[4 * (y * canvas.width + x) + 3] > 60) {
          columns += 1;
          break;
        }
      }
    }
    return columns / canvas.width;
  });
}

/** How many columns are hatched: something from the top of them to their foot. */
function hatched(where) {
  return where.locator('canvas').evaluate((canvas) => {
    const { width, height } = canvas;
    const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
    const inked = (x, from, to) => {
      for (let y = Math.floor(from * height); y < to * height; y += 1) if (data[4 * (y * width + x) + 3] > 60) return true;
      return false;
    };
    const parts = [0, 0.2, 0.4, 0.6, 0.8];
    return Array.from({ length: width }, (_, x) => x).filter((x) => parts.every((part) => inked(x, part, part + 0.2))).length;
  });
}

async function until(what, found) {
  let last;
  for (let n = 0; n < 250; n += 1) {
    last = await found();
    if (last === true) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  assert.fail(`${what}: ${last}`);
}

const runs = (where) => until('it runs', async () => (await where.locator('canvas').getAttribute('data-state')) === 'runs');

export const curveCases = [
  {
    name: 'i4_curves_are_drawn_as_they_come_and_one_that_stops_is_hatched_and_never_goes_on_flat',
    run: (browser) => {
      const state = withCurves(6, ['pleth', 'resp']);
      return withWard(browser, { state, viewport: TABLET }, async ({ page, server }) => {
        const source = play(server, state);
        try {
          const pleth = curve(page, '1', 'pleth');
          await runs(pleth);
          await until('most of its width', async () => (await inked(pleth)) > 0.7 || inked(pleth));
          await shot(page, 'ward-6-curves-tablet');
          assert.ok(await pleth.getByText('no curve now').isHidden());
          source.silent.add(1);
          await pleth.getByText('no curve now').waitFor({ timeout: 20_000 });
          assert.ok((await hatched(pleth)) > 200, 'nothing of it is to be taken for now');
          await shot(page, 'ward-6-curve-stopped-tablet');
          await runs(curve(page, '2', 'pleth'));
          source.silent.delete(1);
          await runs(pleth);
          assert.ok(await pleth.getByText('no curve now').isHidden());
        } finally {
          source.end();
        }
      });
    },
  },
  {
    name: 'i4_what_is_missing_in_a_curve_is_hatched_and_what_is_another_curve_begins_on_an_empty_place',
    run: (browser) => {
      const state = withCurves(2);
      return withWard(browser, { state, viewport: TABLET }, async ({ page, server }) => {
        const source = play(server, state);
        try {
          const pleth = curve(page, '1', 'pleth');
          await runs(pleth);
          assert.ok((await hatched(pleth)) < 10, 'nothing is missing yet');
          source.skip = 1.2;
          await page.waitForTimeout(1500);
          assert.ok((await hatched(pleth)) > 60, 'a second is missing');
          await shot(page, 'ward-2-curve-gap-tablet');
          await runs(pleth);
          await until('much of its width', async () => (await inked(pleth)) > 0.6 || inked(pleth));
          state.curves = state.curves.map((one) => (one.bed === '1' ? { ...one, lane: one.lane + 500 } : one));
          server.push();
          await until('an empty place for another curve', async () => (await inked(pleth)) < 0.3 || inked(pleth));
          await runs(pleth);
          // Nobody lies there any more: no curve is anybody's.
          state.beds[0].values = [];
          state.beds[0].patient.vacant = true;
          server.push();
          await pleth.waitFor({ state: 'detached' });
        } finally {
          source.end();
        }
      });
    },
  },
  {
    name: 'a_page_that_nobody_sees_asks_for_no_samples_and_a_new_connection_asks_again',
    run: (browser) => {
      const state = withCurves(2);
      return withWard(browser, { state }, async ({ page, server }) => {
        const asked = () => server.said.filter(({ type }) => type === 'curves').map(({ on }) => on);
        await until('it asks', () => asked().length === 1);
        server.cut();
        await until('it asks again', () => asked().length === 2);
        await page.evaluate(() => Object.defineProperty(document, 'hidden', { configurable: true, get: () => true }));
        await until('it asks for none', () => asked().length === 3);
        assert.deepEqual(asked(), [true, true, false]);
      });
    },
  },
  ...[['tablet', TABLET, 8], ['wall', WALL, 16], ['phone', PHONE, 4]].map(([name, viewport, beds]) => ({
    name: `curves_and_numbers_fit_${name}_${beds}`,
    run: (browser) => {
      const state = withCurves(beds);
      return withWard(browser, { state, viewport }, async ({ page, server }) => {
        const source = play(server, state);
        try {
          await runs(curve(page, '1', 'ecg_ii'));
          await page.waitForTimeout(2500);
          await shot(page, `ward-${beds}-curves-${name}`);
          const cut = await page.evaluate(() => {
            const inside = (one, box) => one.top >= box.top - 1 && one.bottom <= box.bottom + 1;
            return [...document.querySelectorAll('[data-testid=bed]')].flatMap((tile) =>
              [...tile.querySelectorAll('[data-testid=digits], [data-testid=foot]')]
                .filter((one) => !inside(one.getBoundingClientRect(), tile.getBoundingClientRect()))
                .map((one) => `${tile.id}: ${one.textContent}`));
          });
          assert.deepEqual(cut, []);
        } finally {
          source.end();
        }
      });
    },
  })),
];
