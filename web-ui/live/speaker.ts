// Plays bursts through Web Audio: two nodes for each burst, gone when it is over. No sound files.

import { FALL_S, FUNDAMENTAL_HZ, PARTIALS, RISE, type Burst } from './burst';

/** Long enough not to click, too short to be heard as a sound. */
const HUSH_S = 0.02;

/** What is being played. */
export interface Playing {
  endsAtS: number;
  /** Silence, at once. */
  stop(): void;
}

export class Speaker {
  readonly #wave: PeriodicWave;

  constructor(private readonly context: BaseAudioContext) {
    const real = new Float32Array(PARTIALS.length + 1);
    this.#wave = context.createPeriodicWave(real, Float32Array.from([0, ...PARTIALS]));
  }

  play(burst: Burst, atS: number = this.context.currentTime): Playing {
    const { context } = this;
    const tone = context.createOscillator();
    const loudness = context.createGain();
    tone.setPeriodicWave(this.#wave);
    tone.frequency.value = FUNDAMENTAL_HZ;
    loudness.gain.setValueAtTime(0, atS);
    for (const { startS, durationS, gain } of burst.pulses) {
      const [from, to] = [atS + startS, atS + startS + durationS];
      loudness.gain.setValueAtTime(0, from);
      loudness.gain.linearRampToValueAtTime(gain, from + RISE * durationS);
      loudness.gain.setValueAtTime(gain, to - FALL_S);
      loudness.gain.linearRampToValueAtTime(0, to);
    }
    tone.connect(loudness).connect(context.destination);
    tone.onended = () => {
      tone.disconnect();
      loudness.disconnect();
    };
    tone.start(atS);
    const endsAtS = atS + burst.lengthS;
    tone.stop(endsAtS);
    return {
      endsAtS,
      stop: () => {
        const now = context.currentTime;
        loudness.gain.cancelScheduledValues(now);
        loudness.gain.setTargetAtTime(0, now, HUSH_S / 5);
        tone.stop(now + HUSH_S);
      },
    };
  }
}
