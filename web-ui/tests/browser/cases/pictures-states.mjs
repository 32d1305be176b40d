// Pictures of the states that a ward can be in as a whole, each in dark, in light and on a phone. `npm run pictures`: they
// assert nothing.

import { lane, play } from '../curves-state.mjs';
import { CENTRE_AWAY, alarm, bed, message, nibp, stable, troubled, v, wardState } from '../ward-state.mjs';
import { PHONE, WALL, shot, withWard } from '../with-page.mjs';
import { resting } from './fit.mjs';

const beds = (n) => Array.from({ length: n }, (_, i) => stable(String(i + 1)));
const LOOKS = { dark: {}, light: { theme: 'light' }, phone: { viewport: PHONE } };
const EIGHT_DAYS_MS = 8 * 86_400_000;
/** So long until a curve has gone once across its tile. */
const SWEEP_MS = 7000;
const DRY_MS = 6000;

/** A value in every age: fresh, past its time, replaced, and days old. */
function ages() {
  const old = (age) => [v('hr', '84', { age }), v('spo2', '96', { age }), v('rr', '17', { age }), ...nibp('121', '80', '94', age / 60_000), v('temp', '36.9', { age })];
  return [400, 7000, 14_000, 240_000].map((age, n) => bed(String(n + 1), old(age))).concat(
    bed('5', [...nibp('121', '80', '94', 4), v('temp', '36.9', { age: 4 * 60_000 })]), bed('6', nibp('121', '80', '94', 16)), bed('7', nibp('121', '80', '94', 130)),
    bed('8', old(EIGHT_DAYS_MS), { link: 'silent', link_since_ms: EIGHT_DAYS_MS }),
  );
}

const away = () => wardState({
  beds: beds(8), centre: CENTRE_AWAY, alarms: [alarm(1, 'centre_unreachable', 'medium', { delivery: 'queued' })],
  problems: [{ key: 'store_failing', text: 'the card refuses writes' }],
});
const untrusted = () => wardState({ beds: [stable('1'), bed('2', [v('spo2', '91', { age: 20_000 }), ...nibp('120', '80', '93', 3)])] });
const told = () => wardState({
  beds: beds(8), laboratory: { results: 3, revision: 1 }, outage: { from: 7_200_000, to: 600_000, kept: 48_210, lost: 0 },
  messages: [message(1, 'Give oxygen by mask, 5 litres, and sit the patient up', { bed: '2' }), message(2, 'I call you at three')],
});

const STATES = {
  ages: { state: () => wardState({ beds: ages() }) },
  resting: { state: resting },
  'centre-away': { state: away },
  'clock-untrusted': { state: untrusted, setup: (server) => Object.assign(server, { wallKnown: false, trust: 'untrusted' }) },
  'outage-results-messages': { state: told },
  'not-live': {
    state: troubled,
    async act({ page, server }) {
      server.beating = false;
      server.refreshing = false;
      await page.waitForSelector('[data-testid=not-live]', { timeout: 8000 });
    },
  },
  'slow-link': {
    state: () => wardState({ beds: beds(8) }),
    setup: (server) => (server.refuseSockets = true),
    act: ({ page }) => page.locator('.strip .problem').first().waitFor({ timeout: 30_000 }),
  },
};

const stateOf = ([name, { state, setup, act = async () => {} }]) => Object.entries(LOOKS).map(([look, options]) => ({
  name: `picture state ${name} ${look}`,
  run: (browser) => withWard(browser, { state: state(), setup, ...options }, async (context) => {
    await act(context);
    await shot(context.page, `state-${name}-${look}`);
  }),
}));

/** Curves at every bed; then one of them stops. */
function curves(name, count, options) {
  const run = (browser) => {
    const state = wardState({ beds: beds(count) });
    state.curves = state.beds.flatMap(({ id }, n) => [lane(10 * n + 1, id, 'ecg_ii'), lane(10 * n + 2, id, 'pleth')]);
    return withWard(browser, { state, ...options }, async ({ page, server }) => {
      const source = play(server, state);
      await page.waitForTimeout(SWEEP_MS);
      await shot(page, `curves-${name}`);
      source.silent = new Set(state.curves.slice(0, 2).map(({ lane: number }) => number));
      await page.waitForTimeout(DRY_MS);
      await shot(page, `curves-${name}-one-dry`);
      source.end();
    });
  };
  return { name: `picture curves ${name}`, run };
}

export const statePictures = [
  ...Object.entries(STATES).flatMap(stateOf),
  curves('tablet', 8, {}), curves('light', 8, { theme: 'light' }), curves('wall', 16, { viewport: WALL }),
  curves('wall-6', 6, { viewport: WALL }), curves('phone', 4, { viewport: PHONE }),
];
