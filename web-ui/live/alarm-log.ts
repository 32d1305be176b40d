// The log of alarms as the post answers it, and what is asked of it (appliance/src/web/alarm_log.rs).

import type { Said } from './api';
import { fieldToWall } from './people.svelte';

/** When something happened; `wall` null = no clock was ever known. */
export type Moment = Said<'Moment'>;
export type LogStep = Said<'LogStep'>;
export type LogAnswer = Said<'AlarmLog'>;
export type LogEntry = Said<'LogEntry'>;
export type LoggedAlarm = Extract<LogEntry, { kind: 'alarm' }>;
export type LoggedChange = Extract<LogEntry, { kind: 'limits' | 'signals' }>;
export type LoggedGap = Extract<LogEntry, { kind: 'gap' }>;
export type Counted = Said<'Counted'>;
export type Figures = Said<'Figures'>;

export interface LogSearch {
  from: string;
  to: string;
  bed: string;
  priority: string;
  text: string;
}

const DAY_MS = 86_400_000;
/** How far from UTC this screen writes a moment, in minutes to the east. */
const offsetMin = (wallMs: number) => -new Date(wallMs).getTimezoneOffset();

/** From when to when is asked: what is left out is the last 24 hours, up to a minute from now. */
export function logSpan(search: LogSearch, nowMs: number): { from: number; to: number } {
  // The post's clock is known to parts of a millisecond, and asked in whole ones.
  const now = Math.round(nowMs);
  const to = fieldToWall(search.to) ?? now + 60_000;
  return { from: fieldToWall(search.from) ?? Math.min(now, to) - DAY_MS, to };
}

/** `?from=…&to=…&bed=1`: what is empty is left out. `limit` null = for the file, with times as this screen writes them. */
export function logQuery(search: LogSearch, nowMs: number, limit: number | null): `?${string}` {
  const { from, to } = logSpan(search, nowMs);
  const said = { bed: search.bed, text: search.text.trim(), priority: search.priority };
  const parts = Object.entries(said).filter(([, value]) => value !== '');
  const last = limit === null ? ['offset_min', String(offsetMin(from))] : ['limit', String(limit)];
  return `?${new URLSearchParams([['from', String(from)], ['to', String(to)], ...parts, last]).toString()}`;
}

/** Each entry with a name that it has again when the log is read anew, so that what somebody opened stays open. */
export function named(entries: readonly LogEntry[]): [string, LogEntry][] {
  const seen = new Map<string, number>();
  return entries.map((entry) => {
    const name = entry.kind === 'alarm' ? entry.alarm : `${entry.kind} ${entry.at.wall}`;
    const nth = (seen.get(name) ?? 0) + 1;
    seen.set(name, nth);
    return [`${name} ${nth}`, entry];
  });
}

export interface Week {
  /** `2026-W48`, as ISO 8601 writes it. */
  week: string;
  /** Its Monday, at midnight of this screen. */
  from: number;
}

/** The week in which a moment lies, where this screen is. */
export function weekOf(wallMs: number): Week {
  const at = new Date(wallMs);
  const monday = new Date(at.getFullYear(), at.getMonth(), at.getDate() - ((at.getDay() + 6) % 7));
  // The year of a week is that of its Thursday, and its number counts the Thursdays of that year.
  const thursday = new Date(monday.getFullYear(), monday.getMonth(), monday.getDate() + 3);
  const ofYear = Math.round((thursday.getTime() - new Date(thursday.getFullYear(), 0, 1).getTime()) / DAY_MS);
  const number = Math.floor(ofYear / 7) + 1;
  return { week: `${thursday.getFullYear()}-W${String(number).padStart(2, '0')}`, from: monday.getTime() };
}

/** The week of a moment and those before it, the newest first. */
export function weeksBack(wallMs: number, count: number): Week[] {
  const monday = new Date(weekOf(wallMs).from);
  return Array.from({ length: count }, (_, n) =>
    weekOf(new Date(monday.getFullYear(), monday.getMonth(), monday.getDate() - 7 * n, 12).getTime()),
  );
}

export function weekQuery({ week, from }: Week): `?${string}` {
  return `?${new URLSearchParams({ week, offset_min: String(offsetMin(from)) }).toString()}`;
}

const two = (n: number) => String(n).padStart(2, '0');

/** `2026-11-23`, on this screen: for what is printed, where "today" means nothing. */
export function dateText(wallMs: number): string {
  const at = new Date(wallMs);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
