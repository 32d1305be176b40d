// What doctors write, and what the page says about the way to them and about the box.

import assert from 'node:assert/strict';
import { alarm, bed, CENTRE_AWAY, message, nibp, stable, troubled, v, wardState } from '../ward-state.mjs';
import { PHONE, SETTLED_MS, shot, withWard } from '../with-page.mjs';

const rows = (page) => page.locator('[data-testid=message]');

/** The server marks a message as read, as the appliance does. */
function marks(server, state) {
  server.onCommand = (path) => {
    state.messages = state.messages.filter(({ id }) => id !== path.split('/').at(-2));
  };
}

export const written = () => [
  message(1, 'Give oxygen, I call in five minutes', { bed: '2' }),
  message(2, '', { kind: 'limit', text: undefined, bed: '5', code: 'hr', label: 'HR', unit: '/min', side: 'high', limit: '150', age: 60_000 }),
];

export const messageCases = [
  {
    name: 'a_message_stands_until_a_person_says_that_it_was_read',
    run: (browser) => {
      const state = wardState({ beds: [stable('1'), stable('2'), stable('5')], messages: written() });
      return withWard(browser, { state }, async ({ page, server }) => {
        marks(server, state);
        assert.match(await rows(page).first().innerText(), /Dr Adhiambo, 14:02, Bed 2:\s*Give oxygen, I call in five minutes/);
        assert.match(await rows(page).nth(1).innerText(), /proposes as upper limit of HR: 150 \/min.*by hand/);
        await rows(page).first().getByRole('button', { name: 'Read' }).focus();
        await page.keyboard.press('Enter');
        await page.waitForFunction(() => document.querySelectorAll('[data-testid=message]').length === 1);
        assert.deepEqual(server.commands, [
          { path: `/api/v1/messages/${'1'.padStart(32, '0')}/read`, body: {} },
        ]);
        await page.waitForTimeout(SETTLED_MS);
        await rows(page).first().getByRole('button', { name: 'Read' }).click();
        await rows(page).first().waitFor({ state: 'detached' });
      });
    },
  },
  {
    name: 'a_message_that_could_not_be_marked_stays_and_says_why',
    run: (browser) => {
      const state = wardState({ beds: [stable('1')], messages: [message(1, 'Call me', { age: null, wall_ms: null })] });
      return withWard(browser, { state }, async ({ page, server }) => {
        server.answer = { status: 503, body: { error: 'the post is busy' } };
        await rows(page).getByRole('button', { name: 'Read' }).click();
        await page.getByText('Not marked: the post is busy').waitFor();
        assert.equal(await rows(page).count(), 1);
      });
    },
  },
  {
    name: 'twenty_messages_leave_the_beds_on_the_screen',
    run: (browser) => {
      const messages = Array.from({ length: 20 }, (_, n) => message(n + 1, 'long words '.repeat(45), { bed: '1' }));
      return withWard(browser, { state: { ...troubled(), messages }, viewport: PHONE }, async ({ page }) => {
        const box = await page.locator('section').first().boundingBox();
        assert.ok(box.height <= PHONE.height * 0.35, `the messages take ${box.height} px`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= PHONE.width, `${wide} px wide`);
      });
    },
  },
  {
    name: 'each_step_of_an_alarm_is_said_with_its_time',
    run: (browser) => {
      const one = (more) => [alarm(1, 'limit.spo2.low', 'high', { bed: '1', value: '84', limit: '90', ...more })];
      const state = wardState({ beds: [bed('1', [v('spo2', '84')])], alarms: one({ delivery: 'created', delivered: 1_000 }) });
      return withWard(browser, { state }, async ({ page, server }) => {
        const step = page.locator('[data-testid=delivery]');
        for (const [delivery, delivered, words] of [
          ['created', 0, /about to leave/],
          ['queued', 300_000, /waits for the link since 14:02/],
          ['sent', 240_000, /sent to the centre 14:03/],
          ['at_centre', 180_000, /at the centre 14:04/],
          ['no_centre', 180_000, /no centre is configured$/],
        ]) {
          state.alarms = one({ delivery, delivered });
          server.push();
          await page.locator('[data-testid=delivery]', { hasText: words }).waitFor();
          assert.match((await step.innerText()).trim(), words);
        }
        state.alarms = one({ seen: [{ by: 'Dr K.', age: 120_000 }] });
        server.push();
        await page.getByText('Seen Dr K. 14:05').waitFor();
      });
    },
  },
  {
    name: 'i4_what_was_not_today_says_its_day_to_a_nurse',
    run: (browser) => {
      const days = 86_400_000;
      // A minute more: the page may look a moment before the full second.
      const twoDays = 2 * days + 60_000;
      const old = { age: twoDays };
      const state = wardState({
        beds: [
          bed('1', [v('spo2', '97', old), ...nibp('121', '80', '94', 1501)], { link: 'silent', link_since_ms: twoDays }),
          stable('2'),
        ],
        alarms: [
          alarm(1, 'device_silent', 'medium', { bed: '1', lasted: 2 * days, delivery: 'queued', delivered: 2 * days }),
          alarm(2, 'limit.spo2.low', 'high', { bed: '2', value: '84', limit: '90', seen: [{ by: 'Dr K.', age: days }] }),
        ],
        centre: { ...CENTRE_AWAY, age: 5 * days },
        outage: { from: 6 * days, to: 5 * days, kept: 12_345, lost: 0 },
        messages: [message(1, 'Call me', { bed: '2', age: 7 * days })],
      });
      return withWard(browser, { state }, async ({ page, server }) => {
        state.messages.push(message(2, 'From before the restart', { age: null, wall_ms: server.wall() - 8 * days }));
        server.push();
        await page.getByText('Dr Adhiambo, Wed 24 Feb 14:07:').waitFor();
        assert.match(await rows(page).first().innerText(), /Dr Adhiambo, Thu 25 Feb 14:07, Bed 2:/);
        assert.match(await page.locator('[data-testid=outage]').innerText(), /not reached from Fri 26 Feb 14:07 to Sat 27 Feb 14:07:/);
        assert.match(await page.locator('[data-testid=centre-link]').innerText(), /DOCTORS DO NOT SEE THIS POST since Sat 27 Feb 14:07/);
        assert.match(await page.locator('[data-testid=delivery]').innerText(), /waits for the link since Tue 2 Mar 14:07/);
        await page.getByText('Seen Dr K. Wed 3 Mar 14:07').waitFor();
        const tile = page.locator('#bed-1');
        assert.match(await tile.locator('[data-testid=link]').innerText(), /NO DATA for 2 d/);
        assert.equal(await tile.locator('[data-slot=spo2] [data-testid=foot]').innerText(), 'was 97, 2 d ago');
        assert.match(await tile.locator('[data-slot=nibp] [data-testid=foot]').innerText(), /13:06\s+25 h/);
        await shot(page, 'ward-other-days');
      });
    },
  },
  {
    name: 'what_is_wrong_with_the_box_and_what_an_outage_came_to_is_said_in_words',
    run: (browser) => {
      const state = wardState({ beds: [stable('1')] });
      return withWard(browser, { state }, async ({ page, server }) => {
        state.problems = [{ key: 'clock_not_set', text: 'x' }, { key: 'certificate_expiring', text: 'valid until 2027-04-01' }];
        state.outage = { from: 600_000, to: 300_000, kept: 12_345, lost: 0 };
        server.push();
        await page.getByText('The time on this box is not certain').waitFor();
        await page.getByText('valid until 2027-04-01').waitFor();
        const said = page.locator('[data-testid=outage]');
        assert.match(await said.innerText(), /not reached from 13:57 to 14:02: 12345 records delivered late, none lost/);
        state.outage = { from: 600_000, to: 300_000, kept: 1, lost: 7 };
        server.push();
        await page.getByText('1 record delivered late, 7 LOST').waitFor();
      });
    },
  },
];
