// One of each sign, as the page itself draws it: beds and alarms of nobody, made up here and nowhere else.

import type { Score } from '../../../live/score';
import { slotsOf, type Slot } from '../../../live/slots';
import type { Alarm, Bed, Value } from '../../../live/types';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

function value(code: string, number: string | null, ageMs: number, now: number, more: Partial<Value> = {}): Value {
  return {
    code, label: '', unit: '', value: number, reason: null, quality: 'good', kind: 'continuous', at_ms: now - ageMs, last_value: null,
    low: '90', high: '100', ...more,
  };
}

function bedOf(values: Value[]): Bed {
  return {
    id: 'help', label: '', category: 'adult', device: 'help', link: 'live', link_since_ms: null, link_reason: null, device_clock_ms: null,
    device_alarms: null, values, patient: { admission: 'help', known: false, vacant: false, initials: '', results: 0, revision: 0, perhaps: null }, score: null,
  };
}

const single = (values: Value[], now: number): Slot => slotsOf(bedOf(values), now).find(({ name }) => name === 'spo2')!;
const cuff = (minutes: number, now: number): Slot => {
  const more = { kind: 'intermittent', low: null, high: null } as const;
  const values = [['nibp_s', '119'], ['nibp_d', '73'], ['nibp_m', '89']] as const;
  return slotsOf(bedOf(values.map(([code, number]) => value(code, number, minutes * MINUTE, now, more))), now).find(({ name }) => name === 'nibp')!;
};

export const NUMBERS = ['live', 'stale', 'gone', 'probe_off', 'searching', 'weak', 'implausible', 'absent', 'cuff', 'cuff_old', 'by_hand', 'whose'] as const;

/** A number in each of its states, by the words that explain it. */
export function slotOf(what: (typeof NUMBERS)[number], now: number): Slot {
  const without = (reason: Value['reason']) => [value('spo2', null, SECOND, now, { reason })];
  switch (what) {
    case 'live':
    case 'whose':
      return single([value('spo2', '97', SECOND, now)], now);
    case 'stale':
      return single([value('spo2', '97', 7 * SECOND, now)], now);
    case 'gone':
      return single([value('spo2', '97', 12 * SECOND, now)], now);
    case 'probe_off':
    case 'searching':
    case 'implausible':
      return single(without(what), now);
    case 'weak':
      return single([value('spo2', '88', SECOND, now, { quality: 'questionable' })], now);
    case 'absent':
      return single([], now);
    case 'cuff':
      return cuff(4, now);
    case 'cuff_old':
      return cuff(75, now);
    case 'by_hand': {
      const by_hand = [{ key: 'spo2', value: '95', unit: '%', at_ms: now - 4 * MINUTE, by: 'Grace O.' }];
      return slotsOf({ ...bedOf([]), score: { ...SCORE, by_hand } }, now).find(({ name }) => name === 'spo2')!;
    }
  }
}

export const ALARMS = ['high', 'medium', 'low', 'technical', 'acknowledged', 'latched', 'again', 'recalled', 'silent', 'seen', 'expired'] as const;

/** An alarm in each of its states. */
export function alarmOf(what: (typeof ALARMS)[number], now: number): Alarm {
  const high: Alarm = {
    id: `help-${what}`, condition: 'limit.spo2.low', priority: 'high', kind: 'physiological', phase: 'active', sounds: true, flashes: true,
    bed: null, value: '83', limit: '90', device: null, unit: '', text: '', earlier_patient: false, again_ms: null, recalled: null, calls_again_ms: null, crossed_ms: null, onset_ms: now - 48 * SECOND, onsets: 1, acknowledged_by: null, seen: [],
    delivery: 'at_centre', delivery_ms: null, steps: [], responsible: null, undelivered: [],
  };
  const quiet = { sounds: false, flashes: false } as const;
  switch (what) {
    case 'high':
      return high;
    case 'medium':
      return { ...high, priority: 'medium', condition: 'limit.rr.high', value: '34', limit: '30' };
    case 'low':
      return { ...high, priority: 'low', condition: 'limit.temp.low', value: '35.8', limit: '36.0', flashes: false };
    case 'technical':
      return { ...high, priority: 'medium', kind: 'technical', condition: 'probe_off.spo2', value: null, limit: null };
    case 'acknowledged':
      return { ...high, ...quiet, phase: 'acknowledged', acknowledged_by: 'Grace O.' };
    case 'latched':
      return { ...high, phase: 'latched' };
    case 'again':
      return { ...high, onset_ms: now - 4 * MINUTE, again_ms: now - 12 * SECOND, onsets: 2 };
    case 'expired':
      return { ...high, delivery: 'expired' };
    case 'recalled':
      return { ...high, onset_ms: now - 11 * MINUTE, onsets: 2, recalled: { why: 'still_there', acknowledged_ms: now - 10 * MINUTE } };
    case 'silent':
      return { ...high, sounds: false };
    case 'seen':
      return { ...high, ...quiet, phase: 'acknowledged', acknowledged_by: 'Grace O.', delivery: 'read', seen: [{ by: 'Dr K.', at_ms: null }] };
  }
}

export const SCORE: Score = {
  score: 'news2', name: 'NEWS2', total: 7, band: 'high', reason: null, missing: [], impossible: [], age_missing: false, not_for: null, red: true,
  age_recorded: true, scale: 1, scale_by: null, paced: false, parts: [], by_hand: [], since_ms: 0, by: null,
};

/** Without a total, and one of its parts is red already. */
export const SCORE_RED: Score = { ...SCORE, total: null, band: null, reason: 'incomplete' };
