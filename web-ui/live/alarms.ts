// Alarms as the screen needs them: in order of urgency, and as words.

import type { Key, Translate } from '../text/t';
import { scoreAlarmWords } from './score';
import { siteWords, type SiteWorded } from './site-words';
import { codeLabel, conditionCode } from './slots';
import type { Alarm, Priority } from './types';

export const MARKS: Record<Priority, string> = { high: '!!!', medium: '!!', low: '!' };

const URGENCY: Record<Priority, number> = { high: 0, medium: 1, low: 2 };

/** Nobody has acknowledged it. */
export function unacknowledged(alarm: Alarm): boolean {
  return alarm.phase !== 'acknowledged';
}

/** Worst first: unacknowledged before acknowledged, then by priority, then active before latched, then the newest. */
export function byUrgency(alarms: readonly Alarm[]): Alarm[] {
  const rank = (alarm: Alarm) => [
    unacknowledged(alarm) ? 0 : 1,
    URGENCY[alarm.priority],
    alarm.phase === 'latched' ? 1 : 0,
    -(alarm.onset_ms ?? 0),
  ];
  return [...alarms].sort((a, b) => {
    const [ranksA, ranksB] = [rank(a), rank(b)];
    for (let i = 0; i < ranksA.length; i += 1) {
      const difference = (ranksA[i] ?? 0) - (ranksB[i] ?? 0);
      if (difference !== 0) return difference;
    }
    return a.id < b.id ? -1 : 1;
  });
}

/** What somebody has acknowledged, holds still, and is more urgent than the first of `byUrgency`: it must not be forgotten over it. */
export function heldAbove(sorted: readonly Alarm[]): Alarm | null {
  const first = sorted[0];
  if (first === undefined) return null;
  const above = sorted.filter((alarm) => !unacknowledged(alarm) && URGENCY[alarm.priority] < URGENCY[first.priority]);
  return above[0] ?? null;
}

const PLAIN: Record<string, Key> = {
  device_silent: 'alarm.device_silent',
  centre_unreachable: 'alarm.centre_unreachable',
  store_set_aside: 'alarm.store_set_aside',
  store_failing: 'alarm.store_failing',
  card_nearly_full: 'alarm.card_nearly_full',
  clock_not_set: 'alarm.clock_not_set',
  certificate_expiring: 'alarm.certificate_expiring',
  no_screen_with_sound: 'alarm.no_screen_with_sound',
  alarm_undelivered: 'alarm.alarm_undelivered',
  patient_not_identified: 'alarm.patient_not_identified',
  line_disturbed: 'alarm.line_disturbed',
  restarted_by_itself: 'alarm.restarted_by_itself',
  'poor_signal.pi': 'alarm.low_perfusion',
  nobody_on_duty: 'alarm.nobody_on_duty',
};

/** `HGB 6.9 g/dL critically low`; null for any other condition. */
function labWords(alarm: SiteWorded & { earlier_patient?: boolean }, t: Translate): string | null {
  const side = /^lab_critical\.(low|high)\./.exec(alarm.condition)?.[1];
  if (side === undefined) return null;
  // Number and unit are one thing to read: never broken over two lines.
  const number = [alarm.value ?? '', alarm.unit ?? ''].filter((part) => part !== '').join('\u00a0');
  const result = `${alarm.text ?? ''} ${number}`.trim();
  const words = t('alarm.lab_critical', { result, side });
  return alarm.earlier_patient === true ? t('alarm.earlier_patient', { words }) : words;
}

/** `SpO2 84 < 90`, `SpO2: sensor off`, `No data from the monitor`, `fridge: temperature 9.4 > 8 °C`. */
export function alarmWords(alarm: SiteWorded, t: Translate): string {
  const { condition, value, limit } = alarm;
  const plain = PLAIN[condition];
  const where = (alarm as Partial<Alarm>).undelivered ?? [];
  if (where.length > 0) return t('alarm.undelivered', { where: where.join(', ') });
  if (plain !== undefined) return t(plain);
  const special = siteWords(alarm, t) ?? labWords(alarm, t) ?? scoreAlarmWords(alarm, t);
  if (special !== null) return special;
  if (condition.startsWith('monitor.')) return t('alarm.monitor', { text: alarm.text ?? '' });
  const code = conditionCode(condition);
  if (code === null) return t('alarm.unknown', { key: condition });
  const what = codeLabel(code);
  if (condition === 'desaturation') {
    return value === null ? t('alarm.desaturation') : t('alarm.desaturation.value', { value });
  }
  if (condition.startsWith('probe_off.')) return t('alarm.probe_off', { what });
  if (condition.startsWith('poor_signal.')) return t('alarm.poor_signal', { what });
  if (condition.startsWith('stale.')) return t('alarm.stale', { what });
  if (condition.startsWith('sensor_fault.')) return t('alarm.sensor_fault', { what });
  const side = condition.endsWith('.low') ? 'low' : 'high';
  if (value === null || limit === null) return t('alarm.limit', { what, side });
  // Value and limit are one thing to read: a line breaks before them, where it must.
  return `${what} ${`${value} ${side === 'low' ? '<' : '>'} ${limit}`.replaceAll(' ', '\u00a0')}`;
}
