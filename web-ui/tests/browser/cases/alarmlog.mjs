// The log of alarms: searched, opened, counted, printed, and on a phone in French.

import assert from 'node:assert/strict';
import { GRACE, KOFI } from '../fake-door.mjs';
import { log } from '../log-state.mjs';
import { stable, wardState } from '../ward-state.mjs';
import { PHONE, shot, withWard } from '../with-page.mjs';
import { misfits } from './fit.mjs';

const one = () => wardState({ beds: [stable('1'), stable('2')] });

/** Grace has opened the log. */
function withLog(browser, options, run) {
  const setup = (server) => log(server, GRACE);
  return withWard(browser, { state: one(), setup, ...options }, async (given) => {
    const { page } = given;
    const name = options.language === 'fr' ? 'Journal des alarmes' : 'Alarm log';
    await page.locator('[data-testid=person] button.who').click();
    await page.getByRole('button', { name }).click();
    await page.locator('[data-testid=log-entry]').first().waitFor();
    await run(given);
  });
}

const rows = (page) => page.locator('[data-testid=log-entry]');
const flat = async (locator) => (await locator.innerText()).replace(/\s+/g, ' ');

async function figuresOf(page, tab, week) {
  await page.getByRole('button', { name: tab, exact: true }).click();
  await page.getByTestId('sheet').getByRole('combobox').selectOption(week);
  await page.locator('[data-testid=top] tbody tr').first().waitFor();
}

export const alarmLogCases = [
  {
    name: 'the_alarm_log_is_searched_and_an_entry_opens_to_its_steps',
    run: (browser) =>
      withLog(browser, {}, async ({ page, server }) => {
        assert.match(server.logs[0], /^\/api\/v1\/alarm-log\?from=\d+&to=\d+&limit=100$/);
        assert.equal(await rows(page).count(), 8);
        assert.match(await flat(rows(page).nth(0)), /!! Bed 2 .*131.*120 not over/);
        assert.match(await flat(rows(page).nth(1)), /Bed 1 .*88.*90 2 times over by itself after 0:10; again: Grace O\. after 0:45/);
        assert.match(await flat(rows(page).nth(2)), /Limits: SpO2 90 – off → SpO2 88 – off Grace O\. \(s1 at/);
        assert.match(await flat(rows(page).nth(5)), /over by itself after 0:12/);
        assert.match(await flat(rows(page).nth(6)), /No data until/);
        assert.match(await flat(rows(page).nth(7)), /time unknown Time unchecked .*Post .*Doctors do not see this post/);
        await rows(page).nth(1).locator('summary').focus();
        await page.keyboard.press('Enter');
        const opened = await flat(rows(page).nth(1));
        assert.match(opened, /Value at onset 88 Worst value 84 Limit at onset 90 Device monitor-1 Stay 7-/);
        assert.match(opened, /announced .* over .* announced again .* read by a doctor: Dr Ama Boateng .* acknowledged: Grace O\. \(s1 at 10\.0\.0\.9\) .* over/);
        await page.getByLabel('From').fill('2027-03-04T00:00');
        await page.getByLabel('To').fill('2027-03-05T00:00');
        await page.getByLabel('Bed').selectOption('1');
        await page.getByLabel('Priority').selectOption('high');
        await page.getByLabel('Word in it').fill('desat');
        await page.keyboard.press('Enter');
        await page.waitForFunction(() => document.querySelectorAll('[data-testid=log-entry]').length === 1);
        const query = `?from=${Date.UTC(2027, 2, 4)}&to=${Date.UTC(2027, 2, 5)}&bed=1&text=desat&priority=high`;
        assert.equal(server.logs.at(-1), `/api/v1/alarm-log${query}&limit=100`);
        assert.equal(await page.locator('[data-testid=csv]').getAttribute('href'), `/api/v1/alarm-log.csv${query}&offset_min=0`);
        await page.getByLabel('Word in it').fill('nowhere');
        await page.keyboard.press('Enter');
        await page.getByText('Choose an earlier beginning, or take out a filter').waitFor();
      }),
  },
  {
    name: 'an_entry_that_was_opened_stays_open_when_the_log_is_read_anew',
    run: (browser) =>
      withLog(browser, {}, async ({ page, server }) => {
        await rows(page).nth(1).locator('summary').click();
        const asked = server.logs.length;
        await page.getByRole('button', { name: 'Search' }).click();
        await page.waitForTimeout(600);
        assert.ok(server.logs.length > asked, 'it was read anew');
        assert.ok(await rows(page).nth(1).locator('details').evaluate((one) => one.open));
      }),
  },
  {
    name: 'a_log_that_cannot_be_read_says_why_and_comes_by_itself',
    run: (browser) => {
      const setup = (server) => {
        log(server, GRACE);
        const { told } = server;
        let asked = 0;
        server.told = (path, ...more) => {
          const refuse = path === '/api/v1/alarm-log' && (asked += 1) === 1;
          return refuse ? { status: 429, body: { error: 'others are reading the card' } } : told(path, ...more);
        };
      };
      return withWard(browser, { state: one(), setup }, async ({ page }) => {
        await page.locator('[data-testid=person] button.who').click();
        await page.getByRole('button', { name: 'Alarm log' }).click();
        await page.getByText('Not read: others are reading the card').waitFor();
        await rows(page).first().waitFor();
      });
    },
  },
  {
    name: 'the_weekly_report_says_its_figures_and_other_weeks_can_be_chosen',
    run: (browser) =>
      withLog(browser, {}, async ({ page, server }) => {
        await page.getByRole('button', { name: 'Statistics', exact: true }).click();
        await page.locator('[data-testid=figures]').waitFor();
        const [last] = /week=[\w-]+/.exec(server.logs.at(-1));
        assert.equal(last, 'week=2027-W08', 'the last whole week');
        assert.match(server.logs.at(-1), /offset_min=0$/);
        assert.match(await flat(page.locator('[data-testid=figures]')), /8\.0 .*12\.5 \(2 beds\) .*0:48 \(57 acknowledged\) .*41 %/);
        const top = page.locator('[data-testid=top] tbody tr');
        assert.equal(await top.count(), 5);
        assert.match(await flat(top.first()), /SpO2 too low 44 3\.5 52 %/);
        assert.match(await flat(top.last()), /Laboratory critically low 1/);
        await page.getByText('2 alarms at an unknown time: in no figure').waitFor();
        await page.getByTestId('sheet').getByRole('combobox').selectOption('2027-W07');
        await page.getByText('Choose another week').waitFor();
      }),
  },
  {
    name: 'log_and_report_are_printed_black_on_white_without_the_ward_around_them',
    run: (browser) =>
      withLog(browser, {}, async ({ page }) => {
        await rows(page).nth(1).locator('summary').click();
        const look = async (title) => {
          await page.emulateMedia({ media: 'print' });
          const head = await flat(page.locator('[data-testid=print-head]'));
          assert.match(head, new RegExp(`: ${title} .*2027-\\d\\d-\\d\\d.* – 2027-.* Printed 2027-03-04 14:0\\d by Grace O\\.`));
          for (const hidden of ['[data-testid=banner]', 'footer', 'form', '.sheet > header']) {
            for (const found of await page.locator(hidden).all()) assert.equal(await found.isVisible(), false, hidden);
          }
          const wrong = await page.evaluate(() => {
            const seen = [...document.querySelectorAll('.sheet *')].filter((one) => one.getClientRects().length > 0 && one.textContent.trim() !== '');
            const looks = seen.map((one) => getComputedStyle(one)).map((style) => [style.color, style.backgroundColor]);
            return looks.filter(([ink, ground]) => ink !== 'rgb(0, 0, 0)' || !['rgba(0, 0, 0, 0)', 'rgb(255, 255, 255)'].includes(ground)).length;
          });
          assert.equal(wrong, 0, `${title}: everything is black on white`);
        };
        await look('Alarm log');
        assert.match(await flat(rows(page).first()), /^2027-03-04 14:0\d:\d\d !! Bed 2/, 'with its day');
        const { breakInside } = await rows(page).first().evaluate((row) => ({ breakInside: getComputedStyle(row).breakInside }));
        assert.equal(breakInside, 'avoid', 'no entry is cut');
        const sheet = await page.evaluate(() => getComputedStyle(document.querySelector('.middle')).overflowY);
        assert.equal(sheet, 'visible', 'a long list goes on over the next sheet');
        await page.emulateMedia({ media: 'screen' });
        await figuresOf(page, 'Statistics', '2027-W08');
        await look('Weekly report on alarms');
      }),
  },
  {
    name: 'the_alarm_log_fits_a_phone_in_french',
    run: (browser) =>
      withLog(browser, { viewport: PHONE, language: 'fr' }, async ({ page }) => {
        for (const n of [0, 1, 7]) await rows(page).nth(n).locator('summary').click();
        assert.deepEqual(await page.evaluate(misfits), [], 'log');
        await figuresOf(page, 'Statistiques', '2027-W08');
        assert.deepEqual(await page.evaluate(misfits), [], 'figures');
      }),
  },
  {
    name: 'who_may_not_read_the_alarm_log_is_not_offered_it',
    run: (browser) =>
      withWard(browser, { state: one(), setup: (server) => log(server, KOFI) }, async ({ page }) => {
        await page.locator('[data-testid=person]').waitFor();
        assert.equal(await page.locator('[data-testid=person] button.who').count(), 0, 'there is no menu at all');
      }),
  },
];

export const alarmLogPictures = [
  { name: 'alarmlog', options: {} },
  { name: 'alarmlog-phone', options: { viewport: PHONE, language: 'fr' } },
].map(({ name, options }) => ({
  name: `picture ${name}`,
  run: (browser) =>
    withLog(browser, options, async ({ page }) => {
      await rows(page).nth(1).locator('summary').click();
      await shot(page, name);
      await page.emulateMedia({ media: 'print' });
      await shot(page, `${name}-print`);
      await page.emulateMedia({ media: 'screen' });
      await figuresOf(page, options.language === 'fr' ? 'Statistiques' : 'Statistics', '2027-W08');
      await shot(page, `${name}-figures`);
      await page.emulateMedia({ media: 'print' });
      await shot(page, `${name}-figures-print`);
    }),
}));
