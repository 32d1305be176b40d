// The curves of the ward: takes their samples as they come, and draws each wherever it is shown. One loop for all.

import { MM_PER_S, Sweep, type Tuned } from './sweep';
import { blocks, Trace, type Stretch } from './trace';
import type { Lane } from './types';

/** Draws wait for each other so long; what cannot keep up draws less often, and never holds up numbers. */
const EVERY_MS = [33, 50, 100];
const LOOK_AT_PACE_MS = 3000;
/** A curve that has stopped for so long is not to be seen any more. */
const STOPPED_MS = 4000;

const AS_USUAL: Tuned = { mmPerS: MM_PER_S, gain: 1 };

interface Shown {
  canvas: HTMLCanvasElement;
  sweep: Sweep;
  lane: number | null;
  pick(): Lane | undefined;
  tuned(): Tuned;
  visible: boolean;
  stoppedMs: number | null;
}

export class Curves {
  #traces = new Map<number, Trace>();
  #shown = new Set<Shown>();
  #loop: number | null = null;
  #lastMs: number | null = null;
  #pace = { level: 0, draws: 0, sinceMs: 0 };

  constructor(private readonly lanes: () => readonly Lane[]) {}

  /** Another connection: its numbers mean other lanes. */
  begin(): void {
    this.#traces.clear();
    for (const one of this.#shown) one.lane = null;
  }

  take(frame: ArrayBuffer): void {
    for (const { lane, first, samples } of blocks(frame)) {
      const known = this.lanes().find((one) => one.lane === lane);
      if (known === undefined) continue;
      let trace = this.#traces.get(lane);
      if (trace === undefined) this.#traces.set(lane, (trace = new Trace(known.rate_hz)));
      trace.take(first, samples);
    }
  }

  /** Draws the curve that `pick` finds on this canvas, until what it returns is called. */
  show(canvas: HTMLCanvasElement, code: string, pick: () => Lane | undefined, tuned: () => Tuned = () => AS_USUAL): () => void {
    const shown: Shown = { canvas, sweep: new Sweep(canvas, code), lane: null, pick, tuned, visible: true, stoppedMs: null };
    const size = new ResizeObserver(([entry]) => {
      const { inlineSize, blockSize } = entry!.contentBoxSize[0]!;
      shown.sweep.resize(inlineSize, blockSize, devicePixelRatio);
    });
    const sight = new IntersectionObserver(([entry]) => (shown.visible = entry!.isIntersecting));
    size.observe(canvas);
    sight.observe(canvas);
    this.#shown.add(shown);
    this.#loop ??= requestAnimationFrame((ms) => this.#draw(ms));
    return () => {
      size.disconnect();
      sight.disconnect();
      this.#shown.delete(shown);
    };
  }

  #draw(ms: number): void {
    this.#loop = this.#shown.size === 0 ? null : requestAnimationFrame((next) => this.#draw(next));
    if (this.#loop === null) {
      this.#lastMs = null;
      return;
    }
    const passed = this.#lastMs === null ? 0 : ms - this.#lastMs;
    // A screen draws at its own pace: a little early is on time.
    if (this.#lastMs !== null && passed < EVERY_MS[this.#pace.level]! - 8) return;
    this.#lastMs = ms;
    this.#keepPace(ms);
    const current = new Set(this.lanes().map(({ lane }) => lane));
    const stretches = new Map<number, Stretch>();
    for (const [lane, trace] of this.#traces) {
      if (current.has(lane)) stretches.set(lane, trace.advance(passed));
      else this.#traces.delete(lane);
    }
    for (const one of this.#shown) {
      one.sweep.tune(one.tuned());
      const lane = one.pick()?.lane;
      const [trace, stretch] = lane === undefined ? [] : [this.#traces.get(lane), stretches.get(lane)];
      if (lane !== undefined && trace !== undefined && stretch !== undefined && one.visible && stretch.to > stretch.from) {
        if (one.lane !== lane) one.sweep.clear();
        one.sweep.draw(trace, stretch);
        [one.lane, one.stoppedMs] = [lane, null];
        this.#say(one, 'runs');
      }
      if (trace?.runs !== true) this.#judge(one, ms);
    }
  }

  /** Nothing of it is drawn now: for how long already? */
  #judge(one: Shown, ms: number): void {
    one.stoppedMs ??= ms;
    if (ms - one.stoppedMs < STOPPED_MS || one.canvas.dataset['state'] === 'stopped') return;
    one.sweep.stopped();
    this.#say(one, 'stopped');
  }

  #say(one: Shown, state: 'runs' | 'stopped'): void {
    if (one.canvas.dataset['state'] !== state) one.canvas.dataset['state'] = state;
  }

  #keepPace(ms: number): void {
    const pace = this.#pace;
    pace.draws += 1;
    if (ms - pace.sinceMs < LOOK_AT_PACE_MS) return;
    const expected = (ms - pace.sinceMs) / EVERY_MS[pace.level]!;
    const misses = pace.sinceMs > 0 && pace.draws < 0.6 * expected;
    this.#pace = { level: Math.min(pace.level + (misses ? 1 : 0), EVERY_MS.length - 1), draws: 0, sinceMs: ms };
  }
}
