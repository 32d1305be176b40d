// Notes about a patient, and the ward handed from one shift to the next.

import assert from 'node:assert/strict';
import { DOCTOR, GRACE, KOFI, SENIOR } from '../fake-door.mjs';
import { before, ID, offer, serve, ward } from '../handover-state.mjs';
import { trendOf } from '../trend-state.mjs';
import { PHONE, shot, TABLET, withWard } from '../with-page.mjs';
import { misfits } from './fit.mjs';
import { openBed, tabTo } from './keys.mjs';

const flat = async (locator) => (await locator.innerText()).replace(/[\u2066\u2069]/g, '').replace(/\s+/g, ' ');
const sheet = (page) => page.locator('[data-testid=sheet]');
const bed = (page, n) => page.locator(`[data-testid=handover-bed][data-bed="${n}"]`);
const NAMES = { en: 'Handover', fr: 'Transmission', ar: 'تسليم المناوبة' };

/** A ward of which somebody else has handed over; the page stands open. */
export function withHandover(browser, options, run) {
  const lab = ward();
  let kept;
  const setup = (server) => {
    kept = serve(server, lab);
    server.door.person = options.who ?? GRACE;
    if (options.empty !== true) offer(kept, before(server.wall()));
  };
  return withWard(browser, { state: lab.state, setup, ...options }, async (given) => {
    const { page } = given;
    await page.locator('[data-testid=person] button.who').click();
    await page.getByRole('button', { name: NAMES[options.language ?? 'en'] }).click();
    await bed(page, 1).waitFor();
    await run({ ...given, ...lab, kept });
  });
}

async function signInAs(page, server, who) {
  server.door.person = who;
  await page.reload();
  await page.locator('[data-testid=person] button.who').click();
  await page.getByRole('button', { name: 'Handover' }).click();
  await bed(page, 1).waitFor();
}

export const handoverCases = [
  {
    name: 'a_nurse_writes_a_note_by_keyboard_and_one_that_is_taken_back_stays_crossed_out',
    run: (browser) => {
      const lab = ward();
      return withWard(browser, { state: lab.state, setup: (server) => serve(server, lab) }, async ({ page, server }) => {
        await openBed(page, 1);
        const notes = page.locator('[data-testid=panel] [data-testid=notes]');
        await tabTo(page, 'Write a note');
        await page.keyboard.press('Enter');
        await page.keyboard.type('slept badly');
        await page.keyboard.press('Enter');
        await page.keyboard.type('asks for water');
        await tabTo(page, 'Save the note');
        await page.keyboard.press('Enter');
        const note = notes.locator('[data-testid=note]');
        await note.waitFor();
        assert.deepEqual(server.commands.at(-1), { path: '/api/v1/beds/1/note', body: { saw: 'unidentified-1', text: 'slept badly\nasks for water' } });
        assert.match(await flat(note), /^14:0\d, Grace O\. slept badly asks for water Take back/);
        await tabTo(page, 'Take back');
        await page.keyboard.press('Enter');
        await note.getByText('taken back by Grace O.').waitFor();
        assert.equal(server.commands.at(-1).path, '/api/v1/beds/1/note/withdraw');
        assert.equal(await note.getByRole('button').count(), 0, 'it is taken back once');
        const line = await note.locator('.text').evaluate((text) => getComputedStyle(text).textDecorationLine);
        assert.equal(line, 'line-through');
      });
    },
  },
  {
    name: 'i3_a_note_that_is_refused_stays_to_be_sent_and_says_why',
    run: (browser) => {
      const lab = ward();
      return withWard(browser, { state: lab.state, setup: (server) => serve(server, lab) }, async ({ page, server }) => {
        await openBed(page, 1);
        const notes = page.locator('[data-testid=notes]');
        await notes.getByRole('button', { name: 'Write a note' }).click();
        const text = notes.getByRole('textbox');
        await text.fill('x'.repeat(600));
        assert.equal((await text.inputValue()).length, 500, 'no longer than the post keeps');
        server.answer = { status: 409, body: { error: 'somebody else lies in bed 1 since you looked' } };
        await notes.getByRole('button', { name: 'Save the note' }).click();
        await notes.getByText('somebody else lies in bed 1').waitFor();
        assert.equal((await text.inputValue()).length, 500);
      });
    },
  },
  {
    name: 'notes_stand_on_the_page_of_the_bed_too_and_in_its_trends',
    run: (browser) => {
      const lab = ward();
      lab.chart.beds[2].notes = [{ note: '7-1', age: 3_600_000, by: 'Grace O.', text: 'slept badly', withdrawn_by: null }];
      const setup = (server) => {
        serve(server, lab);
        const others = server.told;
        server.told = (path, now, wall, search) => (path === '/api/v1/trend' ? trendOf(search, {}) : others(path, now, wall, search));
      };
      return withWard(browser, { state: lab.state, setup }, async ({ page }) => {
        await page.locator('#bed-2 .open').click();
        await page.getByRole('button', { name: 'Curves and trends' }).click();
        await page.locator('[data-testid=trends][data-reads=false]').waitFor();
        const notes = page.locator('[data-testid=bed-page] [data-testid=notes]');
        await notes.locator('[data-testid=note]', { hasText: 'slept badly' }).waitFor();
        await page.waitForTimeout(500);
        // An hour ago of four is at three quarters of the width; the grid is darker, and the line of the value has a colour.
        const marks = (from, to) =>
          page.locator('[data-testid=trend][data-group=heart] canvas').evaluate((canvas, [from, to]) => {
            const [left, width] = [54 * devicePixelRatio, canvas.width - 76 * devicePixelRatio];
            const { data } = canvas.getContext('2d').getImageData(left + from * width, 0, (to - from) * width, canvas.height - 30 * devicePixelRatio);
            let found = 0;
            for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 100 && data[at] > 150 && data[at + 1] > 160 && data[at + 2] > 170) found += 1;
            return found;
          }, [from, to]);
        assert.ok((await marks(0.73, 0.77)) > 20, 'a mark at its moment');
        assert.equal(await marks(0.55, 0.65), 0, 'and nowhere else');
        await shot(page, 'notes-bed');
      });
    },
  },
  {
    name: 'i4_a_handover_says_of_each_bed_how_it_is_with_ages_what_happened_and_what_is_open',
    run: (browser) =>
      withHandover(browser, { empty: true }, async ({ page, kept }) => {
        assert.deepEqual(kept.hours, [12], 'the last twelve hours unless somebody chooses');
        const said = await flat(bed(page, 1));
        for (const words of [
          /Bed 1/, /Doe Jane, PT-0007, 1960-01-01, F/, /NEWS2 7: high, for 12:34/, /!!! SpO2 84 < 90, for 0:48/,
          /Here since 09:0\d/, /Oxygen mask 4 L\/min, 13:0\d, Grace O\./, /Haemoglobin 6\.9 g\/dL, CRITICALLY LOW, 13:3\d/,
          /14 alarms: 2 high, 9 medium, 3 low, announced 19 times/, /Worst: SpO2 very low: 71, 10:4\d, for 1:36/, /vomited twice/, /ate well \(taken back by Ama Mensah\)/,
          /3 more of these are not shown/, /Not acknowledged: SpO2 84 < 90, for 0:48/, /Unread from Dr Ama Boateng, 13:4\d: Second line, then call me/,
          /proposes as lower limit of SpO2: 88 %/, /sound paused, 1:10, Grace O\./, /Limits of SpO2: 88 – off % \(usual 90 – off\)/,
        ]) assert.match(said.replaceAll('\u00a0', ' '), words);
        const values = await bed(page, 1).locator('[data-testid=handover-value]').allInnerTexts();
        const rows = values.map((row) => row.replace(/\s+/g, ' ').trim());
        assert.equal(rows[0], 'SpO2 84 %, weak signal 2 s');
        assert.match(rows[1], /^HR – was 118 \S*, 1 min ago$/, 'a number that is old is none');
        assert.match(rows[2], /104 mmHg 9 min$/);
        assert.match(rows[3], /^Temp – sensor off, was 38\.4 °C, 7 min ago$/);
        assert.match(rows[4], /^Blood pressure 132\/84 mmHg, by hand, Grace O\. 2 min$/);
        assert.match(rows[5], /^Temperature 38\.2 °C, by hand, Grace O\. 2 min$/);
        assert.match(await flat(bed(page, 1).locator('[data-testid=handover-trend]').first()), /SpO2 % 97 71 99 84/);
        assert.match(await flat(page.locator('[data-testid=handover-post]')), /I am late/);
        await page.getByRole('button', { name: '8 h' }).click();
        await page.waitForFunction(() => /06:0\d\u2069 to \u20662027-03-04 14:0/.test(document.querySelector('[data-testid=handover-range]').textContent));
        assert.equal(kept.hours.at(-1), 8);
      }),
  },
  {
    name: 'i9_one_hands_over_by_keyboard_and_another_takes_over_and_nobody_their_own',
    run: (browser) =>
      withHandover(browser, { empty: true }, async ({ page, server, kept }) => {
        await tabTo(page, 'What to do');
        await page.keyboard.type('turn at 16:00');
        await tabTo(page, 'Hand over now');
        await page.getByText('Grace O. signs.').waitFor();
        await page.locator('.go').press('Enter');
        await page.locator('[data-testid=handover-state]', { hasText: 'Nobody has taken it over yet' }).waitFor();
        assert.deepEqual(server.commands.at(-1).body, { draft: 'd.1', to_do: { 1: 'turn at 16:00' } });
        assert.match(await flat(bed(page, 1)), /What to do: turn at 16:00/);
        await page.getByText('You handed this over yourself').waitFor();
        assert.equal(await page.getByRole('button', { name: 'Take over' }).count(), 0);
        await signInAs(page, server, SENIOR);
        const open = page.locator('[data-testid=handover-open]');
        assert.match(await flat(open), /Grace O\. handed over, 14:0\d Nobody has taken it over yet/);
        await open.getByRole('button', { name: 'Read it' }).press('Enter');
        await page.getByRole('button', { name: 'Take over' }).waitFor();
        kept.changed = { 1: ['alarm', 'note'] };
        await page.getByRole('button', { name: 'Take over' }).press('Enter');
        await page.getByText('something changed at bed 1').waitFor();
        const changed = bed(page, 1).locator('[data-testid=changed]');
        assert.match(await flat(changed), /Changed since it was put together: a new alarm, a new note/);
        assert.equal(kept.handovers[0].open, true, 'nobody takes over what they were not told');
        await page.getByRole('button', { name: 'Take over' }).press('Enter');
        await page.locator('[data-testid=handover-state]', { hasText: 'Ama Mensah took over, 14:0' }).waitFor();
        assert.deepEqual(server.commands.at(-1), { path: `/api/v1/handovers/${ID}/accept`, body: { told: ['1'] } });
        await page.getByRole('button', { name: 'Read handovers' }).press('Enter');
        assert.match(await flat(page.locator('[data-testid=handover-list]')), /Grace O\. handed over, 14:0\d Ama Mensah took over/);
      }),
  },
  {
    name: 'what_is_typed_for_a_handover_waits_for_who_typed_it_and_goes_to_nobody_else',
    run: (browser) =>
      withHandover(browser, { empty: true }, async ({ page }) => {
        await bed(page, 2).getByRole('textbox').fill('weigh him');
        await page.getByRole('button', { name: 'Read anew' }).click();
        await page.getByRole('button', { name: '‹ Beds' }).click();
        await page.locator('[data-testid=person] button.who').click();
        await page.getByRole('button', { name: 'Handover' }).click();
        assert.equal(await bed(page, 2).getByRole('textbox').inputValue(), 'weigh him');
      }),
  },
  {
    name: 'a_handover_is_printed_black_on_white_without_the_ward_around_it',
    run: (browser) =>
      withHandover(browser, {}, async ({ page }) => {
        await bed(page, 1).getByRole('textbox').fill('turn at 16:00');
        await page.emulateMedia({ media: 'print' });
        assert.match(await flat(page.locator('[data-testid=print-head]')), /: Handover 2027-03-04 02:0\d to 2027-03-04 14:0\d Printed 2027-03-04 14:0\d by Grace O\./);
        for (const hidden of ['[data-testid=banner]', 'footer', '.sheet > header', 'textarea', '.go', '[data-testid=handover-open]']) {
          for (const found of await page.locator(hidden).all()) assert.equal(await found.isVisible(), false, hidden);
        }
        assert.match(await flat(bed(page, 1)), /What to do: turn at 16:00/);
        const wrong = await page.evaluate(() => {
          const seen = [...document.querySelectorAll('.sheet *')].filter((one) => one.getClientRects().length > 0 && one.textContent.trim() !== '');
          const looks = seen.map((one) => getComputedStyle(one)).map((style) => [style.color, style.backgroundColor]);
          return looks.filter(([ink, ground]) => ink !== 'rgb(0, 0, 0)' || !['rgba(0, 0, 0, 0)', 'rgb(255, 255, 255)'].includes(ground)).length;
        });
        assert.equal(wrong, 0, 'everything is black on white');
      }),
  },
  {
    name: 'i8_a_handover_by_a_clock_that_nobody_checked_says_so',
    run: (browser) => {
      const lab = ward();
      const setup = (server) => serve(server, lab, { clock: 'untrusted' });
      return withWard(browser, { state: lab.state, setup }, async ({ page }) => {
        await page.locator('[data-testid=person] button.who').click();
        await page.getByRole('button', { name: 'Handover' }).click();
        await page.getByText('by a clock that nobody had checked').waitFor();
      });
    },
  },
  {
    name: 'the_handover_fits_a_narrow_phone_in_french_and_in_arabic',
    run: async (browser) => {
      for (const language of ['fr', 'ar']) {
        await withHandover(browser, { viewport: { ...PHONE, width: 360 }, language }, async ({ page }) => {
          assert.deepEqual(await page.evaluate(misfits), [], language);
          assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${language}: nothing is wider than the phone`);
        });
      }
    },
  },
  {
    name: 'who_may_not_hand_over_is_not_offered_it_and_a_doctor_is',
    run: async (browser) => {
      const lab = ward();
      const menu = (who, count) =>
        withWard(browser, { state: lab.state, setup: (server) => (serve(server, lab), (server.door.person = who)) }, async ({ page }) => {
          await page.locator('[data-testid=person]').waitFor();
          const button = page.locator('[data-testid=person] button.who');
          if ((await button.count()) > 0) await button.click();
          assert.equal(await page.getByRole('button', { name: 'Handover' }).count(), count);
        });
      await menu(KOFI, 0);
      await menu(DOCTOR, 1);
    },
  },
];

export const handoverPictures = [
  { name: 'handover', options: { viewport: TABLET } },
  { name: 'handover-light', options: { viewport: TABLET, theme: 'light' } },
  { name: 'handover-phone', options: { viewport: { ...PHONE, width: 360 }, language: 'ar' } },
].map(({ name, options }) => ({
  name: `picture ${name}`,
  run: (browser) =>
    withHandover(browser, options, async ({ page, kept }) => {
      const full = async (as) => {
        await page.evaluate(() => (document.querySelector('.screen').style.blockSize = 'auto'));
        await shot(page, as);
      };
      await full(name);
      await sheet(page).evaluate((one) => one.scrollIntoView({ block: 'end' }));
      await shot(page, `${name}-end`);
      kept.changed = { 2: ['patient'] };
      await page.locator('[data-testid=handover-open] button').click();
      await page.locator('[data-testid=handover-state]').waitFor();
      await shot(page, `${name}-kept`);
      await page.emulateMedia({ media: 'print' });
      await shot(page, `${name}-print`);
    }),
}));
