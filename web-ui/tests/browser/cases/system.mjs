// How the post is, and its self-test: looked at, run, signed, printed, kept, by keyboard and on a phone.

import assert from 'node:assert/strict';
import { GRACE, someone } from '../fake-door.mjs';
import { SHA, system } from '../system-state.mjs';
import { stable, wardState } from '../ward-state.mjs';
import { PHONE, WALL, shot, withWard } from '../with-page.mjs';
import { misfits } from './fit.mjs';

const TECH = someone('yaw', 'Yaw Darko', 'technician');
const MENU = { en: 'System and self-test', fr: 'Système et auto-test', ar: 'النظام والاختبار الذاتي' };
const one = () => wardState({ beds: [stable('1'), stable('2')] });
const rows = (page) => page.locator('[data-testid=system-row]');
const flat = async (locator) => (await locator.innerText()).replace(/\s+/g, ' ');

/** A technician has opened the page. */
export function withSystem(browser, options, run) {
  const setup = (server) => system(server, options.who ?? TECH, options.post);
  return withWard(browser, { state: one(), setup, ...options }, async (given) => {
    const { page } = given;
    await page.locator('[data-testid=person] button.who').click();
    await page.getByRole('button', { name: MENU[options.language ?? 'en'] }).click();
    await rows(page).first().waitFor();
    await run(given);
  });
}

async function runTest(page) {
  await page.getByRole('button', { name: 'Self-test', exact: true }).click();
  await page.getByRole('button', { name: 'Run the self-test' }).click();
  await page.locator('[data-testid=running]').waitFor();
  await page.locator('[data-testid=result]').waitFor();
}

const of = (page, part, name) => page.locator(`[data-testid=system-row][data-part=${part}]`, name === undefined ? {} : { hasText: name });

export const systemCases = [
  {
    name: 'the_system_says_of_each_part_its_state_value_and_what_to_do',
    run: (browser) =>
      withSystem(browser, {}, async ({ page }) => {
        assert.equal(await rows(page).count(), 15);
        assert.match(await flat(page.locator('[data-testid=counts]')), /^7 ok, 3 to look at, 2 failed, 3 not measured$/);
        assert.match(await flat(of(page, 'power')), /not measured Power This box tells nothing of its power\. While nobody is monitored, pull its plug once/);
        assert.match(await flat(of(page, 'link')), /ok Way to the centre 212 ms to the centre and back longest 1.250 ms 14 measured 0 lost/);
        assert.match(await flat(of(page, 'disk')), /look at it Card 21 GB free full in 412 days 613 ms to write longest 2.204 ms 30 % of its life used The card writes slowly\. Order another/);
        assert.match(await flat(of(page, 'clock')), /-0\.04 s ahead of the centre/);
        assert.match(await flat(of(page, 'software')), /look at it Software 1\.2\.0 An update is installed and waits\. .* switch the box off and on.* 1\.3\.0/);
        assert.match(await flat(of(page, 'device', 'monitor-1')), /ok Device monitor-1 heard 0\.8 s ago 2\.4 values\/s must be heard every 10 s 0 faults\/min/);
        assert.match(await flat(of(page, 'device', 'oxi-2')), /failed .* Its port is closed\. Look at the cable and the adapter\. serial port .* is not there/);
      }),
  },
  {
    name: 'a_centre_that_is_not_heard_is_a_failed_row_with_what_to_do',
    run: (browser) =>
      withSystem(browser, { post: { link: 'unreachable' } }, async ({ page }) => {
        assert.match(await flat(of(page, 'link')), /failed Way to the centre The centre is not heard: doctors do not see this post\. Look at the network, then telephone\. cannot reach centre/);
        assert.match(await flat(of(page, 'queue')), /look at it .* none is lost/);
      }),
  },
  {
    name: 'a_finding_that_this_page_does_not_know_is_shown_by_its_own_name',
    run: (browser) =>
      withSystem(browser, {}, async ({ page, server }) => {
        const { told } = server;
        const strange = { part: 'fan', of: null, state: 'look', found: 'fan_stands_still', why: null, figures: [{ what: 'turns_per_min', value: 0 }] };
        server.told = (path, ...more) => (path === '/api/v1/system' ? { body: { rows: [strange] } } : told(path, ...more));
        await of(page, 'fan').waitFor();
        assert.match(await flat(of(page, 'fan')), /look at it fan turns_per_min 0 fan_stands_still/);
      }),
  },
  {
    name: 'i9_a_self_test_is_run_and_signed_with_what_a_person_heard_by_keyboard',
    run: (browser) =>
      withSystem(browser, {}, async ({ page, server }) => {
        await page.getByRole('button', { name: 'Self-test', exact: true }).press('Enter');
        await page.getByRole('button', { name: 'Run the self-test' }).press('Enter');
        await page.locator('[data-testid=running]').waitFor();
        assert.equal(await page.getByRole('button', { name: 'Run the self-test' }).isDisabled(), true, 'one at a time');
        const result = page.locator('[data-testid=result]');
        await result.waitFor();
        assert.match(await flat(result), /begun by Yaw Darko .* Not signed yet/);
        assert.equal(await of(page, 'output').getAttribute('data-found'), 'output_unasked');
        await page.getByLabel('I heard it').press('Space');
        await page.getByLabel(/Minutes that the box went on/).fill('22');
        await page.getByLabel('Remark').fill('commissioned with the generator off');
        await page.keyboard.press('Enter');
        const kept = page.locator('[data-testid=kept-test]');
        await kept.waitFor();
        assert.deepEqual(server.commands.at(-1), {
          path: '/api/v1/self-test/sign', body: { run: 1, heard: true, ups_min: 22, remark: 'commissioned with the generator off' },
        });
        assert.match(await flat(kept), /Signed 2027-03-04 14:0\d by Yaw Darko .* Remark: commissioned with the generator off/);
        assert.equal(await of(page, 'output').getAttribute('data-found'), 'output_heard');
        assert.match(await flat(of(page, 'power')), /22 min without mains/);
        await page.waitForFunction(() => document.activeElement?.textContent?.includes('All results'));
        await page.keyboard.press('Enter');
        await page.locator('[data-testid=kept]').waitFor();
        assert.match(await flat(page.locator('[data-testid=kept]')), /by Yaw Darko 9 ok, 3 to look at, 2 failed, 1 not measured/);
      }),
  },
  {
    name: 'what_cannot_be_signed_says_why_and_a_changed_result_is_not_to_be_relied_on',
    run: (browser) =>
      withSystem(browser, {}, async ({ page, server }) => {
        await runTest(page);
        server.system.run = { ...server.system.run, id: 9 };
        await page.getByRole('button', { name: 'Sign as Yaw Darko' }).click();
        await page.getByText('Not saved: this self-test is not there any more: run it again').waitFor();
        await page.waitForTimeout(1000);
        await page.getByRole('button', { name: 'Sign as Yaw Darko' }).click();
        await page.locator('[data-testid=kept-test]').waitFor();
        server.system.kept[0].whole = false;
        await page.getByRole('button', { name: '‹ All results' }).click();
        await page.locator('[data-testid=kept]').click();
        await page.getByText('This result was changed since it was signed').waitFor();
      }),
  },
  {
    name: 'a_signed_self_test_is_printed_black_on_white_with_a_line_for_the_hand',
    run: (browser) =>
      withSystem(browser, {}, async ({ page }) => {
        await runTest(page);
        await page.getByRole('button', { name: 'Sign as Yaw Darko' }).click();
        await page.locator('[data-testid=kept-test]').waitFor();
        await page.emulateMedia({ media: 'print' });
        const head = await flat(page.locator('[data-testid=print-head]'));
        assert.match(head, /: Self-test Signed 2027-03-04 14:0\d by Yaw Darko Printed 2027-03-04 14:0\d by Yaw Darko/);
        for (const hidden of ['[data-testid=banner]', 'footer', '.bar', '.parts', '.sheet > header']) {
          for (const found of await page.locator(hidden).all()) assert.equal(await found.isVisible(), false, hidden);
        }
        assert.equal(await page.locator('.signature').isVisible(), true);
        assert.ok((await flat(page.locator('[data-testid=sum]'))).endsWith(SHA));
        const wrong = await page.evaluate(() => {
          const seen = [...document.querySelectorAll('.sheet *')].filter((one) => one.getClientRects().length > 0 && one.textContent.trim() !== '');
          const looks = seen.map((one) => getComputedStyle(one)).map((style) => [style.color, style.backgroundColor]);
          return looks.filter(([ink, ground]) => ink !== 'rgb(0, 0, 0)' || !['rgba(0, 0, 0, 0)', 'rgb(255, 255, 255)'].includes(ground)).length;
        });
        assert.equal(wrong, 0, 'everything is black on white');
        assert.equal(await rows(page).first().evaluate((row) => getComputedStyle(row).breakInside), 'avoid', 'no row is cut');
      }),
  },
  ...[{ language: 'fr' }, { language: 'ar' }].map(({ language }) => ({
    name: `the_system_page_fits_a_phone_in_${language}`,
    run: (browser) =>
      withSystem(browser, { viewport: { ...PHONE, width: 360 }, language }, async ({ page }) => {
        assert.deepEqual(await page.evaluate(misfits), [], 'now');
        await page.locator('.parts button').nth(1).click();
        await page.locator('.run').click();
        await page.locator('[data-testid=result]').waitFor();
        assert.deepEqual(await page.evaluate(misfits), [], 'result');
        await page.locator('form button[type=submit]').click();
        await page.locator('[data-testid=kept-test]').waitFor();
        assert.deepEqual(await page.evaluate(misfits), [], 'kept');
      }),
  })),
  {
    name: 'who_may_not_see_lines_is_not_offered_the_system_page',
    run: (browser) =>
      withWard(browser, { state: one(), setup: (server) => system(server, GRACE) }, async ({ page }) => {
        await page.locator('[data-testid=person] button.who').click();
        await page.getByRole('button', { name: 'Devices' }).waitFor();
        assert.equal(await page.getByRole('button', { name: MENU.en }).count(), 0);
      }),
  },
];

export const systemPictures = [
  { name: 'system', options: {} },
  { name: 'system-light', options: { theme: 'light' } },
  { name: 'system-wall', options: { viewport: WALL } },
  { name: 'system-phone', options: { viewport: { ...PHONE, width: 360 } } },
].map(({ name, options }) => ({
  name: `picture ${name}`,
  run: (browser) =>
    withSystem(browser, options, async ({ page }) => {
      await shot(page, name);
      await page.getByRole('button', { name: 'Self-test', exact: true }).click();
      await page.getByRole('button', { name: 'Run the self-test' }).click();
      await page.locator('[data-testid=running]').waitFor();
      await shot(page, `${name}-runs`);
      await page.locator('[data-testid=result]').waitFor();
      await page.getByRole('button', { name: /^Sign as/ }).scrollIntoViewIfNeeded();
      await shot(page, `${name}-sign`);
      await page.getByRole('button', { name: /^Sign as/ }).click();
      await page.locator('[data-testid=kept-test]').waitFor();
      await page.emulateMedia({ media: 'print' });
      await shot(page, `${name}-print`);
    }),
}));
