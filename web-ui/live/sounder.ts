// What is to be heard now: one sound, however many alarms. No clock and no audio of its own.
//
// T1 The highest priority among the alarms that sound decides which burst is played.
// T2 An alarm that begins to sound (a new one, or one that sounds again) is heard at once: a higher one cuts off what is
//    being played, any other one ends the pause.
// T3 When nothing of that priority sounds any more it is silent at once, in the middle of a burst too.
// T4 LOW is heard once; MEDIUM and HIGH again and again.

import { burst, type Burst } from './burst';
import type { Alarm, Priority } from './types';

/** Two bursts are heard as two, also when an alarm begins just after one: the least silence between them. */
export const APART_S = 0.5;
/** When the more urgent alarm is over, what else sounds is heard after this: the shortest pause of the standard. */
export const NEXT_AFTER_S = 2.5;

export type Sounding = Pick<Alarm, 'id' | 'onsets' | 'priority'>;

/** Where it is heard. */
export interface Output {
  /** Its own clock. */
  now(): number;
  play(burst: Burst, atS: number): { endsAtS: number; stop(): void };
}

const RANK: Record<Priority, number> = { low: 0, medium: 1, high: 2 };

export class Sounder {
  #playing: { priority: Priority; endsAtS: number; stop(): void } | null = null;
  #known = new Set<string>();
  #last: Priority | null = null;
  #endedAtS = -Infinity;
  /** When the next burst is due; null = none is. */
  #dueS: number | null = null;

  /** A burst is being heard. */
  get plays(): boolean {
    return this.#playing !== null;
  }

  /** To be called whenever something changed, and twice a second. `output` null: nothing can or may be heard. */
  look(sounding: readonly Sounding[], output: Output | null): void {
    if (output === null) {
      this.#hush();
      this.#known.clear();
      this.#endedAtS = -Infinity; // by the clock of an output that is gone
      this.#last = null;
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
    const highest = sounding.reduce<Priority | null>((high, { priority }) => (high === null || RANK[priority] > RANK[high] ? priority : high), null);
    const before = this.#last;
    this.#last = highest;
    if (this.#playing !== null && (highest === null || RANK[highest] < RANK[this.#playing.priority])) {
      this.#hush(); // T3
      this.#endedAtS = now;
    }
    if (highest === null) {
      this.#dueS = null;
      return;
    }
    const calmer = before !== null && RANK[highest] < RANK[before];
    if (calmer) this.#dueS = burst(highest).pauseS === null ? null : this.#endedAtS + NEXT_AFTER_S;
    if (this.#playing !== null && RANK[highest] > RANK[this.#playing.priority]) {
      this.#hush();
      this.#begin(highest, now, output);
    } else if (this.#playing === null && begins) {
      this.#begin(highest, Math.max(now, this.#endedAtS + APART_S), output);
    } else if (this.#playing === null && this.#dueS !== null && now >= this.#dueS) {
      this.#begin(highest, now, output);
    }
  }

  #begin(priority: Priority, atS: number, output: Output): void {
    const played = burst(priority);
    this.#playing = { priority, ...output.play(played, atS) };
    this.#dueS = played.pauseS === null ? null : this.#playing.endsAtS + played.pauseS;
  }

  #hush(): void {
    this.#playing?.stop();
    this.#playing = null;
    this.#dueS = null;
  }
}
