// What is to be heard now: one sound, however many alarms. No clock and no audio of its own.
//
// T1 The highest priority among the alarms that sound decides which burst is played.
// T2 An alarm that begins to sound (a new one, or one that sounds again) is heard at once: a higher one cuts off what is
//    being played, any other one ends the pause.
// T3 When nothing of that priority sounds any more it is silent at once, in the middle of a burst too.
// T4 LOW is heard once; MEDIUM and HIGH again and again.
// T5 While sound is off somewhere until a person switches it on, that is heard now and then; every alarm goes before it.

import { burst, type Burst, type Tone } from './burst';
import type { Alarm, Priority } from './types';

/** Two bursts are heard as two, also when an alarm begins just after one: the least silence between them. */
export const APART_S = 0.5;
/** When the more urgent alarm is over, what else sounds is heard after this: the shortest pause of the standard. */
export const NEXT_AFTER_S = 2.5;
/** How often it is heard that sound is off. */
export const REMIND_EVERY_S = 120;

export type Sounding = Pick<Alarm, 'id' | 'onsets' | 'priority'>;

/** Where it is heard. */
export interface Output {
  /** Its own clock. */
  now(): number;
  play(burst: Burst, atS: number): { endsAtS: number; stop(): void };
}

const RANK: Record<Priority, number> = { low: 0, medium: 1, high: 2 };
const rank = (tone: Tone | null) => (tone === null ? -2 : tone === 'reminder' ? -1 : RANK[tone]);

export class Sounder {
  #playing: { tone: Tone; endsAtS: number; stop(): void } | null = null;
  #known = new Set<string>();
  #last: Priority | null = null;
  #endedAtS = -Infinity;
  /** When the next burst is due; null = none is. */
  #dueS: number | null = null;
  /** When it is heard next that sound is off. */
  #remindS: number | null = null;

  /** A burst is being heard. */
  get plays(): boolean {
    return this.#playing !== null;
  }

  /**
   * To be called whenever something changed, and twice a second. `output` null: nothing can or may be heard. `isOff`: at a
   * bed or the whole post the sound is off until a person switches it on.
   */
  look(sounding: readonly Sounding[], output: Output | null, isOff = false): void {
    if (output === null) {
      this.#hush();
      this.#known.clear();
      this.#endedAtS = -Infinity; // by the clock of an output that is gone
      this.#last = null;
      this.#remindS = null;
      return;
    }
    const now = output.now();
    if (this.#playing !== null && now >= this.#playing.endsAtS) {
      this.#endedAtS = this.#playing.endsAtS;
      this.#playing = null;
    }
    const keys = sounding.map(({ id, onsets }) => `${id}/${onsets}`);
    const begins = keys.some((key) => !this.#known.has(key));
    this.#known = new Set(keys);
    const highest = sounding.reduce<Priority | null>((high, { priority }) => (rank(priority) > rank(high) ? priority : high), null);
    this.#alarm(highest, begins, now, output);
    this.#remind(highest, isOff, now, output);
  }

  #alarm(highest: Priority | null, begins: boolean, now: number, output: Output): void {
    const before = this.#last;
    this.#last = highest;
    const playing = this.#playing?.tone ?? null;
    if (playing !== null && playing !== 'reminder' && rank(highest) < rank(playing)) {
      this.#hush(); // T3
      this.#endedAtS = now;
    }
    if (highest === null) {
      this.#dueS = null;
      return;
    }
    const calmer = before !== null && rank(highest) < rank(before);
    if (calmer) this.#dueS = burst(highest).pauseS === null ? null : this.#endedAtS + NEXT_AFTER_S;
    if (playing !== null && rank(highest) > rank(playing) && (begins || playing !== 'reminder')) {
      this.#hush();
      this.#begin(highest, now, output);
    } else if (this.#playing === null && begins) {
      this.#begin(highest, Math.max(now, this.#endedAtS + APART_S), output);
    } else if (this.#playing === null && this.#dueS !== null && now >= this.#dueS) {
      this.#begin(highest, now, output);
    }
  }

  #remind(highest: Priority | null, isOff: boolean, now: number, output: Output): void {
    if (!isOff) {
      this.#remindS = null;
      return;
    }
    this.#remindS ??= now + REMIND_EVERY_S;
    const heardAnyway = rank(highest) > rank('low');
    if (now < this.#remindS || heardAnyway || this.#playing !== null || now < this.#endedAtS + NEXT_AFTER_S) return;
    this.#playing = { tone: 'reminder', ...output.play(burst('reminder'), now) };
    this.#remindS = now + REMIND_EVERY_S;
  }

  #begin(priority: Priority, atS: number, output: Output): void {
    const played = burst(priority);
    this.#playing = { tone: priority, ...output.play(played, atS) };
    this.#dueS = played.pauseS === null ? null : this.#playing.endsAtS + played.pauseS;
  }

  #hush(): void {
    this.#playing?.stop();
    this.#playing = null;
    this.#dueS = null;
  }
}
