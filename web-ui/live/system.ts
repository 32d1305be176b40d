// How the post is, as it measured itself, and the words of what it found. The server judges; here nothing is decided.

import type { Key, Translate } from '../text/t';
import type { Said } from './api';

export type RowState = Said<'SystemState'>;
/** Of a newer post perhaps one that is not known here. */
export type Figure = Omit<Said<'SystemFigure'>, 'what'> & { what: string };
/** A row of `GET /api/v1/system`, of a run or of a result that is kept. */
export type SystemRow = Omit<Said<'SystemRow'>, 'part' | 'found' | 'figures'> & { part: string; found: string; figures: Figure[] };
export type Run = Omit<Said<'SelfTestRun'>, 'rows'> & { rows: SystemRow[] };
export type Counts = Said<'Counts'>;
export type KeptShort = Said<'KeptTest'>;
export type Kept = Omit<Said<'WholeTest'>, 'rows'> & { rows: SystemRow[] };
export interface SelfTests {
  run: Run | null;
  kept: KeptShort[];
}

/** How many rows are how. */
export function countsOf(rows: SystemRow[]): Counts {
  const count = (state: RowState) => rows.filter((row) => row.state === state).length;
  return { ok: count('ok'), look: count('look'), failed: count('failed'), not_measured: count('not_measured') };
}

/** `4.2`, `31`, `1 250`: as exact as people read it. */
export function figureText({ what, value }: Figure): string {
  const shown = what === 'free_bytes' ? value / 1e9 : value;
  const digits = Math.abs(shown) < 10 && !Number.isInteger(shown) ? 1 : 0;
  // Of a rate below one tenth a zero would say that nothing comes.
  const text = shown !== 0 && Math.abs(shown) < 0.05 ? shown.toPrecision(1) : shown.toFixed(digits);
  return text.replace(/\B(?=(\d{3})+(?!\d|\.\d))/g, '\u202f');
}

/** A newer post may find what this page has no sentence for: then its own name is shown, and never nothing. */
function say(t: Translate, key: string, values: Record<string, string> = {}, otherwise = key): string {
  try {
    return t(key as Key, values);
  } catch {
    return otherwise;
  }
}

export const partText = (row: SystemRow, t: Translate) => say(t, `system.part.${row.part}`, {}, row.part);
export const foundText = (row: SystemRow, t: Translate) => say(t, `system.found.${row.found}`, {}, row.found);

export function figureWords(figure: Figure, t: Translate): string {
  const n = figureText(figure);
  return say(t, `system.what.${figure.what}`, { n }, `${figure.what} ${n}`);
}
