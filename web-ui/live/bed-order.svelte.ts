// In which order the beds stand: as they are set up, or worst first (display.md section 2). A screen chooses, and remembers it.
//
// Beds never move under a finger: the order changes at most every CALM_MS, never while somebody presses or has just done
// something here, and at once only when somebody chooses it.

import { unacknowledged } from './alarms';
import type { Alarm, Bed, Priority } from './types';

const CALM_MS = 10_000;
/** Whoever did something looks for so long where it was. */
const HELD_MS = 6000;
const STORED = 'vitalpost.beds';
const RANK: Record<Priority, number> = { low: 1, medium: 2, high: 3 };

/** How urgent a bed is: what calls goes before what was acknowledged. */
function urgency(bed: Bed, alarms: readonly Alarm[]): number {
  const of = alarms.filter((alarm) => alarm.bed === bed.id);
  return Math.max(0, ...of.map((alarm) => RANK[alarm.priority] + (unacknowledged(alarm) ? RANK.high : 0)));
}

/** Worst first; beds that are as urgent stay as they are set up. */
export function worstFirst(beds: readonly Bed[], alarms: readonly Alarm[]): Bed[] {
  return beds
    .map((bed, place) => ({ bed, place, rank: urgency(bed, alarms) }))
    .sort((a, b) => b.rank - a.rank || a.place - b.place)
    .map(({ bed }) => bed);
}

class BedOrder {
  worst = $state(false);
  #ids = $state.raw<string[]>([]);
  #changedMs = -Infinity;
  #pressed = false;
  #touchedMs = -Infinity;

  constructor() {
    try {
      this.worst = localStorage.getItem(STORED) === 'worst';
    } catch {
      return; // storage refused: the order begins fixed each time
    }
  }

  toggle(): void {
    this.worst = !this.worst;
    [this.#changedMs, this.#touchedMs] = [-Infinity, -Infinity];
    try {
      localStorage.setItem(STORED, this.worst ? 'worst' : 'fixed');
    } catch {
      return; // as above
    }
  }

  /** A key, or a finger that comes down (`pressed`) or goes up. */
  touched(pressed: boolean): void {
    [this.#pressed, this.#touchedMs] = [pressed, performance.now()];
  }

  /** To be called often. */
  look(beds: readonly Bed[], alarms: readonly Alarm[]): void {
    const now = performance.now();
    if (!this.worst || this.#pressed || now - this.#touchedMs < HELD_MS || now - this.#changedMs < CALM_MS) return;
    const ids = worstFirst(beds, alarms).map(({ id }) => id);
    if (ids.join() === this.#ids.join()) return;
    [this.#ids, this.#changedMs] = [ids, now];
  }

  /** The beds as they stand now. */
  of(beds: readonly Bed[]): readonly Bed[] {
    if (!this.worst) return beds;
    const place = (bed: Bed) => {
      const found = this.#ids.indexOf(bed.id);
      return found < 0 ? this.#ids.length : found;
    };
    return [...beds].sort((a, b) => place(a) - place(b));
  }
}

export const bedOrder = new BedOrder();
