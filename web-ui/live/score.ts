// A bed's early-warning score as the pages need it: its band, and its alarm in words.

import type { IconName } from '../parts/Icon.svelte';
import type { Translate } from '../text/t';
import type { Said } from './api';
import type { SiteWorded } from './site-words';

export type ScoreKind = Said<'ScoreKind'>;
export type Band = Said<'Band'>;
export type ScorePart = Said<'ScorePart'>;
export type Score = Said<'Score'>;
/** What was entered. */
export type Observation = Said<'EntryShown'>;
export type Pregnancy = Said<'Pregnancy'>;
export type Care = Said<'CareShown'>;

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
