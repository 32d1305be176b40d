// Laboratory results as the pages need them: what a flag means, and which results belong together.

import type { IconName } from '../parts/Icon.svelte';
import type { Key } from '../text/t';
import type { Said } from './api';

export type LabFlag = Said<'LabFlag'>;
export type LabStatus = Said<'LabStatus'>;
export type Doubt = Said<'LabDoubt'>;
/** Who somebody is, as far as is known; empty text = not known. */
export type Identity = Said<'Identity'>;

/** A result at the post. */
export type LabResult = Said<'LabShown'>;
/** What both pages show of a result. */
export type Result = Omit<LabResult, 'first' | 'received_ms' | 'received_wall_ms' | 'doubt' | 'sent'>;
export type Patient = Said<'PatientNow'>;

/** How a stay ended. */
export const DISPOSITIONS = ['home', 'hospital', 'died', 'against_advice', 'other'] as const satisfies readonly Disposition[];
export type Disposition = Said<'Disposition'>;
/** A stay at this post that is in no bed now. */
export type EarlierStay = Said<'EarlierStay'>;
export type Unassigned = Said<'LaboratoryNow'>;

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
