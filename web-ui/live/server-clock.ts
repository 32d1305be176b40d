// What time it is at the SERVER, and whether this screen still hears it.
//
// C1 Ages come from the server's monotonic clock: the newest beat plus `performance.now()` since. The wall clock of
//    the tablet is never asked for a time.
// C2 A beat that was held up on the way does not make data look younger: the clock keeps to the fastest beat it has
//    seen, and gives way only by the drift that two quartz clocks can have.
// C3 Not live means: what the newest beat says is older than NOT_LIVE_AFTER_MS, or this page was asleep and no beat
//    has come since. When in doubt the screen is not live.
// C4 A connection that broke and has not come back within NOT_LIVE_AFTER_LOSS_MS is not waited for any longer.

import type { Beat, ClockTrust } from './types';

export const NOT_LIVE_AFTER_MS = 5000;
export const NOT_LIVE_AFTER_LOSS_MS = 2000;
/** Two quartz clocks part by less than 0.1 %, that is 1 ms per second. */
const DRIFT = 0.001;
/** The tablet's wall clock ran this much further than its monotonic clock: it was asleep. */
const ASLEEP_MS = 2000;

/** The browser's two clocks, handed in so that tests can turn them. */
export interface Clocks {
  /** Monotonic; may stand still while the machine sleeps. */
  mono(): number;
  /** Runs on while the machine sleeps. Used for how long that was only (C3, and what day it is). */
  wall(): number;
}

export const browserClocks: Clocks = { mono: () => performance.now(), wall: () => Date.now() };

export class ServerClock {
  trust: ClockTrust = 'untrusted';
  #beat: Beat | null = null;
  /** Server clock minus our monotonic clock. */
  #offset = 0;
  #offsetAt = 0;
  #asleepSince: number | null = null;
  /** Our clock when the connection broke; null = it has not, or something was heard since. */
  #lostAt: number | null = null;
  /** Our clocks at the newest beat. */
  #heard: { mono: number; wall: number };
  #checked: { mono: number; wall: number };

  constructor(private readonly clocks: Clocks = browserClocks) {
    this.#checked = { mono: clocks.mono(), wall: clocks.wall() };
    this.#heard = this.#checked;
  }

  /** A beat or a snapshot came. The first message of a connection sets the clock anew: the server may be another. */
  heard(beat: Beat, anew: boolean): void {
    const mono = this.clocks.mono();
    const offset = beat.now_ms - mono;
    const givesWay = this.#offset - DRIFT * (mono - this.#offsetAt);
    this.#offset = anew || this.#beat === null ? offset : Math.max(offset, givesWay);
    this.#offsetAt = mono;
    this.#beat = beat;
    this.#asleepSince = null;
    this.#lostAt = null;
    this.#checked = { mono, wall: this.clocks.wall() };
    this.#heard = this.#checked;
    this.trust = beat.clock_trust ?? 'synchronised';
  }

  /** The connection broke. */
  lost(): void {
    this.#lostAt ??= this.clocks.mono();
  }

  /** What was heard counts no more: not live until the next beat. */
  forget(): void {
    this.#beat = null;
  }

  /** To be called often: notices that this machine slept. */
  check(): void {
    const mono = this.clocks.mono();
    const wall = this.clocks.wall();
    const slept = wall - this.#checked.wall - (mono - this.#checked.mono) > ASLEEP_MS;
    if (slept) this.#asleepSince ??= this.#checked.mono;
    this.#checked = { mono, wall };
  }

  /** The server's monotonic clock now; null before the first beat. */
  now(): number | null {
    return this.#beat === null ? null : this.clocks.mono() + this.#offset;
  }

  /** C3, C4. */
  live(): boolean {
    const now = this.now();
    if (now === null || this.#beat === null || this.#asleepSince !== null) return false;
    if (this.#lostAt !== null && this.clocks.mono() - this.#lostAt > NOT_LIVE_AFTER_LOSS_MS) return false;
    return now - this.#beat.now_ms <= NOT_LIVE_AFTER_MS;
  }

  /** The server's time of the newest beat: since when this screen is not live. */
  lastBeatMs(): number | null {
    return this.#beat?.now_ms ?? null;
  }

  /** UTC of a moment on the server's monotonic clock; null when the server does not know the time. */
  wallOf(serverMs: number): number | null {
    if (this.#beat === null || this.#beat.wall_ms === null) return null;
    return this.#beat.wall_ms + (serverMs - this.#beat.now_ms);
  }

  /** UTC now, the time asleep included: what day it is. Null when the server does not know the time. */
  wallNow(): number | null {
    const now = this.now();
    const wall = now === null ? null : this.wallOf(now);
    if (wall === null) return null;
    const asleep = this.clocks.wall() - this.#heard.wall - (this.clocks.mono() - this.#heard.mono);
    return wall + Math.max(0, asleep);
  }
}
