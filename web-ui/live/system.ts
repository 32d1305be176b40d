// How the post is, as it measured itself, and the words of what it found. The server judges; here nothing is decided.

import type { Key, Translate } from '../text/t';

export type RowState = 'ok' | 'look' | 'failed' | 'not_measured';

export interface Figure {
  what: string;
  value: number;
}

/** A row of `GET /api/v1/system`, of a run or of a result that is kept. */
export interface SystemRow {
  part: string;
  /** Which interface, screen or device. */
  of: string | null;
  state: RowState;
  /** Names the sentence that says it and what to do. */
  found: string;
  figures: Figure[];
  /** What the system said, in its own words. */
  why: string | null;
}

export interface Run {
  id: number;
  /** UTC in ms. */
  began_ms: number;
  trust: 'untrusted' | 'holdover' | 'synchronised';
  by: string;
  percent: number;
  played: boolean;
  rows: SystemRow[];
}

export type Counts = Record<RowState, number>;

export interface KeptShort {
  id: number;
  began_ms: number;
  signed_ms: number;
  trust: 'untrusted' | 'holdover' | 'synchronised';
  by: string;
  counts: Counts;
}

export interface Kept extends KeptShort {
  rows: SystemRow[];
  remark: string;
  sha256: string;
  /** False: it was changed since it was signed. */
  whole: boolean;
}

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
