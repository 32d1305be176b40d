// A screen on a wall or a trolley that shows the ward and nothing else (`?kiosk` in its address): it cannot be zoomed, its
// cursor goes away, it stays lit, it comes back to the beds when nobody touches it, and it loads itself anew when it has stopped
// working although the post has not.

/** Back to the beds after so long; `?kiosk=300` says another number of seconds. */
export const HOME_AFTER_S = 120;
/** A form counts as being filled for so long after the last letter. */
export const FILLING_MS = 600_000;
export const CURSOR_MS = 5000;
/** Without a beat of the post or without a drawn frame for so long, the page is looked at as broken. */
export const BROKEN_MS = 60_000;
/** And is loaded anew no more often than this: what a fresh page does not mend, nobody mends by haste. */
export const RELOAD_EVERY_MS = 300_000;
const LOOK_EVERY_MS = 1000;
const RELOADED = 'vitalpost.kiosk.reloaded';

/** What the kiosk knows of the page, and may do with it. */
export interface Ends {
  /** Counts what proves that the page is alive; null = nothing is expected of it now, as before the door. */
  beats(): number | null;
  /** Something else than the beds is open. */
  isAway(): boolean;
  home(): void;
  /** True when the post still hands out its page: a fresh one can do better. */
  answers(): Promise<boolean>;
  reload(): void;
}

/** The seconds until it comes home, or null where the address asks for no kiosk. */
export function kioskOf(search: string): number | null {
  const asked = new URLSearchParams(search).get('kiosk');
  if (asked === null) return null;
  const seconds = Number(asked);
  return asked !== '' && Number.isFinite(seconds) && seconds > 0 ? seconds : HOME_AFTER_S;
}

export class Kiosk {
  readonly #ends: Ends;
  readonly #homeAfterMs: number;
  #touchedMs = performance.now();
  #movedMs = performance.now();
  /** Where letters were typed last, and when. */
  #typed: { where: Element; atMs: number } | null = null;
  #lock: WakeLockSentinel | null = null;
  #asking = false;
  #beats = { count: null as number | null, atMs: performance.now() };
  #frames = { count: 0, seen: 0, atMs: performance.now() };

  constructor(homeAfterS: number, ends: Ends) {
    this.#homeAfterMs = homeAfterS * 1000;
    this.#ends = ends;
  }

  start(page: Document): void {
    page.documentElement.dataset.kiosk = '';
    for (const kind of ['pointerdown', 'keydown', 'wheel']) page.addEventListener(kind, () => this.#touched(), { capture: true, passive: true });
    page.addEventListener('pointermove', (event) => this.#moved(event), { capture: true, passive: true });
    page.addEventListener('keydown', (event) => this.#key(event), { capture: true });
    page.addEventListener('wheel', (event) => event.ctrlKey && event.preventDefault(), { capture: true, passive: false });
    for (const kind of ['gesturestart', 'contextmenu']) page.addEventListener(kind, (event) => event.preventDefault());
    page.addEventListener('input', (event) => this.#input(event), { capture: true });
    page.addEventListener('visibilitychange', () => void this.#stayLit());
    const drawn = () => {
      this.#frames.count += 1;
      requestAnimationFrame(drawn);
    };
    requestAnimationFrame(drawn);
    setInterval(() => this.look(performance.now()), LOOK_EVERY_MS);
    void this.#stayLit();
  }

  /** Time has passed. */
  look(nowMs: number): void {
    const idle = nowMs - this.#touchedMs >= this.#homeAfterMs;
    if (idle && this.#ends.isAway() && !this.#isFilling(nowMs)) this.#ends.home();
    if (nowMs - this.#movedMs >= CURSOR_MS && !this.#byKeys) document.documentElement.dataset.cursor = 'none';
    void this.#stayLit();
    if (this.#isBroken(nowMs)) void this.#anew(nowMs);
  }

  /** The last thing that came was a key: who works by keyboard keeps the cursor beside the focus. */
  #byKeys = false;

  #touched(): void {
    this.#touchedMs = performance.now();
  }

  #moved(event: PointerEvent): void {
    // A page that changes under a resting mouse moves nothing.
    if (event.movementX === 0 && event.movementY === 0) return;
    this.#movedMs = this.#touchedMs = performance.now();
    this.#byKeys = false;
    delete document.documentElement.dataset.cursor;
  }

  #key(event: KeyboardEvent): void {
    this.#byKeys = true;
    delete document.documentElement.dataset.cursor;
    if ((event.ctrlKey || event.metaKey) && ['+', '-', '=', '0', '_'].includes(event.key)) event.preventDefault();
  }

  #input(event: Event): void {
    this.#touched();
    if (event.target instanceof Element && event.target.closest('form') !== null) {
      this.#typed = { where: event.target, atMs: performance.now() };
    }
  }

  #isFilling(nowMs: number): boolean {
    return this.#typed !== null && this.#typed.where.isConnected && nowMs - this.#typed.atMs < FILLING_MS;
  }

  /** A browser takes the light back when it pleases, and always when the page is hidden. */
  async #stayLit(): Promise<void> {
    if (this.#lock !== null || this.#asking || document.hidden || !('wakeLock' in navigator)) return;
    this.#asking = true;
    try {
      const lock = await navigator.wakeLock.request('screen');
      this.#lock = lock;
      lock.addEventListener('release', () => (this.#lock = null));
    } catch {
      // Refused for now (a low battery): asked again with the next look.
    }
    this.#asking = false;
  }

  #isBroken(nowMs: number): boolean {
    const count = this.#ends.beats();
    if (count === null || count !== this.#beats.count) this.#beats = { count, atMs: nowMs };
    if (document.hidden || this.#frames.count !== this.#frames.seen) {
      this.#frames.seen = this.#frames.count;
      this.#frames.atMs = nowMs;
    }
    return nowMs - Math.min(this.#beats.atMs, this.#frames.atMs) >= BROKEN_MS;
  }

  async #anew(nowMs: number): Promise<void> {
    // Not again with each look while the post is asked.
    this.#beats.atMs = this.#frames.atMs = nowMs;
    if (Date.now() - read() < RELOAD_EVERY_MS || !(await this.#ends.answers())) return;
    write(Date.now());
    this.#ends.reload();
  }
}

/** Beyond a reload. */
function read(): number {
  try {
    return Number(sessionStorage.getItem(RELOADED) ?? 0);
  } catch {
    return 0; // storage refused: it is loaded anew each time that it is broken
  }
}

function write(atMs: number): void {
  try {
    sessionStorage.setItem(RELOADED, String(atMs));
  } catch {
    return; // as above
  }
}
