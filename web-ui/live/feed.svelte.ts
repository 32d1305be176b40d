// What both pages have in common: the connection, the server's clock, the heartbeat and whether this screen is live.

import { NOT_LIVE_AFTER_LOSS_MS, NOT_LIVE_AFTER_MS, ServerClock } from './server-clock';
import { session } from './session.svelte';
import { LiveConnection } from './socket';
import type { Beat } from './types';
import { ageText, clockText, isToday, momentText } from './times';
import { screenSettings } from '../text/language.svelte';

/** Ages move on this often. */
export const TICK_MS = 500;

type Message = { type: string; seq: number } | ({ type: 'beat' | 'snapshot'; seq: number } & Beat);

export interface FeedOptions<M> {
  onMessage(message: M): void;
  /** What to tell the server at each of its beats; null = nothing. `anew`: the first one of a connection. */
  onBeat?: (anew: boolean) => (object | null)[];
  /** Samples of curves. */
  onFrame?: (frame: ArrayBuffer) => void;
}

export class Feed<M extends Message> {
  /** The server's monotonic clock, for ages; null before the first snapshot. */
  now = $state<number | null>(null);
  live = $state(false);
  /** The snapshot is polled because the WebSocket is refused. */
  slow = $state(false);
  /** Counts what the server's own beat moved: the heartbeat glyph. */
  beats = $state(0);
  trust = $state<'untrusted' | 'holdover' | 'synchronised'>('untrusted');
  /** The server's wall clock at its last beat; null when it does not know the time. */
  beatWallMs = $state<number | null>(null);
  readonly clock = new ServerClock();
  readonly #connection: LiveConnection<M>;
  /** Looks at the clock at the very moment when silence has lasted too long, and not half a tick later. */
  #silence: ReturnType<typeof setTimeout> | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(snapshotPath: string, { onMessage, onBeat, onFrame }: FeedOptions<M>) {
    this.#connection = new LiveConnection<M>({
      socketUrl: new URL('/api/v1/live', location.href.replace(/^http/, 'ws')).href,
      snapshotUrl: snapshotPath,
      onSlowLink: (slow) => (this.slow = slow),
      onLost: () => {
        this.clock.lost();
        setTimeout(() => this.#tick(), NOT_LIVE_AFTER_LOSS_MS + 1);
      },
      onEnded: () => session.ended(),
      onRefused: () => void session.refresh(),
      onFrame,
      onMessage: (message, anew) => {
        onMessage(message); // first: a snapshot that this page cannot take does not make it live
        if ('now_ms' in message) {
          this.clock.heard(message, anew);
          this.trust = this.clock.trust;
          this.beats += 1;
          this.beatWallMs = this.clock.wallOf(message.now_ms);
          clearTimeout(this.#silence);
          this.#silence = setTimeout(() => this.#tick(), NOT_LIVE_AFTER_MS + 1);
          for (const told of onBeat?.(anew) ?? []) if (told !== null) this.#connection.say(told);
        }
        this.#tick();
      },
    });
  }

  /** Tells the server something over the live connection; false when there is none. */
  say(message: object): boolean {
    return this.#connection.say(message);
  }

  /** Follows who may look: connects anew when somebody else does, and shows nothing when nobody may. */
  turn(): void {
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
    if (session.view === 'live') {
      this.#connection.start();
      return;
    }
    this.#connection.stop();
    clearTimeout(this.#silence);
    this.clock.forget();
    this.beatWallMs = null;
    this.#tick();
  }

  #tick(): void {
    this.clock.check();
    this.now = this.clock.now();
    this.live = this.clock.live();
  }

  /** `14:02`, or `Mon 16 Nov 14:02` when that is not today, of a moment of the server's monotonic clock; null when the
   *  server does not know the time. */
  at(serverMs: number): string | null {
    const wall = this.#wallOf(serverMs);
    return wall === null ? null : this.atWall(wall);
  }

  /** As `at`, where there is no room for a day: null also when it was not today, and an age is to be said instead. */
  atToday(serverMs: number): string | null {
    const wall = this.#wallOf(serverMs);
    return wall !== null && isToday(wall, this.clock.wallNow()) ? clockText(wall) : null;
  }

  /** As `at`, of a moment in UTC: that is always known. `clock` writes the time of the day. */
  atWall(wallMs: number, clock = clockText): string {
    const now = this.now === null ? null : this.clock.wallNow(); // reading `now` lets what is shown follow midnight
    return momentText(wallMs, now, screenSettings.language, clock);
  }

  #wallOf(serverMs: number): number | null {
    if (this.now === null) return null; // reading `now` also keeps what is shown in step with a corrected clock
    return this.clock.wallOf(serverMs);
  }

  /** `48 s`: how long ago a moment of the server's monotonic clock was; never to be taken for a clock time. */
  since(serverMs: number): string {
    return ageText((this.now ?? serverMs) - serverMs);
  }
}
