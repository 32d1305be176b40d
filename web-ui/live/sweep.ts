// Draws one curve from left to right over what was drawn before, with a blank bar before its pen. Where samples are missing
// or the curve had stopped, the place is hatched: a line there would be a value that nobody measured (I4).

import type { Stretch, Trace } from './trace';

/** CSS pixels of a millimetre, on a screen that nobody has measured. */
const PX_PER_MM = 96 / 25.4;
/** display.md section 4. */
export const MM_PER_S = 25;
/** Breathing is drawn so much slower. */
const SLOWER = 4;
const BAR_MM = 6;
/** How wide a gap is drawn whose length nobody knows. */
const GAP_PX = 14;
/** A curve never fills its place by less than this many of the device's own steps, nor less than an eighth of what it did:
 *  noise of a flat line is not drawn as waves. */
const SPAN_MIN = 8;
const SHRINK_MAX = 8;
/** How often the height is looked at: soon after the beginning, then with each sweep. */
const LOOK_AFTER_S = [1, 3];

const SLOW = new Set(['resp', 'co2', 'paw', 'flow']);

/** How fast a curve is drawn, and how many times as high as it would be by itself. */
export interface Tuned {
  mmPerS: number;
  gain: number;
}

export class Sweep {
  readonly #pen: CanvasRenderingContext2D | null;
  readonly #slower: number;
  #mmPerS: number;
  #gain = 1;
  #width = 0;
  #height = 0;
  #scale = 1;
  #x = 0;
  /** Height of the last sample; null = the line begins anew. */
  #y: number | null = null;
  #low = 0;
  #span = SPAN_MIN;
  #largest = 0;
  #drawnS = 0;
  #looks = 0;
  #hatch: CanvasPattern | null = null;

  constructor(canvas: HTMLCanvasElement, code: string) {
    this.#pen = canvas.getContext('2d');
    this.#slower = SLOW.has(code) ? SLOWER : 1;
    this.#mmPerS = MM_PER_S / this.#slower;
  }

  /** How many seconds are to be seen. */
  get seconds(): number {
    return this.#width / (PX_PER_MM * this.#mmPerS);
  }

  /** The place has another size, or other colours: what was drawn is gone. */
  resize(width: number, height: number, scale: number): void {
    if (this.#pen === null) return;
    const { canvas } = this.#pen;
    [this.#width, this.#height, this.#scale] = [width, height, scale];
    [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
    [this.#x, this.#y, this.#hatch] = [0, null, null];
  }

  /** Another speed or height: what was drawn before does not go with it. */
  tune({ mmPerS, gain }: Tuned): void {
    const speed = mmPerS / this.#slower;
    if (speed === this.#mmPerS && gain === this.#gain) return;
    [this.#mmPerS, this.#gain] = [speed, gain];
    this.clear();
  }

  draw(trace: Trace, { from, to, gap }: Stretch): void {
    const pen = this.#pen;
    if (pen === null || this.#width === 0 || to <= from) return;
    this.#look(trace, to, to - from);
    pen.setTransform(this.#scale, 0, 0, this.#scale, 0, 0);
    const step = (PX_PER_MM * this.#mmPerS) / trace.rate;
    if (gap && this.#drawnS > 0) this.#hatched(GAP_PX);
    this.#erase((to - from) * step + BAR_MM * PX_PER_MM);
    pen.strokeStyle = getComputedStyle(pen.canvas).color;
    pen.lineWidth = 1.6;
    pen.lineJoin = 'round';
    pen.beginPath();
    if (this.#y !== null) pen.moveTo(this.#x, this.#y);
    for (let n = from; n < to; n += 1) {
      const sample = trace.at(n);
      if (Number.isNaN(sample)) {
        this.#hatched(step);
        continue;
      }
      this.#move(step);
      const part = 0.5 + this.#gain * ((sample - this.#low) / this.#span - 0.5);
      const y = this.#height - 3 - part * (this.#height - 6);
      if (this.#y === null) pen.moveTo(this.#x, y);
      else pen.lineTo(this.#x, y);
      this.#y = y;
    }
    pen.stroke();
    this.#drawnS += (to - from) / trace.rate;
  }

  /** Another curve begins here: not a point of the one before stays. */
  clear(): void {
    this.resize(this.#width, this.#height, this.#scale);
    [this.#drawnS, this.#looks, this.#largest] = [0, 0, 0];
  }

  /** It has stopped: nothing of it is to be taken for now. */
  stopped(): void {
    if (this.#pen === null || this.#width === 0) return;
    this.#pen.setTransform(this.#scale, 0, 0, this.#scale, 0, 0);
    this.#pen.clearRect(0, 0, this.#width, this.#height);
    this.#pen.fillStyle = this.#pattern();
    this.#pen.fillRect(0, 0, this.#width, this.#height);
    [this.#x, this.#y, this.#drawnS, this.#looks] = [0, null, 0, 0];
  }

  #move(by: number): void {
    this.#x += by;
    if (this.#x < this.#width) return;
    this.#x %= this.#width;
    this.#y = null;
  }

  #erase(width: number): void {
    const first = Math.min(width, this.#width - this.#x);
    this.#pen!.clearRect(this.#x, 0, first, this.#height);
    this.#pen!.clearRect(0, 0, Math.min(width - first, this.#width), this.#height);
  }

  #hatched(width: number): void {
    const pen = this.#pen!;
    this.#erase(width);
    pen.fillStyle = this.#pattern();
    pen.fillRect(this.#x, 0, Math.min(width, this.#width - this.#x), this.#height);
    this.#move(width);
    this.#y = null;
  }

  /** The height follows what is to be seen, and shrinks slowly. */
  #look(trace: Trace, to: number, fresh: number): void {
    const sweeps = this.seconds > 0 ? this.#drawnS / this.seconds : 0;
    const due = this.#looks < LOOK_AFTER_S.length ? this.#drawnS >= LOOK_AFTER_S[this.#looks]! : sweeps >= this.#looks - 1;
    let beyond = false;
    for (let n = to - fresh; n < to; n += 1) {
      const sample = trace.at(n);
      beyond ||= sample < this.#low || sample > this.#low + this.#span;
    }
    if (!due && !beyond && this.#drawnS > 0) return;
    if (due) this.#looks += 1;
    let [low, high] = [Infinity, -Infinity];
    // What waits to be drawn counts too.
    const ahead = to + Math.round(trace.rate);
    for (let n = to - Math.round(this.seconds * trace.rate); n < ahead; n += 1) {
      const sample = trace.at(n);
      if (sample < low) low = sample;
      if (sample > high) high = sample;
    }
    if (low > high) return;
    this.#largest = Math.max(this.#largest, high - low);
    this.#span = Math.max(1.15 * (high - low), SPAN_MIN, this.#largest / SHRINK_MAX);
    this.#low = (low + high) / 2 - this.#span / 2;
  }

  #pattern(): CanvasPattern | string {
    const pen = this.#pen!;
    if (this.#hatch !== null) return this.#hatch;
    const tile = document.createElement('canvas');
    [tile.width, tile.height] = [8, 8];
    const lines = tile.getContext('2d');
    if (lines === null) return 'gray';
    lines.strokeStyle = getComputedStyle(pen.canvas).getPropertyValue('--text-3') || 'gray';
    lines.beginPath();
    for (const from of [-8, 0, 8]) {
      lines.moveTo(from, 8);
      lines.lineTo(from + 8, 0);
    }
    lines.stroke();
    this.#hatch = pen.createPattern(tile, 'repeat');
    return this.#hatch ?? 'gray';
  }
}
