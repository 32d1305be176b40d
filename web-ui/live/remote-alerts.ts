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
  return alert.phase !== 'ended' && alert.state !== 'superseded' && !alert.past && heard.has(alert.post);
}

/** A doctor said that they saw it, answers for it or rejected it. That it stood on a screen, or was read there, is not enough. */
export function isAnswered(alert: Alert): boolean {
  return alert.seen.length > 0 || alert.responsible !== null || alert.state === 'rejected';
}

/** Somebody may still do something with it. */
export function isOpen(alert: Alert): boolean {
  return alert.phase !== 'ended' && alert.state !== 'superseded';
}

/** This person answers for it, or it was offered to them. */
export function isMine(alert: Alert, account: string | null): boolean {
  const who = alert.responsible;
  return account !== null && who !== null && (who.by_id === account || who.offered_to_id === account);
}

/** The centre called this person for it, and nobody has taken it. */
export function callsFor(alert: Alert, account: string | null): boolean {
  if (account === null || !isOpen(alert) || alert.past || alert.responsible !== null || alert.state === 'rejected') return false;
  return alert.steps.some((step) => step.what === 'called' && (step.called_ids.length === 0 || step.called_ids.includes(account)));
}

/** A HIGH alert that still holds and that no doctor has answered. */
export function waitsForADoctor(alert: Alert, heard: ReadonlySet<string>): boolean {
  return isLive(alert, heard) && alert.priority === 'high' && alert.phase === 'active' && !isAnswered(alert);
}

/** Alarm colours only while it holds; they flash only while no doctor has answered. */
export function signalOf(alert: Alert, heard: ReadonlySet<string>): string {
  if (!isLive(alert, heard)) return 'none';
  return alert.phase === 'active' && !isAnswered(alert) ? alert.priority : `steady-${alert.priority}`;
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
