// Laboratory results as the pages need them: what a flag means, and which results belong together.

import type { IconName } from '../parts/Icon.svelte';
import type { Key } from '../text/t';
import type { Note } from './notes';
import type { Care, Observation } from './score';
import type { Category } from './types';

export type LabFlag =
  | 'none' | 'normal' | 'low' | 'high' | 'critical_low' | 'critical_high'
  | 'below_measuring' | 'above_measuring' | 'abnormal';
export type LabStatus = 'final' | 'preliminary' | 'corrected' | 'repeated' | 'pending' | 'not_done';
export type Doubt = 'unknown' | 'name_only' | 'several' | 'left' | 'other_id' | 'other_name' | 'other_birth';

/** Who somebody is, as far as is known; empty text = not known. */
export interface Identity {
  ids: string[];
  family: string;
  given: string;
  born: string | null;
  sex: string;
}

/** What both pages show of a result. */
export interface Result {
  id: string;
  device: string;
  specimen: string;
  test: string;
  code: string;
  value: string;
  unit: string;
  range: string;
  flag: LabFlag;
  status: LabStatus;
  /** The analyser's own time, in its own zone. */
  completed: string | null;
  /** What it replaces. */
  was: string | null;
  assigned_by: string | null;
}

/** A result at the post. */
export interface LabResult extends Result {
  /** The first result of its specimen and test. */
  first: string;
  /** When it came; null when that was in an earlier boot. */
  received_ms: number | null;
  received_wall_ms: number | null;
  doubt: Doubt | null;
  /** Whom the analyser was told, for one that is nobody's. */
  sent: Identity | null;
}

/** `GET /api/v1/beds/{bed}/patient` */
export interface Patient {
  bed: string;
  admission: string;
  since_ms: number | null;
  identity: Identity | null;
  category: Category;
  vacant: boolean;
  /** What persons found at the bedside, the newest first; unsaid = nothing. */
  observations?: Observation[];
  /** What decides which score counts; unsaid = nothing was said. */
  care?: Care;
  /** What was written, the newest first; unsaid = nothing. */
  notes?: Note[];
  /** Earlier stays that count as this patient too; unsaid = none. */
  merged?: string[];
  identified_by: string | null;
  specimens: { specimen: string; by: string }[];
  results: LabResult[];
  left_out: number;
  /** The bed was not heard for long: who lay there until then, until a person says whether it is still the same. */
  perhaps?: { identity: Identity | null } | null;
}

/** How a stay ended. */
export const DISPOSITIONS = ['home', 'hospital', 'died', 'against_advice', 'other'] as const;
export type Disposition = (typeof DISPOSITIONS)[number];

/** A stay at this post that is in no bed now; `GET /api/v1/beds/{bed}/earlier` has the newest first. */
export interface EarlierStay {
  admission: string;
  identity: Identity | null;
  bed: string;
  from_wall_ms: number | null;
  until_wall_ms: number | null;
  disposition: Disposition | null;
}

/** `GET /api/v1/laboratory` */
export interface Unassigned {
  results: LabResult[];
  left_out: number;
}

/** How a flag looks: a shape and a word, never a colour alone. Null = nothing to say. */
export function flagLook(flag: LabFlag): { icon: IconName; words: Key; critical: boolean } | null {
  if (flag === 'none') return null;
  const up = flag === 'high' || flag === 'critical_high' || flag === 'above_measuring';
  const down = flag === 'low' || flag === 'critical_low' || flag === 'below_measuring';
  const critical = flag === 'critical_low' || flag === 'critical_high';
  const icon: IconName = flag === 'normal' ? 'tick' : critical ? (up ? 'up_twice' : 'down_twice') : up ? 'up' : down ? 'down' : 'warning';
  return { icon, words: `lab.flag.${flag}`, critical };
}

/** `Doe Jane, PT-7, 1960-01-01`; null when nothing is known. */
export function identityText(identity: Identity | null): string | null {
  if (identity === null) return null;
  const name = `${identity.family} ${identity.given}`.trim();
  const parts = [name, ...identity.ids, identity.born ?? '', identity.sex].filter((part) => part !== '');
  return parts.length === 0 ? null : parts.join(', ');
}

/** Results that a person can settle with one word: of one specimen, with one identity and one reason. */
export interface Group {
  key: string;
  specimen: string;
  device: string;
  doubt: Doubt;
  sent: Identity | null;
  results: LabResult[];
}

/** The most results that the post takes in one word. */
const AT_ONCE_MAX = 64;

/** The results that are nobody's, the newest group first. Without a specimen only what was completed together is one. */
export function groups(results: readonly LabResult[]): Group[] {
  const found: Group[] = [];
  for (const result of results) {
    const { specimen, device, sent } = result;
    const doubt = result.doubt ?? 'unknown';
    const together = specimen === '' ? (result.completed ?? result.id) : '';
    const key = JSON.stringify([specimen.trim().toLowerCase(), device, doubt, sent, together]);
    const group = found.find((one) => one.key === key && one.results.length < AT_ONCE_MAX);
    if (group === undefined) found.push({ key, specimen, device, doubt, sent, results: [result] });
    else group.results.push(result);
  }
  return found;
}
