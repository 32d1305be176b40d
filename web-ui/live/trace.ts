// Samples of one curve: what came, what is missing, and how far it was drawn. No clock and no canvas of its own.
//
// V1 What is missing stays missing: no sample is repeated, and none is made up (I4).
// V4 A curve is drawn a little behind what came, faster or slower by TRIM at most, so that blocks that come unevenly are
//    drawn evenly. Where nothing waits any more it stops, and goes on when enough waits again.
// V5 What waits too long is passed over, and seen as a gap: a curve is never far behind its numbers.

/** So much is remembered. */
const KEPT_S = 16;
/** So much waits, beside one block. */
export const BUFFER_S = 0.3;
/** A device sends that much at once at most; what is longer had waited somewhere. */
const BLOCK_S_MAX = 1.2;
const TRIM = 0.03;
/** Further behind than this, what waits is passed over. */
const BEHIND_S_MAX = 1.5;
/** The page was not drawn for so long: nobody looked. */
const STEP_MS_MAX = 1000;

/** What is to be drawn now: the samples from one number up to another. `gap`: what was drawn before does not lead there. */
export interface Stretch {
  from: number;
  to: number;
  gap: boolean;
}

export class Trace {
  readonly #kept: Float32Array;
  /** Number of the next sample that comes; null = none came yet. */
  #end: number | null = null;
  /** Drawn up to here; the part of a sample counts. */
  #head = 0;
  #longest = 0;
  #runs = false;
  #gap = false;

  constructor(readonly rate: number) {
    this.#kept = new Float32Array(Math.ceil(KEPT_S * rate)).fill(NaN);
  }

  /** A block came. */
  take(first: number, samples: ArrayLike<number>): void {
    const end = this.#end ?? first;
    if (this.#end === null) this.#head = first;
    const missing = Math.min(first - end, this.#kept.length);
    for (let n = 0; n < missing; n += 1) this.#keep(first - 1 - n, NaN);
    for (let n = Math.max(0, end - first); n < samples.length; n += 1) this.#keep(first + n, samples[n]!);
    this.#end = Math.max(end, first + samples.length);
    this.#longest = Math.max(this.#longest, Math.min(samples.length, BLOCK_S_MAX * this.rate));
  }

  /** The sample of that number; NaN = missing, or too long ago. */
  at(n: number): number {
    if (this.#end === null || n >= this.#end || n < this.#end - this.#kept.length) return NaN;
    return this.#kept[n % this.#kept.length]!;
  }

  /** It is being drawn; false: it waits for more to come. */
  get runs(): boolean {
    return this.#runs;
  }

  /** So many milliseconds have passed. */
  advance(ms: number): Stretch {
    const end = this.#end ?? this.#head;
    const target = BUFFER_S * this.rate + this.#longest;
    const waiting = end - this.#head;
    if (!this.#runs) {
      if (this.#end === null || waiting < target) return this.#stretch(this.#head);
      this.#runs = true;
    }
    if (ms > STEP_MS_MAX || waiting > target + BEHIND_S_MAX * this.rate) {
      this.#head = Math.max(this.#head, end - target);
      this.#gap = true;
      return this.#stretch(this.#head);
    }
    const behind = Math.max(-1, Math.min(1, (waiting - target) / this.rate));
    const to = this.#head + (ms / 1000) * this.rate * (1 + TRIM * behind);
    if (to >= end) {
      this.#runs = false;
      const last = this.#stretch(end);
      this.#gap = true;
      return last;
    }
    return this.#stretch(to);
  }

  #stretch(to: number): Stretch {
    const [from, gap] = [Math.ceil(this.#head), this.#gap];
    this.#head = to;
    if (Math.ceil(to) > from) this.#gap = false;
    return { from, to: Math.ceil(to), gap };
  }

  #keep(n: number, sample: number): void {
    if (n >= 0) this.#kept[n % this.#kept.length] = sample;
  }
}

/** A block as it comes in a frame. */
export interface Block {
  lane: number;
  first: number;
  samples: Int16Array;
}

const HEAD_BYTES = 4;
const BLOCK_HEAD_BYTES = 16;

/** The blocks of a frame of the server (appliance/src/web/live/curves.rs); none of one that cannot be read. */
export function blocks(frame: ArrayBuffer): Block[] {
  const view = new DataView(frame);
  if (frame.byteLength < HEAD_BYTES || view.getUint8(0) !== 1) return [];
  const found: Block[] = [];
  let at = HEAD_BYTES;
  for (let left = view.getUint16(2, true); left > 0; left -= 1) {
    if (at + BLOCK_HEAD_BYTES > frame.byteLength) return [];
    const count = view.getUint16(at + 4, true);
    const from = at + BLOCK_HEAD_BYTES;
    if (from + 2 * count > frame.byteLength) return [];
    const samples = Int16Array.from({ length: count }, (_, n) => view.getInt16(from + 2 * n, true));
    found.push({ lane: view.getUint32(at, true), first: Number(view.getBigUint64(at + 8, true)), samples });
    at = from + 2 * count;
  }
  return found;
}
