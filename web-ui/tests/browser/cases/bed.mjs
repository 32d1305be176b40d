// The page of one bed: curves, numbers, alarms and trends on one page.

import assert from 'node:assert/strict';
import { lane, play } from '../curves-state.mjs';
import { GRACE } from '../fake-door.mjs';
import { serve, ward } from '../stays-state.mjs';
import { trendOf } from '../trend-state.mjs';
import { PHONE, TABLET, shot, withWard } from '../with-page.mjs';
import { alarm, v } from '../ward-state.mjs';

const HOUR = 3_600_000;

/** Four beds; the second has curves and an alarm. */
function oneBed() {
  const lab = ward();
  const { state } = lab;
  state.alarms = [alarm(1, 'limit.spo2.low', 'high', { bed: '2', value: '84', limit: '90' })];
  state.curves = [lane(1, '2', 'ecg_ii'), lane(2, '2', 'pleth'), lane(3, '2', 'resp')];
  const bed = state.beds.find(({ id }) => id === '2');
  bed.values = [...bed.values, { ...v('etco2', '38'), label: 'etCO2', unit: 'mm[Hg]' }];
  return lab;
}

/** Trends with a stretch without the box, and an alarm in them. */
function told(server, lab, asked = [], logStay = null) {
  serve(server, lab);
  server.door.person = { ...GRACE, may: [...GRACE.may, 'see_alarm_log'] };
  const others = server.told;
  server.told = (path, now, wall, search) => {
    if (path === '/api/v1/trend') {
      asked.push(new URLSearchParams(search));
      return trendOf(search, { holes: [[wall - 2.4 * HOUR, wall - 2 * HOUR]], shape: (value, ms, code) => (code === 'spo2' && ms > wall - 0.2 * HOUR ? 84 : value) });
    }
    if (path === '/api/v1/alarm-log') {
      const at = { wall: wall - 0.2 * HOUR, trust: 'synchronised' };
      return { body: { entries: [{ kind: 'alarm', at, condition: 'limit.spo2.low', priority: 'high', steps: [], stay: logStay ?? lab.state.beds[1].patient.admission }], more: false, read_from: null } };
    }
    return others(path, now, wall, search);
  };
  return asked;
}

/** Opens the page of bed 2, in whichever words. */
async function open(page, words = 'Curves and trends') {
  await page.locator('#bed-2 .open').click();
  await page.getByRole('button', { name: words }).click();
  await page.locator('[data-testid=bed-page]').waitFor();
  await page.locator('[data-testid=trends][data-reads=false]').waitFor();
}

/** Whether there is any ink in a stretch of a chart, from 0 to 1 of its width. */
function ink(page, group, from, to) {
  return page.locator(`[data-testid=trend][data-group=${group}] canvas`).evaluate((canvas, [from, to]) => {
    // Inside of the axes, what is neither grid nor words: the colour of the value.
    const [left, width] = [50 * devicePixelRatio, canvas.width - 72 * devicePixelRatio];
    const { data } = canvas.getContext('2d').getImageData(left + from * width, 0, (to - from) * width, canvas.height - 30 * devicePixelRatio);
    let found = 0;
    for (let at = 0; at < data.length; at += 4) if (data[at + 1] > 120 && data[at + 1] > data[at] + 40) found += 1;
    return found;
  }, [from, to]);
}

/** The page of bed 2 with all that it shows, for other cases. */
export function withBed(browser, options, run) {
  const lab = oneBed();
  return withWard(browser, { state: lab.state, setup: (server) => told(server, lab), ...options }, async ({ page, server }) => {
    const source = play(server, lab.state);
    try {
      await open(page);
      await page.locator('[data-testid=bed-page] canvas[data-state=runs]').first().waitFor();
      await run(page);
    } finally {
      source.end();
    }
  });
}

export const bedCases = [
  {
    name: 'a_bed_on_the_whole_page_has_its_curves_numbers_alarms_and_trends_and_the_way_back',
    run: (browser) => {
      const lab = oneBed();
      const { state } = lab;
      return withWard(browser, { state, viewport: TABLET, setup: (server) => told(server, lab) }, async ({ page, server }) => {
        const source = play(server, state);
        try {
          await open(page);
          const bed = page.locator('[data-testid=bed-page]');
          assert.equal(await bed.locator('[data-testid=curve]').count(), 3);
          await bed.locator('canvas[data-state=runs]').first().waitFor();
          assert.equal(await bed.locator('[data-slot=spo2] [data-testid=digits]').textContent(), '97');
          await bed.getByText('etCO2').first().waitFor();
          await bed.getByText('SpO2 84 < 90').waitFor();
          await page.waitForTimeout(2500);
          await shot(page, 'bed-tablet');
          await bed.getByRole('button', { name: 'Patient' }).click();
          await page.locator('[data-testid=panel]').waitFor();
          assert.ok(await bed.isVisible(), 'the panel stands beside it');
          await page.locator('[data-testid=panel]').getByRole('button', { name: /Close/ }).click();
          await page.keyboard.press('Escape');
          await page.locator('#bed-1').waitFor();
        } finally {
          source.end();
        }
      });
    },
  },
  {
    name: 'a_screen_that_is_turned_has_charts_as_wide_as_it_is_now',
    run: (browser) => {
      const lab = oneBed();
      return withWard(browser, { state: lab.state, viewport: TABLET, setup: (server) => told(server, lab) }, async ({ page }) => {
        await open(page);
        for (const viewport of [PHONE, TABLET]) {
          await page.setViewportSize(viewport);
          // A chart that is drawn anew is another canvas.
          await page.waitForFunction((most) => {
            const { width } = document.querySelector('[data-testid=trend] canvas')?.getBoundingClientRect() ?? { width: 0 };
            return width >= 0.8 * most && width <= most;
          }, viewport.width);
          assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= viewport.width, 'the page');
        }
      });
    },
  },
  {
    name: 'i4_a_trend_is_empty_where_the_post_heard_nothing_and_other_times_can_be_chosen',
    run: (browser) => {
      const asked = [];
      const lab = oneBed();
      return withWard(browser, { state: lab.state, setup: (server) => told(server, lab, asked) }, async ({ page }) => {
        await open(page);
        await page.waitForTimeout(300);
        await page.locator('[data-testid=trend][data-group=nibp]').scrollIntoViewIfNeeded();
        await shot(page, 'bed-trends-tablet');
        // The stretch without the box lies from 0.4 to 0.5 of the four hours.
        assert.ok((await ink(page, 'heart', 0.1, 0.35)) > 100);
        assert.equal(await ink(page, 'heart', 0.42, 0.48), 0, 'no line over the gap');
        assert.ok((await ink(page, 'heart', 0.6, 0.9)) > 100);
        assert.ok(asked.every((one) => one.get('of') === 'patient' && one.get('points') === '360'));
        asked.length = 0;
        await page.getByRole('button', { name: '24 h' }).click();
        await page.locator('[data-testid=trends][data-reads=false]').waitFor();
        await page.waitForTimeout(300);
        const [first] = asked;
        assert.equal(Number(first.get('to_ms')) - Number(first.get('from_ms')), 24 * HOUR);
        asked.length = 0;
        await page.getByRole('button', { name: 'Earlier' }).click();
        await page.waitForTimeout(500);
        assert.ok(Number(asked[0].get('to_ms')) <= Number(first.get('to_ms')) - 23 * HOUR);
        assert.ok(await page.getByRole('button', { name: 'Later' }).isEnabled());
        await page.getByRole('button', { name: 'Table' }).click();
        await page.locator('[data-testid=trend-table] tbody tr').nth(20).waitFor();
        await shot(page, 'bed-table-tablet');
        await page.evaluate(() => (window.print = () => (window.printed = true)));
        await page.getByRole('button', { name: 'Print' }).click();
        await page.waitForFunction(() => window.printed);
        await page.emulateMedia({ media: 'print' });
        assert.match(await page.locator('[data-testid=print-head]').innerText(), /Bed 2: Karim Abdul, PT-0012, 1975-06-02, M\n+.*2027.* to 2027.*\n+Printed 2027-03-04 14:0\d by Grace O\./);
        for (const hidden of ['[data-testid=banner]', 'footer', '[data-testid=curve]', 'button']) {
          assert.equal(await page.locator(`${hidden}:visible`).count(), 0, `${hidden} is not for paper`);
        }
        const inks = await page.locator('[data-testid=trend-table] td').evaluateAll((all) => [...new Set(all.map((one) => getComputedStyle(one).color))]);
        assert.deepEqual(inks, ['rgb(0, 0, 0)']);
        await page.emulateMedia({ media: 'screen' });
        const head = await page.locator('[data-testid=trend-table] thead').textContent();
        assert.match(head, /HR.*SpO2.*RR.*NIBP sys/);
      });
    },
  },
  {
    name: 'i4_the_page_of_a_bed_whose_values_have_stopped_says_so_as_its_tile_does',
    run: (browser) => {
      const lab = oneBed();
      return withWard(browser, { state: lab.state, setup: (server) => told(server, lab) }, async ({ page, server }) => {
        await open(page);
        const about = page.locator('[data-testid=bed-page] .about').first();
        await about.filter({ hasText: 'LIVE' }).waitFor();
        for (const value of lab.state.beds[1].values) value.age = 20_000;
        server.push();
        await about.filter({ hasText: 'NO DATA' }).waitFor();
      });
    },
  },
  ...[['of_whoever_lies_there', null, true], ['of_whoever_lay_there_before', 'somebody-else', false]].map(([whose, stay, marked]) => ({
    name: `i3_an_alarm_${whose}_is_${marked ? 'marked' : 'not_marked'}_in_the_trend`,
    run: (browser) => {
      const lab = oneBed();
      return withWard(browser, { state: lab.state, setup: (server) => told(server, lab, [], stay) }, async ({ page }) => {
        await open(page);
        await page.waitForTimeout(600);
        const red = await page.locator('[data-testid=trend][data-group=spo2] canvas').evaluate((canvas) => {
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          let found = 0;
          for (let n = 0; n < data.length; n += 4) if (data[n] > 200 && data[n + 1] < 90 && data[n + 2] < 90) found += 1;
          return found;
        });
        assert.equal(red > 10, marked, `${red} points of red`);
      });
    },
  })),
  {
    name: 'i4_a_time_in_which_nothing_was_heard_is_empty_as_a_chart_and_as_a_table_and_says_so',
    run: (browser) => {
      const lab = oneBed();
      return withWard(browser, { state: lab.state, setup: (server) => told(server, lab) }, async ({ page, server }) => {
        await open(page);
        await page.waitForTimeout(300);
        assert.ok((await ink(page, 'heart', 0.6, 0.9)) > 100);
        const others = server.told;
        server.told = (path, now, wall, search) => {
          const answer = others(path, now, wall, search);
          if (path === '/api/v1/trend') answer.body.series = [];
          return answer;
        };
        await page.getByRole('button', { name: 'Earlier' }).click();
        await page.locator('[data-group=heart]').getByText('nothing in this time').waitFor();
        await page.waitForTimeout(300);
        assert.equal(await ink(page, 'heart', 0, 1), 0, 'what stood there is of another time');
        await page.getByRole('button', { name: 'Table' }).click();
        await page.locator('[data-testid=trends]').getByText('nothing in this time').waitFor();
        assert.equal(await page.locator('[data-testid=trend-table] tbody tr').count(), 16);
      });
    },
  },
  {
    name: 'a_trend_that_cannot_be_read_says_why_and_comes_by_itself_and_a_file_waits_for_a_busy_card',
    run: (browser) => {
      const lab = oneBed();
      return withWard(browser, { state: lab.state, setup: (server) => told(server, lab) }, async ({ page, server }) => {
        await open(page);
        const works = server.told;
        const fails = (status, error) => (path, ...more) => (path === '/api/v1/trend' ? { status, body: { error } } : works(path, ...more));
        server.told = fails(503, 'the card cannot be read');
        await page.getByRole('button', { name: 'Earlier' }).click();
        await page.getByText(/the card cannot be read/).waitFor();
        server.told = works;
        await page.getByText(/the card cannot be read/).waitFor({ state: 'detached' });
        server.told = fails(429, 'others are reading the card');
        const file = page.waitForEvent('download');
        await page.getByRole('button', { name: 'As a file (CSV)' }).click();
        await page.getByText(/others are reading the card/).waitFor();
        server.told = works;
        await file;
      });
    },
  },
  {
    name: 'i9_a_page_of_a_bed_goes_with_whoever_opened_it',
    run: (browser) => {
      const lab = oneBed();
      return withWard(browser, { state: lab.state, setup: (server) => told(server, lab) }, async ({ page }) => {
        await open(page);
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.locator('#bed-1').waitFor();
        assert.equal(await page.locator('[data-testid=bed-page]').count(), 0);
      });
    },
  },
  {
    name: 'a_bed_on_the_page_fits_a_phone_in_french',
    run: (browser) => {
      const lab = oneBed();
      const { state } = lab;
      return withWard(browser, { state, viewport: PHONE, language: 'fr', setup: (server) => told(server, lab) }, async ({ page, server }) => {
        const source = play(server, state);
        try {
          await open(page, 'Courbes et tendances');
          await page.waitForTimeout(1500);
          await shot(page, 'bed-phone-fr');
          assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1), 'nothing is wider than the phone');
        } finally {
          source.end();
        }
      });
    },
  },
];
