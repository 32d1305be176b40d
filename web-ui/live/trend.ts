// Trends of a bed: what is asked of the post (appliance/src/web/trend.rs), and what is drawn of its answers. Pure.

import type { Said } from './api';
import type { Listed } from './handover';
import type { Note } from './notes';
import type { Observation } from './score';
import { codeLabel, unitText } from './slots';
import type { Bed } from './types';

export type Bucket = Said<'Bucket'>;
export type TrendAnswer = Said<'Trend'>;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How far back can be looked, and the steps of the table. */
export const RANGES = [
  { key: '1h', ms: HOUR_MS, stepMs: 5 * MINUTE_MS },
  { key: '4h', ms: 4 * HOUR_MS, stepMs: 15 * MINUTE_MS },
  { key: '12h', ms: 12 * HOUR_MS, stepMs: 30 * MINUTE_MS },
  { key: '24h', ms: DAY_MS, stepMs: HOUR_MS },
  { key: '7d', ms: 7 * DAY_MS, stepMs: 6 * HOUR_MS },
  { key: '30d', ms: 30 * DAY_MS, stepMs: DAY_MS },
] as const;
export type Range = (typeof RANGES)[number];

/** Values that are drawn on one scale. */
export interface Group {
  name: string;
  colour: string;
  codes: string[];
  unit: string;
  /** Measured now and then: points, and no line between them. */
  spots: boolean;
}

const FIXED = [
  { name: 'heart', colour: '--heart', codes: ['hr', 'pr', 'pr_abp', 'pr_nibp'], spots: false },
  { name: 'spo2', colour: '--spo2', codes: ['spo2'], spots: false },
  { name: 'resp', colour: '--resp', codes: ['rr', 'rr_imp', 'rr_co2', 'rr_aw'], spots: false },
  { name: 'abp', colour: '--nibp', codes: ['abp_s', 'abp_m', 'abp_d'], spots: false },
  { name: 'nibp', colour: '--nibp', codes: ['nibp_s', 'nibp_m', 'nibp_d'], spots: true },
  { name: 'temp', colour: '--temp', codes: ['temp', 'temp_body', 'temp_core', 'temp_skin'], spots: false },
];

/** What a bed's values are drawn in, in the order of its tile; what else it measures follows, each for itself. */
export function groupsOf(bed: Bed): Group[] {
  const values = new Map(bed.values.map((value) => [value.code, value]));
  const fixed = FIXED.map((group) => ({ ...group, codes: group.codes.filter((code) => values.has(code)) }));
  const known = new Set(FIXED.flatMap(({ codes }) => codes));
  const others = bed.values
    .filter(({ code }) => !known.has(code))
    .map(({ code, kind }) => ({ name: code, colour: '--temp', codes: [code], spots: kind !== 'continuous' }));
  return [...fixed, ...others]
    .filter(({ codes }) => codes.length > 0)
    .map((group) => ({ ...group, unit: unitText(values.get(group.codes[0]!)?.unit ?? '') }));
}

/** How a code is called beside others of its group: `sys` of a pressure. */
export function partLabel(code: string, group: Group): string {
  const pressure = { s: 'sys', m: 'mean', d: 'dia' }[/^n?i?b?a?bp_([smd])$/.exec(code)?.[1] ?? ''];
  return group.codes.length > 1 && pressure !== undefined ? pressure : codeLabel(code);
}

/** One line: a device's values of one code. */
export interface Line {
  code: string;
  device: string;
  mean: (number | null)[];
  lowest: (number | null)[];
  highest: (number | null)[];
}

/** The lines of a code, and the moments of their buckets in seconds, as uPlot has them. */
export function linesOf(code: string, answer: TrendAnswer): Line[] {
  const numbers = (buckets: (Bucket | null)[], what: 'mean' | 'lowest' | 'highest') =>
    buckets.map((bucket) => (bucket?.[what] == null ? null : Number(bucket[what])));
  return answer.series.map(({ device, buckets }) => ({
    code,
    device,
    mean: numbers(buckets, 'mean'),
    lowest: numbers(buckets, 'lowest'),
    highest: numbers(buckets, 'highest'),
  }));
}

export function momentsOf(answer: TrendAnswer, count: number): number[] {
  return Array.from({ length: count }, (_, n) => (answer.from_ms + (n + 0.5) * answer.bucket_ms) / 1000);
}

/** `82 (78–90)`: what stands in a table for a bucket of one code, over all its devices; empty = nothing was heard. */
export function cellText(code: string, answer: TrendAnswer | undefined, n: number): string {
  const heard = linesOf(code, answer ?? { series: [] } as unknown as TrendAnswer).flatMap(({ mean, lowest, highest }) =>
    mean[n] == null ? [] : [{ mean: mean[n], lowest: lowest[n]!, highest: highest[n]! }],
  );
  if (heard.length === 0) return answer?.series.some(({ buckets }) => (buckets[n]?.absent ?? 0) > 0) === true ? '–' : '';
  const [low, high] = [Math.min(...heard.map((one) => one.lowest)), Math.max(...heard.map((one) => one.highest))];
  const mean = short(heard.reduce((sum, one) => sum + one.mean, 0) / heard.length, code);
  return short(low, code) === short(high, code) ? mean : `${mean} (${short(low, code)}–${short(high, code)})`;
}

/** What an entry has of numbers, and the values among which they stand. */
const MEASURED = [
  { key: 'pulse', group: 'heart', code: 'pr', unit: '/min' },
  { key: 'spo2', group: 'spo2', code: 'spo2', unit: '%' },
  { key: 'rr', group: 'resp', code: 'rr', unit: '/min' },
  { key: 'sbp', group: 'nibp', code: 'nibp_s', unit: 'mm[Hg]' },
  { key: 'dbp', group: 'nibp', code: 'nibp_d', unit: 'mm[Hg]' },
  { key: 'temp', group: 'temp', code: 'temp', unit: 'Cel' },
] as const;

/** What a person found, at its moment. */
export interface Found {
  wall: number;
  entry: Observation;
}

/** Entries that count, between two moments, the newest first; `wallOf` makes a time of one of this boot. */
export function foundIn(entries: readonly Observation[], fromMs: number, toMs: number, wallOf: (atMs: number) => number | null): Found[] {
  const counting = entries.filter(({ withdrawn_by }) => withdrawn_by === null);
  const dated = counting.map((entry) => ({ entry, wall: entry.wall_ms ?? (entry.at_ms === null ? null : wallOf(entry.at_ms)) }));
  const inside = (one: { wall: number | null }): one is Found => one.wall !== null && one.wall >= fromMs && one.wall < toMs;
  return dated.filter(inside).sort((one, other) => other.wall - one.wall);
}

/** A number that a person found, at its moment. */
export interface Point {
  wall: number;
  value: number;
}

/** The numbers by hand that belong to a group. */
export function pointsOf(group: Group, found: readonly Found[]): Point[] {
  return found.flatMap(({ wall, entry }) =>
    MEASURED.flatMap(({ key, group: name }) => {
      const value = entry.findings[key];
      return name !== group.name || value == null ? [] : [{ wall, value: Number(value) }];
    }),
  );
}

const CSV_HEAD = ['from_utc', 'seconds', 'bed', 'patient', 'value', 'unit', 'device', 'mean', 'lowest', 'highest', 'measured', 'without_number'];

/**
 * What was read as a file (RFC 4180): a line for each device, value and bucket in which something was heard, oldest first,
 * and one of no length for each number that a person found, with the person in the device's place.
 */
export function csvOf(bed: Bed, patient: string, answers: Record<string, TrendAnswer>, found: readonly Found[]): string {
  const unitOf = new Map(bed.values.map(({ code, unit }) => [code, unit]));
  const lines = Object.entries(answers).flatMap(([code, { series, from_ms, bucket_ms }]) =>
    series.flatMap(({ device, buckets }) =>
      buckets.flatMap((bucket, n) => {
        if (bucket === null) return [];
        const { mean, lowest, highest, count, absent } = bucket;
        const fromMs = from_ms + n * bucket_ms;
        const cells = [new Date(fromMs).toISOString(), bucket_ms / 1000, bed.label, patient, code, unitOf.get(code) ?? '', device, mean, lowest, highest, count, absent];
        return [{ fromMs, cells }];
      }),
    ),
  );
  const byHand = found.flatMap(({ wall, entry: { findings, by } }) =>
    MEASURED.flatMap(({ key, code, unit }) => {
      const value = findings[key];
      if (value == null) return [];
      return [{ fromMs: wall, cells: [new Date(wall).toISOString(), 0, bed.label, patient, code, unit, `by hand: ${by}`, value, value, value, 1, 0] }];
    }),
  );
  const sorted = [...lines, ...byHand].sort((one, other) => one.fromMs - other.fromMs).map(({ cells }) => cells);
  return [CSV_HEAD, ...sorted].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}

/** A word that a spreadsheet would take for a formula is none. */
function csvCell(cell: string | number | null): string {
  const text = String(cell ?? '');
  const plain = typeof cell === 'string' && /^[=+@\t-]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** As many places as the value is read with. */
function short(value: number, code: string): string {
  return code.startsWith('temp') ? value.toFixed(1) : String(Math.round(value * 10) / 10);
}

/** What people did, at its moment. */
export interface Mark {
  of: 'note' | 'handover';
  wall: number;
}

/** Notes that count, and the moments at which somebody took the ward over; what has no time has no place. */
export function marksOf(notes: readonly Note[], handovers: readonly Listed[]): Mark[] {
  const written = notes.filter(({ withdrawn_by }) => withdrawn_by === null).map(({ wall_ms }) => ({ of: 'note' as const, wall: wall_ms }));
  const taken = handovers.map(({ accepted }) => ({ of: 'handover' as const, wall: accepted?.wall_ms ?? null }));
  return [...written, ...taken].flatMap(({ of, wall }) => (wall === null ? [] : [{ of, wall }]));
}

export function trendUrl(bed: string, code: string, fromMs: number, toMs: number, points: number): `/api/v1/trend?${string}` {
  const asked = new URLSearchParams({ bed, value: code, of: 'patient', from_ms: String(fromMs), to_ms: String(toMs), points: String(points) });
  return `/api/v1/trend?${asked}`;
}
