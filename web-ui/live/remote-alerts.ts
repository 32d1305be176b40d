// What an alert means on the doctor's screen. Of a post that is not heard only the last known is there: such an alert
// never looks live and never waits for a doctor (I4, I6).

import type { Alert, Post } from './centre-types';

/** From then on an alert counts as late. */
const LATE_AFTER_MS = 120_000;

/** The posts that are heard now, by id. */
export function heardPosts(posts: readonly Post[]): Set<string> {
  return new Set(posts.filter((post) => post.status === 'online').map((post) => post.id));
}

/** It has not ended as far as the centre knows, and nobody can say whether that is still so. */
export function isUnheard(alert: Alert, heard: ReadonlySet<string>): boolean {
  return alert.phase !== 'ended' && !heard.has(alert.post);
}

/** It holds now: the only kind that may look live. */
function isLive(alert: Alert, heard: ReadonlySet<string>): boolean {
  return alert.phase !== 'ended' && !alert.past && heard.has(alert.post);
}

/** A HIGH alert that still holds and that no doctor has seen. */
export function waitsForADoctor(alert: Alert, heard: ReadonlySet<string>): boolean {
  return isLive(alert, heard) && alert.priority === 'high' && alert.phase === 'active' && alert.seen.length === 0;
}

/** Alarm colours only while it holds; they flash only while no doctor has seen it. */
export function signalOf(alert: Alert, heard: ReadonlySet<string>): string {
  if (!isLive(alert, heard)) return 'none';
  return alert.phase === 'active' && alert.seen.length === 0 ? alert.priority : `steady-${alert.priority}`;
}

/** How long it has lasted, in ms; null when it is over or nobody knows. */
export function lastedMs(alert: Alert, heard: ReadonlySet<string>, wallNowMs: number | null): number | null {
  if (alert.onset_wall_ms === null || wallNowMs === null || !isLive(alert, heard)) return null;
  return wallNowMs - alert.onset_wall_ms;
}

/** It arrived more than two minutes after it began, and holds now: both times are said. */
export function cameLate(alert: Alert): boolean {
  return !alert.past && alert.onset_wall_ms !== null && alert.delay_ms !== null && alert.delay_ms > LATE_AFTER_MS;
}

/** How many alerts that have not ended the centre knows beyond those in the list. */
export function notShown(alerts: readonly Alert[], openTotal: number): number {
  return Math.max(0, openTotal - alerts.filter((alert) => alert.phase !== 'ended').length);
}

/** This person has seen it, and it is on its way or has arrived; what was not delivered may be said again. */
export function hasSeen(alert: Alert, name: string | null): boolean {
  return alert.seen.some((seen) => seen.by === name && !seen.expired && seen.refused === null);
}
