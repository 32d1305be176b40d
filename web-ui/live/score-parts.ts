// The parts of a score and what was entered, in words: for the patient's panel, not for the first view.

import type { Key, Translate } from '../text/t';
import type { Observation } from './score';
import { unitText } from './slots';

const NAMES: Record<string, Key> = {
  rr: 'score.part.rr', spo2: 'score.part.spo2', on_oxygen: 'score.part.oxygen', oxygen: 'score.part.oxygen', sbp: 'score.part.sbp',
  dbp: 'score.part.dbp', bp: 'score.part.bp', pulse: 'score.part.pulse', hr: 'score.part.pulse', acvpu: 'score.part.consciousness',
  consciousness: 'score.part.consciousness', temp: 'score.part.temp', capillary_refill: 'score.part.capillary_refill',
  effort: 'score.part.effort', pain: 'score.part.pain',
};

/** What people call a part. */
export function partName(key: string, t: Translate): string {
  const name = NAMES[key];
  return name === undefined ? key : t(name);
}

const EFFORTS = ['normal', 'mild', 'moderate', 'severe', 'apnoea'];

/** What counts, as people write it: `26 /min`, `C`, `air`, `4 L/min`. */
export function partValue(part: { key: string; value: string | null; unit: string }, t: Translate): string {
  if (part.value === null) return '–';
  if (part.value === 'air') return t('observe.air');
  if (part.value === 'given') return t('observe.oxygen');
  if (EFFORTS.includes(part.value)) return t('observe.effort', { effort: part.value });
  return part.unit === '' ? part.value : `${part.value}\u00a0${unitText(part.unit)}`;
}

const UNITS: Record<string, string> = {
  temp: 'Cel', sbp: 'mm[Hg]', dbp: 'mm[Hg]', pulse: '/min', rr: '/min', spo2: '%', capillary_refill: 's',
};

/** As people say it: a pressure with its upper number first. */
const ORDER = ['consciousness', 'oxygen', 'temp', 'sbp', 'dbp', 'pulse', 'rr', 'spo2'];
const place = (key: string) => (ORDER.includes(key) ? ORDER.indexOf(key) : ORDER.length);

/** An entry in one line. */
export function entryWords(entry: Observation, t: Translate): string {
  const inOrder = Object.entries(entry.findings).sort(([one], [other]) => place(one) - place(other));
  const said = inOrder.flatMap(([key, found]) => {
    if (found === null) return [];
    if (typeof found === 'string') return `${partName(key, t)} ${partValue({ key, value: found, unit: UNITS[key] ?? '' }, t)}`;
    const given = [found.flow == null ? '' : `${found.flow} L/min`, found.percent == null ? '' : `${found.percent} %`];
    return [t('observe.oxygen'), ...given.filter((one) => one !== '')].join(' ');
  });
  return said.join(', ');
}
