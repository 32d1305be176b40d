// What a handover says, in words. Its lines are in no language: docs/operate/handover.md says which words belong to which.

import { dateText } from '../../../live/alarm-log';
import { alarmWords, MARKS } from '../../../live/alarms';
import { flagLook, identityText, type LabFlag } from '../../../live/lab';
import type { Line } from '../../../live/handover';
import { bandWords, type Observation, type Score } from '../../../live/score';
import { entryWords, partName } from '../../../live/score-parts';
import { codeLabel, unitText } from '../../../live/slots';
import { ageText, clockText, elapsedText } from '../../../live/times';
import type { Priority } from '../../../live/types';
import { ward } from '../../../live/ward.svelte';
import { t } from '../../../text/language.svelte';
import type { Key } from '../../../text/t';

/** A line as it is shown: crossed out, or with the mark of an alarm before it. */
export interface Said {
  words: string;
  mark?: string;
  gone?: boolean;
}

export function moment(wall: string): string {
  return wall === '' ? t('clock.unknown') : ward.feed.atWall(Number(wall));
}

/** With its day, and read from left to right among words of any language. */
export const dayAndTime = (wallMs: number) => `\u2066${dateText(wallMs)} ${clockText(wallMs)}\u2069`;

const lasted = (seconds: string) => t('handover.for', { elapsed: elapsedText(Number(seconds) * 1000) });
const ago = (seconds: string) => (seconds === '' ? t('alarm.before_restart') : lasted(seconds));

/** `84 %`, `120 mmHg`. */
export function measured(value: string, unit: string): string {
  const words = unitText(unit);
  return words === '' ? value : `${value}\u00a0${words}`;
}

/** What a list joins: nothing empty in it. */
const joined = (...parts: string[]) => parts.filter((part) => part !== '').join(', ');

type Words = (...words: string[]) => Said;

/** `[priority, condition, text, value, limit, unit]` of an alarm. */
function alarmOf(...[priority = '', condition = '', text = '', value = '', limit = '', unit = '']: string[]): Said {
  const alarm = { condition, text, unit, device: null, value: value === '' ? null : value, limit: limit === '' ? null : limit };
  return { words: alarmWords(alarm, t), mark: MARKS[priority as Priority] ?? '' };
}

const LINES: Record<string, Words> = {
  who: (family = '', given = '', born = '', sex = '', id = '') => {
    const ids = id === '' ? [] : [id];
    return { words: identityText({ ids, family, given, born, sex }) ?? t('patient.unknown') };
  },
  score: (name = '', total = '', band = '', reason = '', since = '', missing = '') => {
    const score = { band: band === '' ? null : band, reason: reason === '' ? null : reason } as Score;
    const parts = missing.split(' ').filter((key) => key !== '').map((key) => partName(key, t));
    const without = parts.length === 0 ? '' : t('score.missing', { parts: parts.join(', ') });
    return { words: joined(`${name} ${total === '' ? '–' : total}: ${bandWords(score, t)}`, ago(since), without) };
  },
  alarm: (...words) => {
    const { words: what, mark = '' } = alarmOf(...words);
    const [since = '', , by = ''] = words.slice(6);
    return { words: joined(what, ago(since), by === '' ? '' : t('ack.by', { name: by })), mark };
  },
  admitted: (at = '') => ({ words: t('handover.admitted', { time: moment(at) }) }),
  category: (category = '') => ({ words: t('bed.category', { category }) }),
  care: (fact = '', value = '', by = '') => {
    if (fact === 'pregnancy') return { words: joined(t('care.pregnancy.is', { is: value }), by) };
    if (fact === 'paced') return { words: `${t('care.paced')}: ${joined(t(value === 'true' ? 'care.yes' : 'care.no'), by)}` };
    return { words: joined(t(value === '2' ? 'care.scale.two' : 'care.scale.one'), by) };
  },
  oxygen: (how = '', device = '', flow = '', percent = '', at = '', by = '') => {
    const given = [t('observe.oxygen'), device, flow === '' ? '' : `${flow} L/min`, percent === '' ? '' : `${percent} %`];
    return { words: joined(how === 'air' ? t('observe.air') : given.filter((part) => part !== '').join(' '), moment(at), by) };
  },
  specimen: (number = '') => ({ words: t('patient.specimens', { specimens: number }) }),
  result: (test = '', value = '', unit = '', flag = '', status = '', at = '') => {
    const look = flagLook(flag as LabFlag);
    const state = status === 'final' ? '' : t(`lab.status.${status as 'preliminary'}`);
    return { words: joined(`${test} ${value} ${unit}`.trim(), look === null ? '' : t(look.words), state, moment(at)) };
  },
  alarms: (n = '0', high = '0', medium = '0', low = '0', more = '', announced = n) => {
    if (n === '0') return { words: t('handover.no_alarm') };
    // More than are counted: of which priority nobody knows.
    const counted = `${t('handover.alarms', { n: Number(n), high, medium, low })}${more === '' ? '' : ' +'}`;
    // One that came back soon is the same alarm, announced again.
    return { words: announced === n ? counted : joined(counted, t('handover.announced', { n: announced })) };
  },
  worst: (...words) => {
    const { words: what, mark = '' } = alarmOf(...words);
    const [at = '', seconds = ''] = words.slice(6);
    const how = seconds === '' ? t('alarmlog.open') : lasted(seconds);
    return { words: t('handover.worst', { words: what, time: moment(at), lasted: how }), mark };
  },
  note: (at = '', by = '', text = '', not = '') => ({ words: written(at, by, text, not), gone: not !== '' }),
  observation: (at = '', by = '', found = '{}', not = '') => {
    const findings = JSON.parse(found) as Observation['findings'];
    return { words: written(at, by, entryWords({ findings } as Observation, t), not), gone: not !== '' };
  },
  unacknowledged: (...words) => {
    const { words: what, mark = '' } = alarmOf(...words);
    return { words: t('handover.unacknowledged', { words: joined(what, ago(words[6] ?? '')) }), mark };
  },
  message: (name = '', at = '', text = '', _code = '', what = '', side = '', limit = '', unit = '') => {
    const said = text === '' ? t('message.limit', { what, side, limit: measured(limit, unit) }) : text;
    return { words: t('handover.message', { name: joined(name, at === '' ? '' : moment(at)), text: said }) };
  },
  limit: (code = '', _label = '', unit = '', low = '', high = '', usualLow = '', usualHigh = '') => {
    const limits = `${side(low)} – ${side(high)} ${unitText(unit)}`.trim();
    return { words: t('handover.limits', { what: codeLabel(code), limits, usual: `${side(usualLow)} – ${side(usualHigh)}` }) };
  },
  pause: (what = '', left = '', by = '') => {
    const key = `alarmlog.signals.${what}` as Key;
    return { words: joined(t(key), left === '' ? '' : elapsedText(Number(left) * 1000), by) };
  },
  more: (_what = '', n = '0') => ({ words: t('handover.left', { n: Number(n) }) }),
  older: (_what = '', n = '0') => ({ words: t('lab.left_out', { n: Number(n) }) }),
};

const side = (limit: string) => (limit === '' ? t('limits.off') : limit);

function written(at: string, by: string, text: string, not: string): string {
  return `${joined(moment(at), by)}: ${text}${not === '' ? '' : ` (${t('observe.withdrawn', { name: not })})`}`;
}

/** A line in words; one of a kind that this page does not know is told as it is. */
export function said({ what, words }: Line): Said {
  const known = LINES[what];
  return known === undefined ? { words: `${what}: ${words.join(' ')}` } : known(...words);
}

export interface ValueRow {
  name: string;
  value: string;
  age: string;
}

/** `[key, value, unit, age_s, by]` of what a person measured, as a row. */
export function byHandRow({ words }: Line): ValueRow {
  const [key = '', value = '', unit = '', age = '0', by = ''] = words;
  return { name: partName(key, t), value: joined(measured(value, unit), t('value.by_hand'), by), age: ageText(Number(age) * 1000) };
}

/** A continuous value that is older than this is no more how the patient is. */
const OLD_S = 10;

/** `[code, label, value, unit, age_s, quality, kind, reason, last, last_age_s]` as a row. */
export function valueRow({ words }: Line): ValueRow {
  const [code = '', , value = '', unit = '', age = '0', quality = '', kind = '', reason = '', last = '', lastAge = '0'] = words;
  const name = codeLabel(code);
  const was = (what: string, s: string) => t('value.was_ago', { value: measured(what, unit), age: ageText(Number(s) * 1000) });
  if (value === '') {
    const why = t(`value.${(reason === '' ? 'not_available' : reason) as 'probe_off'}`);
    return { name, value: `– ${joined(why, last === '' ? '' : was(last, lastAge))}`, age: '' };
  }
  if (kind === 'continuous' && Number(age) > OLD_S) return { name, value: `– ${was(value, age)}`, age: '' };
  return { name, value: joined(measured(value, unit), quality === 'questionable' ? t('value.weak') : ''), age: ageText(Number(age) * 1000) };
}

/** `[code, label, unit, first, lowest, highest, last]` as a row. */
export function trendRow({ words }: Line): string[] {
  const [code = '', , unit = '', ...numbers] = words;
  return [`${codeLabel(code)} ${unitText(unit)}`.trim(), ...numbers];
}
