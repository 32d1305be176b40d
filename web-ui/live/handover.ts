// A handover as the post answers it (appliance/src/web/handover.rs).

import type { Said } from './api';

export const SECTIONS = ['situation', 'background', 'assessment', 'recommendation'] as const satisfies readonly Section[];
export type Section = Said<'Section'>;

export const TO_DO_CHARS_MAX = 200;
export const SHIFTS_H = [8, 12, 24] as const;

/** What one line is about, and its words and numbers in the order that belongs to `what`. */
export type Line = Said<'HandoverLine'>;
export type SheetBed = Said<'HandoverBed'>;
/** What there is to hand over now. */
export type Drawn = Said<'HandoverDraft'>;
/** One that was handed over. */
export type Listed = Said<'Handover'>;
export type Why = Said<'ChangedWhy'>;
/** One with what it says. */
export type Kept = Said<'WholeHandover'>;

/** What was typed for whom; it is never said of somebody else who came into the bed. */
export function toDoOf(beds: SheetBed[], typed: Record<string, string>): Record<string, string> {
  const said = beds.map(({ bed, admission }) => [bed, (typed[typedKey(bed, admission)] ?? '').trim()] as const);
  return Object.fromEntries(said.filter(([, words]) => words !== ''));
}

export const typedKey = (bed: string, admission: string) => `${bed} ${admission}`;
