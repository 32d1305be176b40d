// The neutral tones: which pulses a burst of each priority has, when and how loud (IEC 60601-1-8 table 3 and 4). Pure.
//
// A pulse lies between silence and silence: `durationS` holds its rise and its fall, and what stands between two pulses
// is silence. The numbers are inside the ranges of the standard by that measure, and by the one from 90 % to 90 % of the
// height, too. The box plays the same (appliance/src/sound/pattern.rs; a test compares).

import type { Priority } from './types';

export const FUNDAMENTAL_HZ = 523;
/** Of the fundamental and four harmonics, up to 2615 Hz: within 8 dB of each other (15 dB are allowed). */
export const PARTIALS = [1, 0.8, 0.65, 0.5, 0.4];
/** Of the pulse (10 to 20 %). */
export const RISE = 0.15;
export const FALL_S = 0.01;

export interface Pulse {
  startS: number;
  durationS: number;
  /** Of the loudest that this screen can; never zero. */
  gain: number;
}

export interface Burst {
  pulses: Pulse[];
  lengthS: number;
  /** Silence until it is played again; null = it is not. */
  pauseS: number | null;
}

interface Shape {
  durationS: number;
  gain: number;
  /** Silence after each pulse but the last. */
  gapsS: number[];
  pauseS: number | null;
}

const HIGH_PULSE_S = 0.15;
const HIGH_SPACING_S = 0.09;
const HIGH_LONG_S = 2 * HIGH_SPACING_S + HIGH_PULSE_S;
const HIGH_HALF = [HIGH_SPACING_S, HIGH_SPACING_S, HIGH_LONG_S, HIGH_SPACING_S];

/** An alarm, or that sound is off somewhere. */
export type Tone = Priority | 'reminder';

const SHAPES: Record<Tone, Shape> = {
  // 3 + 2, twice.
  high: { durationS: HIGH_PULSE_S, gain: 0.9, gapsS: [...HIGH_HALF, 0.6, ...HIGH_HALF], pauseS: 4 },
  medium: { durationS: 0.2, gain: 0.75, gapsS: [0.15, 0.15], pauseS: 10 },
  low: { durationS: 0.2, gain: 0.6, gapsS: [0.2], pauseS: null },
  reminder: { durationS: 0.2, gain: 0.4, gapsS: [], pauseS: null },
};

export function burst(tone: Tone): Burst {
  // A priority of a newer post is heard as the most urgent one.
  const { durationS, gain, gapsS, pauseS } = SHAPES[tone] ?? SHAPES.high;
  const pulses: Pulse[] = [{ startS: 0, durationS, gain }];
  let startS = 0;
  for (const gapS of gapsS) {
    startS += durationS + gapS;
    pulses.push({ startS, durationS, gain });
  }
  return { pulses, lengthS: startS + durationS, pauseS };
}
