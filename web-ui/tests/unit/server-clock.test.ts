import { describe, expect, it } from 'vitest';
import { NOT_LIVE_AFTER_LOSS_MS, NOT_LIVE_AFTER_MS, ServerClock } from '../../live/server-clock';

/** A browser whose two clocks the test turns. */
function browser() {
  const clocks = { m: 500, w: 1_000_000, mono: () => clocks.m, wall: () => clocks.w };
  const pass = (ms: number) => {
    clocks.m += ms;
    clocks.w += ms;
  };
  return { clocks, pass, clock: new ServerClock(clocks) };
}

const beat = (now_ms: number, wall_ms: number | null = null) => ({ now_ms, wall_ms, clock_trust: 'synchronised' as const });

describe('i4: the clock of the server', () => {
  it('is unknown and not live before the first beat', () => {
    const { clock } = browser();
    expect(clock.now()).toBeNull();
    expect(clock.live()).toBe(false);
  });

  it('runs on between beats and ends being live after 5 s', () => {
    const { clock, pass } = browser();
    clock.heard(beat(9000), true);
    pass(NOT_LIVE_AFTER_MS);
    expect(clock.now()).toBe(14_000);
    expect(clock.live()).toBe(true);
    pass(1);
    expect(clock.live()).toBe(false);
    clock.heard(beat(14_100), false);
    expect(clock.live()).toBe(true);
  });

  it('C4 waits less long for a connection that broke, and anew once something was heard', () => {
    const { clock, pass } = browser();
    clock.heard(beat(9000), true);
    pass(500);
    clock.lost();
    pass(NOT_LIVE_AFTER_LOSS_MS);
    clock.lost();
    expect(clock.live()).toBe(true);
    pass(1);
    expect(clock.live()).toBe(false);
    clock.heard(beat(12_100), true);
    pass(NOT_LIVE_AFTER_LOSS_MS + 1);
    expect(clock.live()).toBe(true);
  });

  it('is not made younger by beats that were held up on the way', () => {
    const { clock, pass } = browser();
    clock.heard(beat(9000), true);
    pass(10_000);
    clock.heard(beat(13_000), false); // sent at 13 000, heard at 19 000
    expect(clock.now()).toBeGreaterThan(18_900);
    expect(clock.live()).toBe(false);
  });

  it('gives way to a slower clock by no more than two quartz clocks can differ', () => {
    const { clock, pass } = browser();
    clock.heard(beat(0), true);
    for (let second = 1; second <= 1000; second += 1) {
      pass(1000);
      clock.heard(beat(second * 999.5), false); // 0.05 % slow
    }
    expect(clock.now()).toBeCloseTo(999_500, -1);
    expect(clock.live()).toBe(true);
  });

  it('begins anew with a new connection: the server may have restarted', () => {
    const { clock, pass } = browser();
    clock.heard(beat(900_000), true);
    pass(3000);
    clock.heard(beat(1000), true);
    expect(clock.now()).toBe(1000);
    expect(clock.live()).toBe(true);
  });

  it('is not live after the machine slept, until a beat comes', () => {
    const { clock, clocks, pass } = browser();
    clock.heard(beat(9000), true);
    pass(1000);
    clock.check();
    clocks.w += 60_000; // asleep: the monotonic clock stood still
    clock.check();
    expect(clock.live()).toBe(false);
    clock.heard(beat(71_000), false);
    clock.check();
    expect(clock.live()).toBe(true);
  });

  it('tells wall times only while the server knows them, and never asks the browser', () => {
    const { clock, clocks } = browser();
    clock.heard(beat(9000, 1_790_000_009_000), true);
    clocks.w = 5;
    expect(clock.wallOf(4000)).toBe(1_790_000_004_000);
    clock.heard(beat(9500, null), false);
    expect(clock.wallOf(4000)).toBeNull();
    expect(clock.wallNow()).toBeNull();
  });

  it('knows by the server what day it is, also after the machine slept', () => {
    const { clock, clocks, pass } = browser();
    expect(clock.wallNow()).toBeNull();
    clock.heard(beat(9000, 1_790_000_009_000), true);
    pass(1000);
    expect(clock.wallNow()).toBe(1_790_000_010_000);
    clocks.w += 86_400_000; // asleep for a day, and no beat yet
    clock.check();
    expect(clock.wallNow()).toBe(1_790_086_410_000);
    clock.heard(beat(86_410_000, 1_790_086_410_000), false);
    clocks.w = 5; // set back: no time is taken from it
    expect(clock.wallNow()).toBe(1_790_086_410_000);
  });
});
