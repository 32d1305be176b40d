// What is said is whole: of an alarm on its tile, of a bed beside an open panel, of who is signed in, in the footer.

import assert from 'node:assert/strict';
import { incomplete } from '../scores-state.mjs';
import { alarm, stable, wardState } from '../ward-state.mjs';
import { PHONE, TABLET, WALL, withWard } from '../with-page.mjs';
import { openBed } from './keys.mjs';
import { withBed } from './bed.mjs';
import { withStays } from './stays.mjs';

/** Beds of which each has a score without a total, and alarms that no doctor has read. */
function unread(count) {
  const beds = Array.from({ length: count }, (_, n) => stable(String(n + 1), { score: incomplete({ red: n === 2 }) }));
  const unread = { delivery: 'expired', delivered: 1000 };
  const alarms = [
    alarm(1, 'limit.spo2.low', 'high', { bed: '3', value: '83', limit: '90', phase: 'acknowledged', acknowledged_by: 'Demo nurse', lasted: 623_000, ...unread }),
    alarm(2, 'limit.rr.high', 'high', { bed: '4', value: '34', limit: '30', lasted: 694_000, onsets: 2, ...unread }),
    alarm(3, 'probe_off.spo2', 'low', { bed: '2', lasted: 60_000, again: 5000, onsets: 6 }),
  ];
  return wardState({ beds, alarms });
}

/** Run in the page: of what is said about alarms, what is cut off, or stands one word to a line. */
function cutWords() {
  const wrong = [];
  for (const words of document.querySelectorAll('[data-testid=alarm] .meta bdi')) {
    const [box, chip] = [words.getBoundingClientRect(), words.closest('.chip').getBoundingClientRect()];
    const holder = (words.closest('.rest') ?? words).getBoundingClientRect();
    const floor = holder.height > 0 ? Math.min(holder.bottom, chip.bottom) : chip.bottom;
    const isCut = words.scrollWidth > words.clientWidth + 1 || words.scrollHeight > words.clientHeight + 2 || box.bottom > floor + 1 || box.right > chip.right + 1;
    if (isCut) wrong.push(`"${words.textContent}" is cut off`);
    if (box.height > 40) wrong.push(`"${words.textContent}" takes ${Math.round(box.height / 16)} lines`);
  }
  return wrong;
}

/** Run in the page: what stands below the numbers, and is not on its tile. */
function offTile() {
  const wrong = [];
  for (const foot of document.querySelectorAll('[data-testid=bed] [data-testid=foot]')) {
    const [box, tile] = [foot.getBoundingClientRect(), foot.closest('[data-testid=bed]').getBoundingClientRect()];
    if (box.bottom > tile.bottom - 2) wrong.push(`"${foot.textContent.trim()}" of ${foot.closest('[data-testid=bed]').id} is ${(box.bottom - tile.bottom).toFixed(1)} px below it`);
  }
  return wrong;
}

const sizes = [['tablet_of_six', TABLET, 6, 'en'], ['tablet_of_six', TABLET, 6, 'fr'], ['tablet_of_eight', TABLET, 8, 'en'], ['wall', WALL, 16, 'en'], ['phone', PHONE, 6, 'en']];

export const wholeCases = [
  ...sizes.map(([size, viewport, count, language]) => ({
    name: `that_no_doctor_has_read_an_alarm_is_whole_on_its_tile_${size}_${language}`,
    run: (browser) =>
      withWard(browser, { state: unread(count), viewport, language }, async ({ page }) => {
        assert.deepEqual(await page.evaluate(cutWords), []);
        assert.deepEqual(await page.evaluate(offTile), []);
      }),
  })),
  {
    name: 'the_list_of_alarms_on_a_phone_says_it_in_lines_and_not_in_columns',
    run: (browser) =>
      withWard(browser, { state: unread(4), viewport: PHONE }, async ({ page }) => {
        await page.locator('.banner .others').click();
        await page.locator('aside [data-testid=alarm]').first().waitFor();
        assert.deepEqual(await page.evaluate(cutWords), []);
      }),
  },
  ...[['list', 1280], ['panel', 1280], ['panel', 1220]].map(([what, width]) => ({
    name: `beside_an_open_${what}_limits_and_the_word_of_a_score_stay_on_their_tile_${width}`,
    run: (browser) =>
      withWard(browser, { state: unread(6), viewport: { width, height: 800 } }, async ({ page }) => {
        if (what === 'list') await page.keyboard.press('l');
        else await page.locator('[data-testid=person] .who').click();
        await page.locator('aside').waitFor();
        await page.waitForTimeout(300);
        assert.deepEqual(await page.evaluate(offTile), []);
        for (const word of await page.locator('[data-testid=score] .band').all()) {
          const box = await word.boundingBox();
          assert.ok(box.width > 20, `"${await word.textContent()}" is seen`);
        }
      }),
  })),
  ...[6, 8].map((count) => ({
    name: `nothing_moves_when_an_alarm_comes_or_goes_${count}_beds`,
    run: (browser) => {
      const state = unread(count);
      const { alarms } = state;
      state.alarms = [];
      return withWard(browser, { state }, async ({ page, server }) => {
        const places = () => page.evaluate(() => [...document.querySelectorAll('.strip, [data-testid=bed], [data-testid=digits], footer')].map((one) => Math.round(one.getBoundingClientRect().top * 10) / 10));
        const calm = await places();
        state.alarms = alarms;
        server.push();
        await page.locator('[data-testid=banner].worst').waitFor();
        assert.deepEqual(await places(), calm);
      });
    },
  })),
  {
    name: 'the_footer_is_one_row_in_every_language_on_a_tablet',
    run: async (browser) => {
      for (const language of ['en', 'fr', 'hi', 'sw', 'ar']) {
        await withWard(browser, { state: unread(2), language, settled: false }, async ({ page }) => {
          const { height } = await page.locator('footer').boundingBox();
          assert.ok(height <= 50, `${language}: ${height} px`);
        });
      }
    },
  },
  {
    name: 'on_a_phone_the_name_of_who_is_signed_in_is_whole_or_a_picture',
    run: (browser) => {
      const setup = (server) => (server.door.person = { ...server.door.person, name: 'Demo nurse' });
      return withWard(browser, { state: unread(4), viewport: PHONE, setup }, async ({ page }) => {
        const name = page.locator('[data-testid=person] .name');
        const { shown, room, words } = await name.evaluate((one) => ({ shown: one.closest('.names').clientWidth > 1, room: one.clientWidth, words: one.scrollWidth }));
        assert.ok(!shown || words <= room, `${words} px in ${room}`);
        assert.match(await page.locator('[data-testid=person] button.who').textContent(), /Demo nurse/, 'a screen reader says it');
      });
    },
  },
  {
    name: 'what_sends_a_form_stays_in_view_however_long_the_form_is',
    run: (browser) =>
      withStays(browser, { viewport: { width: 1280, height: 720 } }, async ({ page }) => {
        const panel = page.locator('[data-testid=panel]');
        for (const [open, choice] of [['Discharge', 'Home'], ['To another bed', 'Bed 2'], ['Admit another or correct', 'A new patient']]) {
          await openBed(page, 1);
          await panel.getByRole('button', { name: open }).click();
          await panel.getByLabel(choice).first().check();
          await panel.evaluate((one) => (one.scrollTop = Math.min(one.scrollTop, 60)));
          const [send, around] = [await panel.locator('form button[type=submit]').boundingBox(), await panel.boundingBox()];
          const under = await page.evaluate(([x, y]) => document.elementFromPoint(x, y).closest('form .end, aside') !== null && document.elementFromPoint(x, y).closest('label, input, dl') === null, [around.x + 200, around.y + around.height - 4]);
          assert.ok(under, `${open}: nothing of the form is seen below its end`);
          assert.ok(send.y + send.height <= around.y + around.height + 1 && around.y + around.height <= 720, `${open}: ${send.y} in ${around.y} + ${around.height}`);
          await panel.getByRole('button', { name: 'Cancel' }).click();
          await page.keyboard.press('Escape');
        }
      }),
  },
  {
    name: 'on_a_phone_the_table_of_trends_scrolls_in_its_own_place',
    run: (browser) =>
      withBed(browser, { viewport: PHONE }, async (page) => {
        await page.getByRole('button', { name: 'Table' }).click();
        await page.locator('[data-testid=trend-table] tbody tr').nth(5).waitFor();
        const found = await page.evaluate(() => {
          const region = document.querySelector('.scrolls');
          const outside = [...document.querySelectorAll('.trends :is(button, .note)')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1);
          return { page: document.documentElement.scrollWidth, region: region.clientWidth, table: region.scrollWidth, outside: outside.map((one) => one.textContent) };
        });
        assert.ok(found.page <= PHONE.width && found.region < PHONE.width && found.table > found.region, JSON.stringify(found));
        assert.deepEqual(found.outside, []);
        await page.locator('.scrolls').focus();
        await page.keyboard.press('ArrowRight');
        await page.waitForFunction(() => document.querySelector('.scrolls').scrollLeft > 0);
      }),
  },
];
