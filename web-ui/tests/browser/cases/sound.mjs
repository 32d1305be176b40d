// Alarms are heard, fall silent when they are acknowledged, and a screen that cannot be heard says so.

import assert from 'node:assert/strict';
import { alarm, stable, wardState } from '../ward-state.mjs';
import { PHONE, shot, withWard } from '../with-page.mjs';

const bar = (page) => page.locator('[data-testid=sound-bar]');
const strip = (page) => page.locator('[data-testid=sound]');
const high = (more = {}) => alarm(1, 'limit.spo2.low', 'high', { bed: '1', value: '84', limit: '90', ...more });
const medium = (more = {}) => alarm(2, 'limit.hr.high', 'medium', { bed: '1', value: '131', limit: '120', ...more });

/** Opens the ward in a browser whose sound `script` has changed before the page began. */
function withSound(browser, script, alarms, run, options = {}) {
  const state = wardState({ beds: [stable('1')], alarms });
  const opened = {
    newContext: async (given) => {
      const context = await browser.newContext(given);
      await context.addInitScript(script);
      return context;
    },
  };
  return withWard(opened, { state, ...options }, run);
}

/** What is played is rendered as fast as the machine can; `window.heights()` is its height every 2 ms, `window.power(hz, ms)`
 *  how strong a frequency is in it, in dB. */
function rendersItself() {
  const RATE = 48_000;
  window.AudioContext = class extends OfflineAudioContext {
    constructor() {
      super(1, 6 * RATE, RATE);
      const rendered = (window.rendered ??= async () => (this.done ??= (await this.startRendering()).getChannelData(0)));
      window.heights = async () => {
        const samples = await rendered();
        return Array.from({ length: 3000 }, (_, n) => samples.subarray(n * 96, n * 96 + 96).reduce((most, one) => Math.max(most, Math.abs(one)), 0));
      };
      window.power = async (hz, ms) => {
        const samples = (await rendered()).subarray(48 * ms, 48 * (ms + 100));
        let [re, im] = [0, 0];
        for (const [n, sample] of samples.entries()) {
          const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / samples.length);
          re += hann * sample * Math.cos((2 * Math.PI * hz * n) / RATE);
          im += hann * sample * Math.sin((2 * Math.PI * hz * n) / RATE);
        }
        return 10 * Math.log10(re * re + im * im + 1e-12);
      };
    }
    get state() {
      return 'running';
    }
  };
}

/** What goes to the loudspeaker can be listened to: `window.level()` is its height now. */
function isListenedTo() {
  const Real = window.AudioContext;
  window.AudioContext = class extends Real {
    #tap;
    get destination() {
      if (this.#tap === undefined) {
        this.#tap = this.createAnalyser();
        this.#tap.connect(super.destination);
        const wave = new Float32Array(this.#tap.fftSize);
        window.level = () => {
          this.#tap.getFloatTimeDomainData(wave);
          return Math.max(...wave.map(Math.abs));
        };
      }
      return this.#tap;
    }
  };
}

function cannotBeMade() {
  window.AudioContext = class {
    constructor() {
      throw new Error('no sound here');
    }
  };
}

/** It says that it runs, and does not. */
function standsStill() {
  const Real = window.AudioContext;
  window.AudioContext = class extends Real {
    get currentTime() {
      return 7;
    }
  };
}

/** Where the sound of a rendered burst begins and ends, in ms, and its height there. */
async function pulsesOf(page) {
  const found = [];
  let on = null;
  for (const [n, height] of (await page.evaluate(() => window.heights())).entries()) {
    if (height > 0.1) {
      on ??= { from: 2 * n, height: 0 };
      on.height = Math.max(on.height, height);
    } else if (on !== null) {
      found.push({ ...on, to: 2 * n });
      on = null;
    }
  }
  return found;
}

const within = (what, value, [least, most]) => assert.ok(value >= least && value <= most, `${what}: ${value}, not ${least} to ${most}`);
const silent = (page) => page.waitForFunction(() => (window.level?.() ?? 0) < 0.001, null, { timeout: 3000 });
const loud = (page) => page.waitForFunction(() => window.level?.() > 0.2, null, { timeout: 9000 });
const told = (server) => server.said.filter(({ type }) => type === 'sound').at(-1)?.on;

async function until(what, holds, withinMs = 8000) {
  for (const began = performance.now(); performance.now() - began < withinMs; ) {
    if (await holds()) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  assert.fail(what);
}

export const soundCases = [
  {
    name: 'the_burst_of_high_as_rendered_has_ten_pulses_with_the_gaps_of_the_standard',
    run: (browser) =>
      withSound(browser, rendersItself, [high()], async ({ page }) => {
        const pulses = await pulsesOf(page);
        assert.equal(pulses.length, 10, JSON.stringify(pulses));
        const gaps = pulses.slice(1).map(({ from }, n) => from - pulses[n].to);
        for (const { from, to } of pulses) within('a pulse', to - from, [75, 200]);
        for (const n of [0, 1, 3, 5, 6, 8]) within(`gap ${n + 1}`, gaps[n], [50, 125]);
        for (const n of [2, 7]) within('between pulses 3 and 4, 8 and 9', gaps[n], [2 * gaps[0] + 75, 2 * gaps[0] + 200]);
        within('between the two fives', gaps[4], [350, 1300]);
        const heights = pulses.map(({ height }) => height);
        within('dB within a burst', 20 * Math.log10(Math.max(...heights) / Math.min(...heights)), [0, 10]);
      }),
  },
  {
    name: 'medium_as_rendered_has_three_equal_pulses_and_five_harmonics_within_15_dB',
    run: (browser) =>
      withSound(browser, rendersItself, [medium()], async ({ page }) => {
        const pulses = await pulsesOf(page);
        assert.equal(pulses.length, 3, JSON.stringify(pulses));
        for (const { from, to } of pulses) within('a pulse', to - from, [125, 250]);
        for (const n of [0, 1]) within('a gap', pulses[n + 1].from - pulses[n].to, [125, 250]);
        const power = (hz) => page.evaluate(([hz, ms]) => window.power(hz, ms), [hz, pulses[0].from + 50]);
        const peaks = await Promise.all([1, 2, 3, 4, 5].map((n) => power(523 * n)));
        within('dB between the peaks', Math.max(...peaks) - Math.min(...peaks), [0, 15]);
        assert.ok((await power(523 * 1.5)) < Math.min(...peaks) - 20, 'and nothing between them');
      }),
  },
  {
    name: 'an_alarm_is_heard_at_once_and_silent_at_once_when_it_is_acknowledged_and_the_other_one_goes_on',
    run: (browser) => {
      return withSound(browser, isListenedTo, [], async ({ page, server, state }) => {
        await until('the page tells the post that it can be heard', () => told(server) === true);
        state.alarms = [high()];
        server.push();
        await loud(page);
        state.alarms = [high({ phase: 'acknowledged', acknowledged_by: 'Grace O.' })];
        server.push();
        await silent(page);
        await page.waitForTimeout(500);
        assert.ok((await page.evaluate(() => window.level())) < 0.001, 'and it stays so in the middle of its burst');
        state.alarms.push(medium());
        server.push();
        await loud(page);
        state.alarms = [];
        server.push();
        await silent(page);
      });
    },
  },
  {
    name: 'what_the_post_says_is_paused_is_not_heard',
    run: (browser) =>
      withSound(browser, isListenedTo, [high({ sounds: false })], async ({ page, server, state }) => {
        await until('ready', () => told(server) === true);
        await page.waitForTimeout(1500);
        assert.equal(await page.evaluate(() => window.level?.() ?? 0), 0);
        state.alarms = [high({ sounds: true })];
        server.push();
        await loud(page);
      }),
  },
  {
    name: 'a_page_that_is_not_live_is_silent_and_says_so',
    run: (browser) =>
      withSound(browser, isListenedTo, [high()], async ({ page, server }) => {
        await loud(page);
        Object.assign(server, { beating: false, refreshing: false });
        await page.waitForSelector('[data-testid=not-live]', { timeout: 8000 });
        await silent(page);
        assert.match(await page.locator('[data-testid=not-live]').innerText(), /makes no sound either/);
        await page.waitForTimeout(4500);
        assert.ok((await page.evaluate(() => window.level())) < 0.001, 'nor later');
      }),
  },
  ...[['tablet', {}], ['phone_fr', { viewport: PHONE, language: 'fr' }]].map(([size, options]) => ({
    name: `sound_that_wants_a_touch_is_an_alarm_of_the_screen_until_it_is_touched_${size}`,
    run: async (browser) => {
      // As browsers are where nobody has set them up: this one has the usual rules.
      const usual = await browser.browserType().launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
      try {
        await withSound(usual, () => {}, [high()], async ({ page, server }) => {
          await bar(page).waitFor();
          assert.match(await bar(page).innerText(), options.language === 'fr' ? /LE SON N’EST PAS ACTIVÉ/ : /SOUND IS NOT ON ON THIS SCREEN[^]*touch here/);
          await until('the post is told that it is silent', () => told(server) === false);
          await shot(page, `sound-blocked-${size}`);
          await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
          const box = await bar(page).boundingBox();
          assert.ok(box.y >= 0 && box.y + box.height <= page.viewportSize().height, 'it stays in view');
          assert.ok(box.height >= 48);
          await bar(page).click();
          await bar(page).waitFor({ state: 'detached' });
          await page.getByRole('button', { name: options.language === 'fr' ? 'Jouer un son' : 'Play a test sound' }).waitFor();
          await until('the post is told that it is on', () => told(server) === true);
        }, { begun: (server) => until('it has looked for sound', () => told(server) !== undefined), ...options });
      } finally {
        await usual.close();
      }
    },
  })),
  ...[['cannot_be_made', cannotBeMade], ['stands_still', standsStill]].map(([what, script]) => ({
    name: `sound_that_${what}_is_an_alarm_of_the_screen_that_nobody_can_put_away`,
    run: (browser) =>
      withSound(browser, script, [high()], async ({ page, server }) => {
        await bar(page).waitFor();
        assert.match(await bar(page).innerText(), /SOUND DOES NOT WORK ON THIS SCREEN/);
        assert.notEqual(told(server), true, 'never said that it was on');
        await bar(page).click();
        await page.locator('[data-testid=panel]').getByText('Turn up the volume').waitFor();
        await page.keyboard.press('Escape');
        await page.keyboard.press('Escape');
        assert.equal(await bar(page).count(), 1);
        assert.notEqual(told(server), true);
      }),
  })),
  {
    name: 'the_sound_check_by_keyboard_nothing_heard_brings_help_and_the_bar_until_it_was_heard',
    run: (browser) =>
      withSound(browser, isListenedTo, [alarm(3, 'probe_off.spo2', 'low', { bed: '1' })], async ({ page, server }) => {
        await until('ready', () => told(server) === true);
        await silent(page); // LOW is heard once, and hinders no check
        assert.match(await strip(page).innerText(), /Sound on, not tested/);
        await strip(page).press('Enter');
        const press = (name) => page.getByRole('button', { name, exact: true }).press('Enter');
        await press('Play a test sound');
        await loud(page);
        await shot(page, 'sound-check');
        await press('Nothing heard');
        await silent(page);
        assert.match(await bar(page).innerText(), /NOBODY HEARS THIS SCREEN/);
        await page.getByText('Turn up the volume').waitFor();
        await shot(page, 'sound-unheard');
        await until('the post does not count it', () => told(server) === false);
        await page.reload();
        await bar(page).click();
        await press('Play a test sound');
        await press('I heard it');
        await bar(page).waitFor({ state: 'detached' });
        await until('the post counts it again', () => told(server) === true);
        assert.match(await strip(page).innerText(), /^Sound on$/);
      }),
  },
  {
    name: 'the_post_is_told_again_and_again_and_the_strip_says_how_many_screens_sound',
    run: (browser) =>
      withSound(browser, isListenedTo, [], async ({ page, server, state }) => {
        const said = () => server.said.filter(({ type }) => type === 'sound');
        await until('three times', () => said().length >= 3, 20_000);
        for (const one of said().slice(-2)) assert.deepEqual(one, { type: 'sound', on: true });
        state.sound = { screens: 2, output: 'failed' };
        server.push();
        await page.getByText('Sound on, not tested, on 2 screens, box cannot sound').waitFor();
      }),
  },
];
