import { describe, expect, it } from 'vitest';
import { lanesOf } from '../../live/lanes';
import { blocks, BUFFER_S, Trace } from '../../live/trace';
import type { Lane } from '../../live/types';

const RATE = 100;
const TICK_MS = 33;

function ramp(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, n) => first + n);
}

/** Plays blocks of `length` samples, each at the moment it is due, for `seconds`; what was drawn, sample by sample. */
function played(trace: Trace, seconds: number, length: number, comes: (block: number) => boolean = () => true) {
  const drawn: number[] = [];
  const gaps: number[] = [];
  for (let ms = 0, sent = 0; ms < 1000 * seconds; ms += TICK_MS) {
    while ((1000 * (sent + 1) * length) / RATE <= ms) {
      if (comes(sent)) trace.take(sent * length, ramp(sent * length, length));
      sent += 1;
    }
    const stretch = trace.advance(TICK_MS);
    if (stretch.gap && stretch.to > stretch.from) gaps.push(stretch.from);
    for (let n = stretch.from; n < stretch.to; n += 1) drawn.push(trace.at(n));
  }
  return { drawn, gaps };
}

describe('a trace', () => {
  it('draws each sample once, in order, a little behind what came', () => {
    const { drawn, gaps } = played(new Trace(RATE), 20, 25);
    expect(drawn.slice(0, 5)).toEqual([0, 1, 2, 3, 4]);
    expect(drawn).toEqual(ramp(0, drawn.length));
    expect(gaps).toEqual([]);
    const behind = 2000 - drawn.length;
    expect(behind).toBeGreaterThan(BUFFER_S * RATE * 0.5);
    expect(behind).toBeLessThan(0.9 * RATE);
  });

  it('V1 what is missing is missing, however long', () => {
    const { drawn } = played(new Trace(RATE), 20, 25, (block) => block < 10 || block >= 14);
    expect(drawn.slice(240, 255)).toEqual([...ramp(240, 10), NaN, NaN, NaN, NaN, NaN]);
    expect(drawn[350]).toBe(350);
    const trace = new Trace(RATE);
    trace.take(0, [1, 2]);
    trace.take(1_000_000, [3]);
    expect([trace.at(1), trace.at(999_999), trace.at(1_000_000)]).toEqual([NaN, NaN, 3]);
  });

  it('what comes twice or too late changes nothing', () => {
    const trace = new Trace(RATE);
    trace.take(10, [1, 2, 3]);
    trace.take(11, [9, 9, 4]);
    trace.take(5, [7]);
    expect(ramp(9, 6).map((n) => trace.at(n))).toEqual([NaN, 1, 2, 3, 4, NaN]);
  });

  it('V4 one that runs dry stops, and goes on behind a gap when enough waits again', () => {
    const trace = new Trace(RATE);
    for (const first of [0, 50]) trace.take(first, ramp(first, 50));
    let last = 0;
    for (let n = 0; n < 60; n += 1) last = trace.advance(TICK_MS).to;
    expect([last, trace.runs]).toEqual([100, false]);
    trace.take(100, ramp(100, 50));
    expect(trace.advance(TICK_MS)).toEqual({ from: 100, to: 100, gap: true });
    trace.take(150, ramp(150, 50));
    const again = trace.advance(TICK_MS);
    expect([again.from, again.gap, trace.runs]).toEqual([100, true, true]);
    expect(again.to).toBeGreaterThan(100);
    expect(trace.advance(TICK_MS).gap).toBe(false);
  });

  it('V5 what waits too long is passed over, and the line is broken there', () => {
    const trace = new Trace(RATE);
    for (let first = 0; first < 200; first += 50) trace.take(first, ramp(first, 50));
    expect([trace.advance(TICK_MS), trace.advance(TICK_MS).gap]).toEqual([{ from: 0, to: 4, gap: false }, false]);
    for (let first = 200; first < 1200; first += 50) trace.take(first, ramp(first, 50));
    trace.advance(TICK_MS);
    const after = trace.advance(TICK_MS);
    expect([after.gap, after.from]).toEqual([true, 1200 - 80]);
    expect(trace.advance(TICK_MS).gap).toBe(false);
    // A page that nobody looked at does not make up for it.
    expect(trace.advance(600_000).to).toBe(1200 - 80 + 7);
  });
});

/** The bytes of the server's own test (appliance/src/web/live/curves.rs). */
const FRAME = Uint8Array.from([
  1, 0, 2, 0,
  7, 0, 0, 0, 2, 0, 0, 0, 6, 5, 4, 3, 2, 1, 0, 0, 1, 0, 0xfe, 0xff,
  8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);

describe('a frame', () => {
  it('is read as the server writes it', () => {
    const read = blocks(FRAME.slice().buffer);
    expect(read.map(({ lane, first, samples }) => [lane, first, [...samples]])).toEqual([[7, 0x010203040506, [1, -2]], [8, 0, []]]);
  });

  it('that is cut off, or of another version, says nothing', () => {
    const bytes = FRAME.slice();
    for (let length = 0; length < bytes.length; length += 1) expect(blocks(bytes.slice(0, length).buffer)).toEqual([]);
    bytes[0] = 2;
    expect(blocks(bytes.buffer)).toEqual([]);
  });
});

it('a bed shows one lead of its ECG first, then what else it has, each once', () => {
  const lane = (number: number, bed: string, code: string): Lane => ({ lane: number, bed, device: 'm', code, label: code, rate_hz: 100 });
  const lanes = [lane(1, '1', 'flow'), lane(2, '1', 'pleth'), lane(3, '2', 'ecg_i'), lane(4, '1', 'ecg_v'), lane(5, '1', 'ecg_ii'), lane(6, '1', 'pleth'), lane(7, '1', 'new')];
  expect(lanesOf(lanes, '1').map((one) => one.lane)).toEqual([5, 2, 1, 7]);
  expect(lanesOf(lanes, '3')).toEqual([]);
});
