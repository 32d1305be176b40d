import { expect, it } from 'vitest';
import boxBursts from '../../../appliance/src/sound/bursts.txt?raw';
import { burst, FALL_S, PARTIALS, RISE, FUNDAMENTAL_HZ, type Tone } from '../../live/burst';
import { APART_S, NEXT_AFTER_S, Sounder, type Sounding } from '../../live/sounder';
import { Speaker } from '../../live/speaker';
import type { Priority } from '../../live/types';

const PRIORITIES: Priority[] = ['high', 'medium', 'low'];

/** Silences between the pulses of a burst, in ms. */
function gaps(priority: Priority): number[] {
  const { pulses } = burst(priority);
  return pulses.slice(1).map(({ startS }, n) => Math.round(1000 * (startS - pulses[n]!.startS - pulses[n]!.durationS)));
}

function within(value: number, [least, most]: [number, number]): void {
  expect(value).toBeGreaterThanOrEqual(least);
  expect(value).toBeLessThanOrEqual(most);
}

it('bursts have the pulses, spacings and pauses of the standard (alarms.md section 3)', () => {
  expect(PRIORITIES.map((one) => burst(one).pulses.length)).toEqual([10, 3, 2]);
  const [x] = gaps('high');
  const pulse = 1000 * burst('high').pulses[0]!.durationS;
  expect(gaps('high')).toEqual([x, x, 2 * x! + pulse, x, 600, x, x, 2 * x! + pulse, x]);
  within(x!, [50, 125]);
  within(gaps('high')[4]!, [350, 1300]);
  for (const gap of [...gaps('medium'), ...gaps('low')]) within(gap, [125, 250]);
  within(pulse, [75, 200]);
  for (const one of ['medium', 'low'] as const) for (const { durationS } of burst(one).pulses) within(1000 * durationS, [125, 250]);
  within(burst('high').pauseS!, [2.5, 15]);
  within(burst('medium').pauseS!, [2.5, 30]);
  expect(burst('low').pauseS).toBeNull();
});

it('no pulse is silent, HIGH is at least as loud as MEDIUM and that as LOW, and each has its harmonics', () => {
  const [high, medium, low] = PRIORITIES.map((one) => burst(one).pulses.map(({ gain }) => gain));
  for (const gains of [high!, medium!, low!]) expect(new Set(gains).size).toBe(1);
  expect(high![0]).toBeGreaterThanOrEqual(medium![0]!);
  expect(medium![0]).toBeGreaterThanOrEqual(low![0]!);
  expect(low![0]).toBeGreaterThan(0.5);
  expect(PARTIALS).toHaveLength(5);
  expect(FUNDAMENTAL_HZ * PARTIALS.length).toBeLessThan(4000);
  expect(20 * Math.log10(Math.max(...PARTIALS) / Math.min(...PARTIALS))).toBeLessThan(15);
  within(RISE, [0.1, 0.2]);
  expect(FALL_S).toBeLessThan(0.05);
});

it('the box plays the same bursts', () => {
  const told = boxBursts.trim().split('\n');
  const tones: Tone[] = [...PRIORITIES, 'reminder'];
  const ours = tones.flatMap((one) =>
    burst(one).pulses.map(({ startS, durationS, gain }) => `${one} ${startS.toFixed(3)} ${durationS.toFixed(3)} ${gain.toFixed(2)}`),
  );
  const pauses = tones.map((one) => `${one} pause ${burst(one).pauseS?.toFixed(3) ?? 'none'}`);
  expect(told).toEqual([...ours, ...pauses]);
});

/** A page whose clock the test turns; `heard` is what was begun, `hushed` when something was cut off. */
function page() {
  const sounder = new Sounder();
  const heard: string[] = [];
  const hushed: number[] = [];
  let now = 100;
  let alarms: Sounding[] = [];
  const output = {
    now: () => now,
    play: (what: { pulses: object[]; lengthS: number }, atS: number) => {
      const priority = { 10: 'high', 3: 'medium', 2: 'low', 1: 'reminder' }[what.pulses.length]!;
      heard.push(`${priority} ${(atS - 100).toFixed(1)}`);
      return { endsAtS: atS + what.lengthS, stop: () => hushed.push(Number((now - 100).toFixed(1))) };
    },
  };
  let isOff = false;
  const look = (on = true) => sounder.look(alarms, on ? output : null, isOff);
  return {
    heard,
    hushed,
    look,
    set(...next: [string, Priority, number?][]) {
      alarms = next.map(([id, priority, onsets = 1]) => ({ id, priority, onsets }));
      look();
    },
    off(now: boolean) {
      isOff = now;
      look();
    },
    /** Seconds pass, looked at twice in each. */
    pass(seconds: number) {
      for (let half = 0; half < 2 * seconds; half += 1) {
        now += 0.5;
        look();
      }
    },
  };
}

it('T1 one sound however many alarms: the highest decides, and it is repeated', () => {
  const { heard, set, pass, hushed } = page();
  set(['a', 'low'], ['b', 'high'], ['c', 'medium'], ['d', 'high']);
  pass(16);
  expect(heard).toEqual(['high 0.0', 'high 7.5', 'high 15.0']);
  expect(hushed).toEqual([]);
});

it('T2 a new alarm is heard at once: in a pause, over a lower one, and beside an acknowledged one', () => {
  const { heard, hushed, set, pass } = page();
  set(['a', 'medium']);
  pass(5);
  set(['a', 'medium'], ['b', 'medium']);
  expect(heard).toEqual(['medium 0.0', 'medium 5.0']);
  pass(0.5);
  set(['a', 'medium'], ['b', 'medium'], ['c', 'high']);
  expect(heard.at(-1)).toBe('high 5.5');
  expect(hushed).toEqual([5.5]);
  pass(5);
  set(['a', 'medium'], ['b', 'medium'], ['c', 'high'], ['d', 'low']);
  expect(heard.at(-1)).toBe('high 10.5');
  set();
  pass(3);
  set(['d', 'low']);
  expect(heard.at(-1)).toBe('low 13.5');
});

it('T2 an alarm that returns, or sounds again after it was acknowledged, is heard at once', () => {
  const { heard, set, pass } = page();
  set(['a', 'medium', 1]);
  pass(4);
  set(['a', 'medium', 2]);
  pass(4);
  set();
  pass(4);
  set(['a', 'medium', 2]);
  expect(heard).toEqual(['medium 0.0', 'medium 4.0', 'medium 12.0']);
});

it('T3 acknowledged is silent at once, in the middle of a burst too, and what else sounds follows', () => {
  const { heard, hushed, set, pass } = page();
  set(['a', 'high'], ['b', 'medium']);
  pass(1);
  set(['b', 'medium']);
  expect(hushed).toEqual([1.0]);
  pass(NEXT_AFTER_S + 0.5);
  expect(heard).toEqual(['high 0.0', 'medium 3.5']);
  set();
  expect(hushed).toEqual([1.0, 4.0]);
  pass(60);
  expect(heard).toHaveLength(2);
});

it('T3 the acknowledgement of one leaves the other one sounding', () => {
  const { heard, hushed, set, pass } = page();
  set(['a', 'high'], ['b', 'high']);
  pass(1);
  set(['b', 'high']);
  pass(8);
  expect(hushed).toEqual([]);
  expect(heard).toEqual(['high 0.0', 'high 7.5']);
});

it('T4 LOW is heard once', () => {
  const { heard, set, pass } = page();
  set(['a', 'low']);
  pass(300);
  expect(heard).toEqual(['low 0.0']);
});

it('T5 that sound is off is heard every two minutes, beside an old LOW alarm too, and not while others repeat', () => {
  const { heard, hushed, set, off, pass } = page();
  off(true);
  pass(119);
  expect(heard).toEqual([]);
  set(['a', 'low']);
  pass(125);
  expect(heard).toEqual(['low 119.0', 'reminder 122.5', 'reminder 242.5']);
  set(['a', 'low'], ['b', 'medium']);
  pass(130);
  expect(heard.slice(3).every((one) => one.startsWith('medium'))).toBe(true);
  set(['a', 'low']);
  pass(3);
  expect(heard.at(-1)).toMatch(/^reminder/);
  set(['a', 'low', 2]);
  expect([heard.at(-1)!.split(' ')[0], hushed.length]).toEqual(['low', 0]);
  off(false);
  const before = heard.length;
  pass(300);
  expect(heard).toHaveLength(before);
});

it('T5 a new alarm cuts the reminder off', () => {
  const { heard, hushed, set, off, pass } = page();
  off(true);
  pass(120);
  expect(heard).toEqual(['reminder 120.0']);
  set(['a', 'low']);
  expect([heard.at(-1), hushed]).toEqual(['low 120.0', [120]]);
});

it('a flood of alarms does not run its bursts into one another', () => {
  const { heard, set, pass } = page();
  const all: [string, Priority][] = [];
  for (let n = 0; n < 60; n += 1) {
    all.push([`a${n}`, 'high']);
    set(...all);
    pass(0.5);
  }
  const starts = heard.map((one) => Number(one.split(' ')[1]));
  for (const [n, start] of starts.slice(1).entries()) expect(start - starts[n]!).toBeGreaterThanOrEqual(burst('high').lengthS + APART_S - 0.01);
  expect(starts.length).toBeGreaterThan(5);
});

it('nothing is heard while the page is not live, and everything that sounds once it is again', () => {
  const { heard, hushed, set, pass, look } = page();
  set(['a', 'high']);
  pass(1);
  look(false);
  expect(hushed).toEqual([1.0]);
  look(false);
  expect(heard).toHaveLength(1);
  pass(1);
  expect(heard).toEqual(['high 0.0', 'high 1.5']);
});

it('a burst takes two nodes, and none once it is over or was cut off', () => {
  let connected = 0;
  let made = 0;
  const over: (() => void)[] = [];
  const param = () => ({ value: 0, setValueAtTime: () => {}, linearRampToValueAtTime: () => {}, setTargetAtTime: () => {}, cancelScheduledValues: () => {} });
  const node = () => {
    made += 1;
    const self = {
      gain: param(),
      frequency: param(),
      onended: () => {},
      setPeriodicWave: () => {},
      start: () => over.push(() => self.onended()),
      stop: () => {},
      connect: <T>(to: T) => {
        connected += 1;
        return to;
      },
      disconnect: () => (connected -= 1),
    };
    return self;
  };
  const context = { currentTime: 0, destination: {}, createPeriodicWave: () => ({}), createOscillator: node, createGain: node };
  const speaker = new Speaker(context as unknown as BaseAudioContext);
  for (let n = 0; n < 300; n += 1) {
    const playing = speaker.play(burst('high'));
    expect(connected).toBe(2);
    if (n % 2 === 0) playing.stop();
    over.pop()!();
    expect(connected).toBe(0);
  }
  expect(made).toBe(600);
});
