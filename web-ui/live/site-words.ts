// Alarms about the post's own equipment, as words: `fridge: temperature 9.4 > 8 °C`, `ups: on battery`.

import type { Key, Translate } from '../text/t';
import { unitText } from './slots';

/** What can be worded: an alarm of the post or an alert at the centre. */
export interface SiteWorded {
  condition: string;
  value: string | null;
  limit: string | null;
  /** Which of the post's devices. */
  device?: string | null;
  /** Unit of value and limit, as the map writes it. */
  unit?: string;
  /** What the map calls it, in the language of whoever wrote it; empty for our own words. */
  text?: string;
}

/** Values that built-in maps alarm about; others are named as their map names them. */
const SIGNALS: Record<string, Key> = {
  temperature: 'signal.temperature',
  'battery.charge': 'signal.battery.charge',
  'battery.voltage': 'signal.battery.voltage',
  'battery.state': 'signal.battery.state',
  mode: 'signal.mode',
};

/** States that say all by their name. */
const STATES: Record<string, Key> = {
  'ups.on_battery': 'state.ups.on_battery',
  'ups.fault': 'state.ups.fault',
  'case.too_hot': 'state.case.too_hot',
  'alarm.low_voltage': 'state.alarm.low_voltage',
  'alarm.low_charge': 'state.alarm.low_charge',
  'alarm.high_temperature': 'state.alarm.high_temperature',
  'alarm.fuse_blown': 'state.alarm.fuse_blown',
};

/** The words of a `site.<trouble>.<signal>`; null for any other condition, also of a newer box. */
export function siteWords(alarm: SiteWorded, t: Translate): string | null {
  const [, trouble, signal] = /^site\.(low|high|state|missing)\.(.+)$/.exec(alarm.condition) ?? [];
  if (trouble === undefined || signal === undefined) return null;
  const words = about(alarm, trouble, signal, t);
  return alarm.device ? t('alarm.site', { device: alarm.device, words }) : words;
}

function about(alarm: SiteWorded, trouble: string, signal: string, t: Translate): string {
  const { value, limit, text } = alarm;
  const named = text || (SIGNALS[signal] === undefined ? signal : t(SIGNALS[signal]));
  const state = STATES[signal];
  if (trouble === 'missing') {
    const what = !text && state !== undefined ? t(state) : named;
    return t('alarm.site.missing', { what });
  }
  if (trouble === 'state') {
    if (text) return text;
    if (state !== undefined) return t(state);
    return value === null ? named : t('alarm.site.state', { what: named, value });
  }
  const side = trouble === 'low' ? 'low' : 'high';
  if (value === null || limit === null) return t('alarm.limit', { what: named, side });
  const unit = unitText(alarm.unit ?? '');
  // The numbers are one thing to read: never broken over two lines.
  const numbers = `${value} ${side === 'low' ? '<' : '>'} ${limit} ${unit}`.trim().replaceAll(' ', '\u00a0');
  return `${named}\u00a0${numbers}`;
}
