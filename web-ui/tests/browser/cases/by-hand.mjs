// What a nurse measured by hand: where no monitor measures it stands with its sign, time and age, and in the trends.

import assert from 'node:assert/strict';
import { incomplete } from '../scores-state.mjs';
import { serve, ward } from '../stays-state.mjs';
import { trendOf } from '../trend-state.mjs';
import { alarm, nibp, v } from '../ward-state.mjs';
import { PHONE, shot, TABLET, WALL, withWard } from '../with-page.mjs';
import { assertClean } from './axe.mjs';

const MINUTE = 60_000;
const SIZES = { tablet: TABLET, phone: PHONE, wall: WALL };
const found = (key, value, unit, minutes) => ({ key, value, unit, age: minutes * MINUTE, by: 'Grace O.' });

/** Bed 2 after its monitor left: an oximeter, an older cuff, and what the nurse found. */
function byHand() {
  const lab = ward();
  const bed = lab.state.beds.find(({ id }) => id === '2');
  bed.values = [v('pr', '72'), v('spo2', '97'), v('rr', '16', { age: 9 * MINUTE }), ...nibp('125', '79', '94', 5), v('temp', '36.7', { age: 9 * MINUTE })];
  bed.score = incomplete({ by_hand: [found('temp', '38.2', 'Cel', 2), found('sbp', '132', 'mm[Hg]', 2), found('dbp', '84', 'mm[Hg]', 2)] });
  lab.state.alarms = [alarm(1, 'limit.nibp_s.low', 'medium', { bed: '2', value: '84', limit: '90' })];
  return lab;
}

const slot = (page, name) => page.locator(`#bed-2 [data-slot=${name}]`);
const text = async (place) => (await place.innerText()).replace(/\s+/g, ' ').trim();

export const byHandCases = [
  ...Object.entries(SIZES).flatMap(([size, viewport]) =>
    [['dark', 'en'], ['light', 'sw']].map(([theme, language]) => ({
      name: `i4_what_was_measured_by_hand_stands_in_its_slot_with_a_sign_and_age_${size}_${theme}`,
      run: (browser) => {
        const lab = byHand();
        return withWard(browser, { state: lab.state, viewport, theme, language, setup: (server) => serve(server, lab) }, async ({ page, server }) => {
          assert.equal(await slot(page, 'temp').locator('[data-testid=digits]').textContent(), '38.2');
          assert.equal(await slot(page, 'nibp').locator('[data-testid=digits]').textContent(), '132/84');
          for (const name of ['temp', 'nibp']) {
            assert.equal(await slot(page, name).getAttribute('data-state'), 'spot_dim', 'as dim as what is old');
            assert.match(await slot(page, name).locator('[data-testid=foot] .one-line').textContent(), /^\d\d:\d\d {2}2 min$/);
            assert.match(await slot(page, name).locator('[data-testid=foot] .hidden').textContent(), /, Grace O\./);
            assert.equal(await slot(page, name).locator('[data-inverse]').count(), 0, 'no alarm comes from it');
            const cut = await slot(page, name).evaluate((one) => one.scrollWidth > one.clientWidth + 1 || [...one.querySelectorAll('.foot .one-line')].some((line) => line.scrollWidth > line.clientWidth + 1));
            assert.equal(cut, false, `${name} is whole`);
          }
          assert.match(await slot(page, 'resp').locator('[data-testid=digits]').textContent(), /--/, 'what nobody found is gone');
          await page.locator('#bed-2').scrollIntoViewIfNeeded();
          await shot(page, `by-hand-${size}-${theme}`);
          await assertClean(page, 'by hand');
          lab.state.beds[1].values = lab.state.beds[1].values.map((value) => (value.code === 'temp' ? v('temp', '36.9') : value));
          server.push();
          await slot(page, 'temp').locator('[data-testid=digits]', { hasText: '36.9' }).waitFor();
        });
      },
    })),
  ),
  {
    name: 'what_was_measured_by_hand_stands_under_the_trends_and_on_the_print_with_its_upper_pressure_first',
    run: (browser) => {
      const lab = byHand();
      const setup = (server) => {
        serve(server, lab);
        const others = server.told;
        server.told = (path, now, wall, search) => {
          if (path === '/api/v1/trend') return trendOf(search);
          const answer = others(path, now, wall, search);
          if (path === '/api/v1/beds/2/patient') {
            const entry = (n, more) => ({ entry: `e-${n}`, at_ms: null, wall_ms: Math.round(wall - 14 * n * MINUTE), by: 'Grace O.', withdrawn_by: null, ...more });
            answer.body.observations = [entry(1, { findings: { dbp: '84', sbp: '132', temp: '38.2' } }), entry(2, { findings: { sbp: '60' }, withdrawn_by: 'Grace O.' }), entry(40, { findings: { sbp: '99' } })];
          }
          return answer;
        };
      };
      return withWard(browser, { state: lab.state, setup }, async ({ page }) => {
        await page.locator('#bed-2 .open').click();
        await page.getByRole('button', { name: 'Curves and trends' }).click();
        const lines = page.locator('[data-testid=by-hand] li');
        await lines.first().waitFor();
        assert.equal(await lines.count(), 1, 'of this time, and not taken back');
        assert.match(await text(lines.first()), /^13:[45]\d Grace O\.: Temperature 38\.2.°C, Systolic 132.mmHg, Diastolic 84.mmHg$/);
        await page.waitForTimeout(400);
        await page.locator('[data-testid=by-hand]').scrollIntoViewIfNeeded();
        await shot(page, 'by-hand-trends');
        await page.evaluate(() => (window.print = () => (window.printed = true)));
        await page.getByRole('button', { name: 'Print' }).click();
        await page.waitForFunction(() => window.printed);
        await page.emulateMedia({ media: 'print' });
        assert.ok(await lines.first().isVisible(), 'on paper too');
        assert.equal(await lines.first().evaluate((one) => getComputedStyle(one).color), 'rgb(0, 0, 0)');
        await shot(page, 'by-hand-print');
      });
    },
  },
];
