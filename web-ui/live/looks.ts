// What really stood before a doctor's eyes: the page tells the centre, which tells the post. Nothing is told of a row that
// was only sent here, nor by a page that nobody looks at.

import type { Alert } from './centre-types';
import { isOpen } from './remote-alerts';

/** A row that was in view for so long was shown. */
export const SHOWN_AFTER_MS = 1000;
/** A row that was in view for so long, while somebody used the page, was read. */
export const READ_AFTER_MS = 5000;
/** Nobody touched mouse, screen or keyboard for so long: nobody is there. */
export const USED_WITHIN_MS = 30_000;
/** What the picture does not confirm is told again after so long. */
export const AGAIN_AFTER_MS = 10_000;
/** As many as the server takes in one message. */
export const TOLD_MAX = 40;

export interface Due {
  shown: Alert[];
  read: Alert[];
}

interface Row {
  since: number | null;
  opened: boolean;
  toldShown: number;
  toldRead: number;
}

export class Looks {
  #rows = new Map<string, Row>();
  #used = -Infinity;

  /** Somebody is there. */
  used(now: number): void {
    this.#used = now;
  }

  /** A row came into view, or left it. */
  inView(key: string, is: boolean, now: number): void {
    const row = this.#row(key);
    row.since = is ? (row.since ?? now) : null;
  }

  /** Somebody opened it. */
  opened(key: string): void {
    this.#row(key).opened = true;
  }

  /** The page is hidden or not live: what is in view is counted anew afterwards. */
  interrupted(): void {
    for (const row of this.#rows.values()) if (row.since !== null) row.since = Infinity;
  }

  /** What is to be told now of these alerts. `me`: the name of whoever is signed in. */
  due(alerts: readonly Alert[], keyOf: (alert: Alert) => string, me: string, now: number): Due {
    const due: Due = { shown: [], read: [] };
    for (const alert of alerts) {
      const row = this.#rows.get(keyOf(alert));
      if (row === undefined || !isOpen(alert)) continue;
      if (row.since === Infinity) row.since = now;
      const inView = row.since === null ? 0 : now - row.since;
      const isUsed = now - this.#used <= USED_WITHIN_MS;
      const isShown = alert.steps.some((step) => step.by !== null);
      const isRead = alert.steps.some((step) => step.by === me && step.what !== 'shown');
      if (!isShown && inView >= SHOWN_AFTER_MS && now - row.toldShown >= AGAIN_AFTER_MS) {
        if (due.shown.length < TOLD_MAX) due.shown.push(alert);
      }
      const reads = row.opened || (inView >= READ_AFTER_MS && isUsed);
      if (!isRead && reads && now - row.toldRead >= AGAIN_AFTER_MS && due.read.length < TOLD_MAX) due.read.push(alert);
    }
    return due;
  }

  /** It was told. */
  told(what: keyof Due, key: string, now: number): void {
    this.#row(key)[what === 'shown' ? 'toldShown' : 'toldRead'] = now;
  }

  /** Forgets what is no longer in the picture, or everything when somebody else is there. */
  keep(keys: ReadonlySet<string>): void {
    for (const key of this.#rows.keys()) if (!keys.has(key)) this.#rows.delete(key);
  }

  #row(key: string): Row {
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const row = { since: null, opened: false, toldShown: -Infinity, toldRead: -Infinity };
    this.#rows.set(key, row);
    return row;
  }
}
