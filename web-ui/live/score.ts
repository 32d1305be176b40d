// A bed's early-warning score as the pages need it: its band, and its alarm in words.

import type { IconName } from '../parts/Icon.svelte';
import type { Translate } from '../text/t';
import type { SiteWorded } from './site-words';

export type ScoreKind = 'news2' | 'bedside_pews' | 'meows';
export type Band = 'low' | 'low-medium' | 'medium' | 'high';

export interface ScorePart {
  key: string;
  /** What counts; null = nothing that is fresh. */
  value: string | null;
  unit: string;
  /** When it was measured or found, by the server's clock; negative = before this boot. */
  at_ms: number | null;
  /** Who found it; null = a device. */
  by: string | null;
  /** Where a pulse comes from. */
  from: 'ecg' | 'pleth' | 'counted' | null;
  points: number | null;
  state: 'points' | 'missing' | 'impossible' | 'needs_oxygen';
}

export interface Score {
  score: ScoreKind;
  name: string;
  total: number | null;
  band: Band | null;
  reason: 'incomplete' | 'invalid' | 'not-applicable' | null;
  missing: string[];
  impossible: string[];
  /** The score is by age, and the age is not recorded. */
  age_missing: boolean;
  not_for: string | null;
  /** Something is urgent by itself, whether there is a total or not. */
  red: boolean;
  age_recorded: boolean;
  scale: 1 | 2;
  scale_by: string | null;
  paced: boolean;
  parts: ScorePart[];
  since_ms: number;
  /** Whose entry made it so; null = computed by itself. */
  by: string | null;
}

/** What was entered. */
export interface Observation {
  entry: string;
  at_ms: number | null;
  wall_ms: number | null;
  by: string;
  findings: Record<string, string | { device: string; flow: string | null; percent: string | null }>;
  withdrawn_by: string | null;
}

/** What was said of care. */
export interface Said<T> {
  value: T;
  by: string;
  at_ms: number | null;
  wall_ms: number | null;
}

export type Pregnancy = 'none' | 'pregnant' | 'six_weeks_after';

export interface Care {
  pregnancy: Said<Pregnancy> | null;
  spo2_scale: Said<1 | 2> | null;
  paced: Said<boolean> | null;
}

/** From this NEWS2 total on it is always asked: could this be sepsis? */
const ASK_SEPSIS_FROM = 5;

export function asksSepsis(score: Score): boolean {
  return score.score === 'news2' && (score.total ?? 0) >= ASK_SEPSIS_FROM;
}

/** The band as a word; of a score without a total the reason. */
export function bandWords(score: Score, t: Translate): string {
  if (score.reason !== null) return t('score.reason', { reason: score.reason.replace('-', '_') });
  return t('score.band', { band: (score.band ?? 'low').replace('-', '_') });
}

/** A shape beside the number: never a colour alone. */
export function bandIcon(score: Score): IconName | null {
  if (score.band === 'high') return 'up_twice';
  if (score.band === 'medium') return 'up';
  return score.band === 'low-medium' || score.red || score.reason === 'invalid' ? 'warning' : null;
}

/** `NEWS2 7: high`; null for any other condition. */
export function scoreAlarmWords(alarm: SiteWorded, t: Translate): string | null {
  const kind = /^score\.(\w+)$/.exec(alarm.condition)?.[1];
  if (kind === undefined) return null;
  const level = kind !== 'news2' ? 'review' : alarm.limit === '7' ? 'high' : 'medium';
  const score = alarm.text || kind;
  return t('alarm.score', { score: alarm.value === null ? score : `${score}\u00a0${alarm.value}`, level });
}
