// What a doctor does with the page.

import assert from 'node:assert/strict';
import { afterOutage, centreState } from '../centre-state.mjs';
import { shot, withCentre } from '../with-page.mjs';

const alerts = (page) => page.locator('[data-testid=alert]');

export const centreCases = [
  {
    name: 'i4_an_empty_bed_of_a_post_says_so_and_looks_neither_old_nor_broken_and_what_comes_all_the_same_is_shown',
    run: (browser) => {
      const state = centreState();
      const patient = { initials: '', results: 0, revision: 4, vacant: true };
      const [spo2] = state.posts[0].beds[0].values.filter(({ code }) => code === 'spo2');
      state.posts[0].beds[1] = { ...state.posts[0].beds[1], patient, values: [{ ...spo2, value: null, reason: 'probe_off' }] };
      return withCentre(browser, { state }, async ({ page, server }) => {
        const bed = page.locator('[data-testid=remote-bed]').nth(1);
        assert.match(await bed.innerText(), /Bed 2\s+Bed is empty/);
        assert.doesNotMatch(await bed.innerText(), /data|old|-\?-/);
        assert.equal(await bed.getAttribute('data-old'), 'false');
        state.posts[0].beds[1].values = [spo2];
        server.push();
        await bed.locator('[data-slot=spo2]', { hasText: '96' }).waitFor();
        assert.match(await bed.innerText(), /Bed is empty/);
        await shot(page, 'centre-empty-bed');
      });
    },
  },
  {
    name: 'a_bed_that_alarms_bears_the_mark_of_its_most_urgent_alert_as_long_as_that_holds_and_its_post_is_heard',
    run: (browser) => {
      const state = centreState();
      return withCentre(browser, { state }, async ({ page, server }) => {
        const bed = page.locator('[data-testid=remote-bed]').nth(1);
        const mark = bed.locator('[data-testid=bed-alarms]');
        assert.equal(await mark.getAttribute('data-signal'), 'steady-high');
        assert.match(await bed.locator('[data-slot=spo2] .label').innerText(), /SpO2\s+%/);
        state.alerts = state.alerts.map((one) => (one.bed === '2' ? { ...one, phase: 'ended' } : one));
        server.push();
        await mark.waitFor({ state: 'detached' });
      });
    },
  },
  {
    name: 'i6_a_lost_post_is_told_in_a_line_that_no_doctor_can_miss_and_nothing_of_it_keeps_a_colour',
    run: (browser) => {
      const state = centreState();
      return withCentre(browser, { state }, async ({ page, server }) => {
        const told = page.locator('[data-testid=lost-post]');
        assert.match(await told.innerText(), /Yeji clinic IS NOT HEARD since 13:54: its alarms do not reach you/);
        assert.equal(await told.getAttribute('role'), 'alert');
        const gone = page.locator('[data-status=lost] [data-slot=spo2]').nth(1);
        assert.equal(await gone.getAttribute('data-state'), 'absent');
        state.posts[1].status = 'online';
        server.push();
        await told.waitFor({ state: 'detached' });
        state.posts = Array.from({ length: 5 }, (_, n) => ({ ...state.posts[1], id: `p${n}`, name: `P ${n}`, status: 'lost' }));
        server.push();
        await page.getByText('5 POSTS ARE NOT HEARD: P 0, P 1, P 2, P 3, P 4').waitFor();
        assert.equal(await told.count(), 1);
      });
    },
  },
  {
    name: 'after_an_outage_the_card_says_what_is_on_its_way_what_it_cost_and_what_became_of_messages',
    run: (browser) =>
      withCentre(browser, { state: afterOutage() }, async ({ page, server, state }) => {
        const card = page.locator('[data-testid=post]').first();
        assert.match(await card.locator('[data-testid=on-their-way]').innerText(), /12\u202f345 records from 13:02 to 13:31 are still on their way/);
        assert.match(
          await card.locator('[data-testid=outage]').innerText(),
          /not reached 11:37 to 12:07, 8\u202f120 records delivered late, none lost, the oldest alert 29 min late/,
        );
        const sent = await card.locator('[data-testid=sent] .state').allInnerTexts();
        assert.deepEqual(sent.map((text) => text.trim()), [
          'waiting for the post', 'shown at the post at 14:03', 'refused: no such bed', 'expired unanswered',
        ]);
        const late = alerts(page).first();
        assert.equal(await late.getAttribute('data-signal'), 'high');
        assert.match(await late.locator('[data-testid=came-late]').innerText(), /began 13:05, arrived 13:34/);
        assert.match(await alerts(page).nth(2).innerText(), /refused: the post does not know this alarm/);
        await page.getByText('ended while the post could not be heard').waitFor();
        state.posts[0].gap.since = 1000;
        server.refreshing = false;
        server.push();
        await card.getByText('12345 records to come').waitFor();
      }),
  },
  {
    name: 'i4_what_was_not_today_says_its_day_to_a_doctor',
    run: (browser) => {
      const days = 86_400_000;
      const state = afterOutage();
      state.posts[0].gap = { records: 9, from_age: 5 * days, to_age: 60_000, since: 60_000 };
      Object.assign(state.posts[0].outages[0], { from_age: 6 * days, to_age: days });
      Object.assign(state.posts[0].sent[1], { age: 7 * days, answered_age: 3 * days });
      Object.assign(state.posts[1], { heartbeat_age: 2 * days });
      Object.assign(state.alerts[0], { age: 5 * days, delay_ms: 4 * days });
      Object.assign(state.alerts[1], { age: 70 * days, seen: [{ by: 'Dr K. Mensah', age: 2 * days, confirmed: true }] });
      return withCentre(browser, { state }, async ({ page }) => {
        const card = page.locator('[data-testid=post]').first();
        assert.match(await card.locator('[data-testid=on-their-way]').innerText(), /9 records from Sat 27 Feb 14:07 to 14:06 are still/);
        assert.match(await card.locator('[data-testid=outage]').innerText(), /not reached Fri 26 Feb 14:07 to Wed 3 Mar 14:07,/);
        const sent = await card.locator('[data-testid=sent]').nth(1).innerText();
        assert.match(sent, /Dr K\. Mensah, Thu 25 Feb 14:07\s+shown at the post at Mon 1 Mar 14:07/);
        assert.match(await page.locator('[data-testid=lost-post]').innerText(), /IS NOT HEARD since Tue 2 Mar 14:07:/);
        assert.match(await page.locator('[data-status=lost]').innerText(), /LOST since Tue 2 Mar 14:07\s+not heard since Tue 2 Mar 14:07/);
        assert.match(await alerts(page).first().innerText(), /Sat 27 Feb 14:07\s*120 h 00/);
        assert.match(await page.locator('[data-testid=came-late]').innerText(), /began Sat 27 Feb 14:07, arrived Wed 3 Mar 14:07/);
        assert.match(await alerts(page).nth(1).innerText(), /Thu 24 Dec 2026 14:07.*Seen by Dr K\. Mensah Tue 2 Mar 14:07/s);
        const over = await page.locator('td.since').evaluateAll((cells) => cells.filter((one) => one.scrollWidth > one.clientWidth + 1).length);
        assert.equal(over, 0, 'a time lies over the next column');
        await shot(page, 'centre-other-days');
      });
    },
  },
  {
    name: 'i9_a_doctor_writes_to_a_bed_and_proposes_a_limit_with_the_keyboard_only',
    run: (browser) =>
      withCentre(browser, {}, async ({ page, server }) => {
        server.answer = { status: 202, body: { command: '00ff' } };
        const open = page.getByRole('button', { name: 'Write to the post: Kintampo health post' });
        await open.press('Enter');
        const form = page.locator('[data-testid=send-form]');
        const go = form.getByRole('button', { name: 'Send' });
        await form.getByLabel('To').selectOption('2');
        await form.getByLabel(/^Message, at most/).fill('Call me');
        await go.press('Enter');
        await form.waitFor({ state: 'detached' });
        await open.press('Enter');
        await form.getByLabel('What').selectOption('limits');
        await form.getByLabel('To').selectOption('1');
        await form.getByLabel('New limit').fill('88');
        await form.getByLabel('New limit').press('Enter');
        await form.waitFor({ state: 'detached' });
        assert.deepEqual(server.commands, [
          { path: '/api/v1/posts/kintampo/messages', body: { text: 'Call me', bed: '2' } },
          { path: '/api/v1/posts/kintampo/limits', body: { bed: '1', code: 'spo2', side: 'low', limit: '88' } },
        ]);
        server.answer = { status: 422, body: { error: '100 messages were sent' } };
        await open.press('Enter');
        await form.getByLabel(/^Message, at most/).fill('Hello?');
        await go.press('Enter');
        await form.getByText('Not sent: 100 messages were sent').waitFor();
        assert.equal(await form.getByLabel(/^Message, at most/).inputValue(), 'Hello?', 'the text is still there');
        await page.keyboard.press('Escape');
      }),
  },
  {
    name: 'a_doctor_says_seen_once_and_learns_when_the_bedside_shows_it',
    run: (browser) => {
      const state = centreState();
      return withCentre(browser, { state }, async ({ page, server }) => {
        server.answer = { status: 202, body: { command: '00ff' } };
        server.onCommand = (_path, _body, by) => {
          state.alerts[0].seen = [{ by, age: 0, confirmed: false }];
        };
        assert.match(await page.locator('[data-testid=waiting]').innerText(), /1 alert waits for a doctor/);
        const first = alerts(page).first();
        await first.getByRole('button', { name: /^Seen: SpO2/ }).press('Enter');
        await first.getByText('on its way to the bedside').waitFor();
        assert.deepEqual(server.commands, [
          { path: '/api/v1/alerts/kintampo/00000001aabbccdd-9/seen', body: {} },
        ]);
        assert.equal(await page.locator('[data-testid=waiting]').count(), 0);
        state.alerts[0].seen[0].confirmed = true;
        server.push();
        await first.getByText('shown at the bedside').waitFor();
        assert.match(await first.innerText(), /Seen by Dr Ama Boateng 14:07/);
        await alerts(page).nth(1).getByRole('button', { name: /^Seen/ }).press('Enter');
        await page.waitForTimeout(200);
        assert.equal(server.commands.length, 2);
      });
    },
  },
  {
    name: 'a_centre_that_hears_nobody_does_not_look_merely_quiet',
    run: (browser) => {
      const state = centreState();
      return withCentre(browser, { state }, async ({ page, server }) => {
        assert.equal(await page.locator('[data-testid=problem]').count(), 0);
        state.problems = [{ key: 'broker_unreachable', text: 'No connection to the broker, nothing arrives' }];
        server.push();
        await page.getByText('No connection to the broker, nothing arrives').waitFor();
      });
    },
  },
  {
    name: 'a_seen_that_could_not_be_sent_says_why',
    run: (browser) =>
      withCentre(browser, {}, async ({ page, server }) => {
        server.answer = { status: 422, body: { error: 'the post is unknown' } };
        await alerts(page).first().getByRole('button', { name: /^Seen/ }).click();
        await page.getByText('Not sent: the post is unknown').waitFor();
      }),
  },
  {
    name: 'i4_a_lost_post_shows_no_recent_value_and_says_since_when',
    run: (browser) =>
      withCentre(browser, {}, async ({ page }) => {
        const lost = page.locator('[data-testid=post][data-status=lost]');
        assert.match(await lost.innerText(), /LOST since 13:54/);
        const states = await lost.locator('[data-slot]').evaluateAll((cells) => cells.map((cell) => cell.dataset.state));
        assert.ok(states.includes('old'));
        assert.ok(states.every((state) => state === 'old' || state === 'absent'), String(states));
        assert.match(await lost.locator('[data-testid=remote-bed]').first().innerText(), /data 12 min old/);
      }),
  },
  {
    name: 'i4_an_online_post_whose_data_stay_away_greys_after_a_minute',
    run: (browser) => {
      const state = centreState();
      for (const value of state.posts[0].beds[0].values) value.age = 57_000;
      return withCentre(browser, { state, settled: false, setup: (server) => (server.refreshing = false) }, async ({ page }) => {
        const first = page.locator('[data-testid=remote-bed]').first();
        assert.equal(await first.locator('[data-slot=spo2]').getAttribute('data-state'), 'recent');
        await first.locator('[data-slot=spo2][data-state=old]').waitFor({ timeout: 8000 });
        assert.equal(await first.getAttribute('data-old'), 'true');
      });
    },
  },
  {
    name: 'i4_an_alert_of_a_post_that_is_not_heard_does_not_look_live_and_is_counted_apart',
    run: (browser) => {
      const state = centreState();
      return withCentre(browser, { state }, async ({ page, server }) => {
        const first = alerts(page).first();
        const chip = () => first.locator('.chip').evaluate((one) => getComputedStyle(one).backgroundColor);
        assert.equal(await first.getAttribute('data-signal'), 'high');
        assert.equal(await first.locator('.lasted').count(), 1);
        assert.match(await page.locator('[data-testid=unheard]').innerText(), /1 alert of a post that is not heard/);
        for (const status of ['lost', 'stopped']) {
          state.posts[0].status = status;
          state.posts[0].heartbeat_age = 40_000;
          server.push();
          await first.getByText('last known 14:06, post not heard').waitFor();
          assert.match(await alerts(page).nth(3).innerText(), /last known 14:06, post not heard/);
          assert.equal(await first.getAttribute('data-signal'), 'none');
          assert.equal(await chip(), 'rgba(0, 0, 0, 0)', 'no alarm colour');
          assert.equal(await first.locator('.lasted').count(), 0, 'nothing runs on');
          assert.equal(await page.locator('[data-testid=waiting]').count(), 0);
          assert.match(await page.locator('[data-testid=unheard]').innerText(), /5 alerts of posts that are not heard/);
          assert.match(await alerts(page).nth(1).innerText(), /acknowledged by Grace O/);
          assert.doesNotMatch(await alerts(page).nth(5).innerText(), /last known/, 'what has ended has ended');
          await shot(page, `centre-unheard-${status}`);
          state.posts[0].status = 'online';
          server.push();
          await page.waitForSelector('[data-testid=waiting]');
        }
      });
    },
  },
  {
    name: 'i6_a_seen_that_was_not_delivered_says_so_and_can_be_said_again_by_the_same_doctor',
    run: (browser) => {
      const state = centreState();
      return withCentre(browser, { state }, async ({ page, server }) => {
        server.answer = { status: 202, body: { command: '00ff' } };
        server.onCommand = (_path, _body, by) => {
          state.alerts[0].seen = [{ by, age: 0, confirmed: false }];
        };
        const first = alerts(page).first();
        await first.getByRole('button', { name: /^Seen/ }).click();
        await first.getByText('on its way to the bedside').waitFor();
        assert.equal(await first.getByRole('button', { name: /^Seen/ }).count(), 0);
        state.alerts[0].seen = [{ by: 'Dr Ama Boateng', age: 86_400_000, confirmed: false, expired: true }];
        server.push();
        await first.getByText('not delivered').waitFor();
        assert.doesNotMatch(await first.innerText(), /on its way/);
        await shot(page, 'centre-not-delivered');
        await first.getByRole('button', { name: /^Seen/ }).click();
        await first.getByText('on its way to the bedside').waitFor();
        assert.deepEqual(server.commands.map(({ body }) => body), [{}, {}]);
      });
    },
  },
  {
    name: 'alerts_that_are_left_out_of_the_list_are_counted',
    run: (browser) => {
      const state = centreState();
      return withCentre(browser, { state }, async ({ page, server }) => {
        assert.equal(await page.locator('[data-testid=more-alerts]').count(), 0);
        state.alerts_cut = 12;
        server.push();
        await page.getByText('12 more open alerts are not shown').waitFor();
      });
    },
  },
  {
    name: 'a_past_alert_says_so_and_never_flashes',
    run: (browser) =>
      withCentre(browser, {}, async ({ page }) => {
        const past = alerts(page).nth(2);
        assert.match(await past.innerText(), /PAST 13:52, may have ended/);
        assert.equal(await past.getAttribute('data-signal'), 'none');
      }),
  },
];
