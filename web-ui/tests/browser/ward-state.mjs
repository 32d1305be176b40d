// Beds, values and alarms for the nurse's page, written shortly. Ages are given; the fake server makes times of them.

import { timedScore } from './scores-state.mjs';

const UNITS = { hr: '/min', pr: '/min', spo2: '%', rr: '/min', temp: 'Cel', nibp_s: 'mm[Hg]', nibp_d: 'mm[Hg]', nibp_m: 'mm[Hg]' };
const LIMITS = { hr: ['50', '120'], pr: ['50', '120'], spo2: ['90', null], rr: ['8', '30'], temp: ['36', '39'], nibp_s: ['90', '160'] };

/** One value: `v('spo2', '97')`, `v('spo2', null, { reason: 'probe_off' })`. */
export function v(code, value, { age = 400, reason = null, quality = 'good', last = null } = {}) {
  const [low, high] = LIMITS[code] ?? [null, null];
  const kind = code.startsWith('nibp') ? 'intermittent' : 'continuous';
  return { code, label: code.toUpperCase(), unit: UNITS[code], value, reason, quality, kind, age, last, low, high };
}

/** A cuff measurement `minutes` ago. */
export function nibp(sys, dia, mean, minutes) {
  const age = { age: minutes * 60_000 };
  return [v('nibp_s', sys, age), v('nibp_d', dia, age), v('nibp_m', mean, age)];
}

export function bed(id, values, more = {}) {
  return {
    id, label: `Bed ${id}`, category: 'adult', device: `monitor-${id}`, link: 'live', link_since_ms: 0, link_reason: null,
    device_alarms: null, ...more, values,
    patient: { admission: `unidentified-${id}`, known: false, vacant: false, initials: '', results: 0, revision: 0, ...more.patient },
  };
}

/** A quiet patient. */
export function stable(id, more = {}) {
  const n = Number(id);
  return bed(id, [
    v('hr', String(68 + ((n * 7) % 29))), v('spo2', String(95 + (n % 5))), v('rr', String(13 + (n % 7))),
    ...nibp(String(112 + n * 3), String(68 + n), String(83 + n), 2 + n), v('temp', (36.4 + n / 10).toFixed(1)),
  ], more);
}

export function alarm(number, condition, priority, more = {}) {
  const technical = !/^(limit|desaturation|lab_critical|score)/.test(condition);
  return {
    id: `00000001aabbccdd-${number}`, condition, priority, kind: technical ? 'technical' : 'physiological', phase: 'active',
    bed: null, value: null, limit: null, lasted: 48_000, onsets: 1, acknowledged_by: null, seen: [], delivery: 'at_centre', delivered: 20_000, steps: [],
    responsible: null, undelivered: [],
    ...more,
  };
}

export const CENTRE_UP = { state: 'up', age: 3_600_000, waiting: 0, name: 'District hospital', problem: null };
export const CENTRE_AWAY = { state: 'unreachable', age: 312_000, waiting: 1248, name: null, problem: 'connection refused at broker:8883' };

/** A state with its defaults. */
export function wardState(more = {}) {
  return {
    post: { id: 'demo', name: 'Demo health post' }, beds: [], alarms: [], centre: CENTRE_UP, problems: [], messages: [], outage: null,
    site: [
      { device: 'fridge', signal: 'temperature', value: '4.6', reason: null, unit: 'Cel', age: 2000 },
      { device: 'battery', signal: 'charge', value: '87', reason: null, unit: '%', age: 2000 },
    ],
    laboratory: { results: 0, revision: 0 },
    signals: { pauses: [], floods: [] },
    sound: { screens: 1, output: 'none' },
    curves: [],
    ...more,
  };
}

/** The state with ages turned into times of the server's clock, as the interface has them. */
export function timed(state, now) {
  const ago = (age) => Math.round(now - age);
  const value = ({ age, last, ...rest }) => ({
    ...rest, at_ms: ago(age), last_value: last === null ? null : { value: last.value, at_ms: ago(last.age) },
  });
  return {
    ...state,
    beds: state.beds.map(({ score, ...one }) => ({
      ...one, link_since_ms: ago(one.link_since_ms), values: one.values.map(value), score: score == null ? null : timedScore(score, now),
    })),
    alarms: state.alarms.map(({ lasted, again, recalled, callsIn, seen, delivered, steps, ...rest }) => ({
      sounds: rest.phase !== 'acknowledged', flashes: rest.phase !== 'acknowledged',
      ...rest,
      crossed_ms: lasted === null ? null : ago(lasted + 10_000),
      onset_ms: lasted === null ? null : ago(lasted),
      again_ms: again === undefined ? null : ago(again),
      recalled: recalled === undefined ? null : { why: recalled.why, acknowledged_ms: ago(recalled.age) },
      calls_again_ms: callsIn === undefined ? null : ago(-callsIn),
      steps: steps.map(({ age, ...one }) => ({
        by: null, to: null, until_wall_ms: null, reason: null, words: null, called: null, ...one, at_ms: age == null ? null : ago(age),
      })),
      delivery_ms: delivered === null ? null : ago(delivered),
      seen: seen.map(({ by, age }) => ({ by, at_ms: ago(age) })),
    })),
    messages: state.messages.map(({ age, ...rest }) => ({ wall_ms: null, ...rest, at_ms: age === null ? null : ago(age) })),
    outage: state.outage === null ? null : { from_ms: ago(state.outage.from), to_ms: ago(state.outage.to), kept: state.outage.kept, lost: state.outage.lost },
    centre: (({ age, ...rest }) => ({ ...rest, since_ms: ago(age) }))(state.centre),
    signals: {
      ...state.signals,
      pauses: state.signals.pauses.map(({ left, ...rest }) => ({ ...rest, until_ms: left === null ? null : ago(-left) })),
    },
    site: state.site.map(({ age, ...rest }) => ({ ...rest, at_ms: ago(age) })),
  };
}

/** What a doctor wrote: `message(1, 'Give oxygen', { bed: '2' })`. */
export function message(number, text, more = {}) {
  return { id: String(number).padStart(32, '0'), bed: null, by: 'Dr Adhiambo', age: 300_000, kind: 'text', text, ...more };
}

/** What a bed's monitor says of its own alarms: `monitorSays(['high', 'APNEA'], ['low', 'ECG LEADS OFF', 'technical'])`. */
export function monitorSays(...present) {
  const one = ([priority, text, kind = 'physiological']) => ({ priority, kind, text });
  return { device_alarms: { complete: true, present: present.map(one) } };
}

/** Eight beds, one of every kind of trouble. */
export function troubled() {
  const by = [{ by: 'Dr K. Mensah', age: 20_000 }];
  return wardState({
    beds: [
      stable('1'),
      bed('2', [v('pr', '112'), v('spo2', '84'), v('rr', '26'), ...nibp('148', '92', '111', 6), v('temp', '38.4')],
        monitorSays(['high', '*** SpO₂ LOW'], ['low', 'NBP CUFF LOOSE', 'technical'])),
      bed('3', [v('pr', null, { reason: 'probe_off', last: { value: '88', age: 240_000 } }),
        v('spo2', null, { reason: 'probe_off', last: { value: '96', age: 240_000 } }), v('rr', '17')]),
      bed('4', [v('hr', '91', { age: 400_000 }), v('spo2', '96', { age: 400_000 }), ...nibp('121', '80', '94', 20)],
        { link: 'silent', link_since_ms: 400_000, device_alarms: { complete: false, present: [] } }),
      bed('5', [v('hr', '138'), v('spo2', '97', { quality: 'questionable' }), v('rr', null, { reason: 'not_measured' }),
        ...nibp('104', '61', '75', 22), v('temp', '36.9')], { category: 'child', ...monitorSays() }),
      bed('6', [v('pr', '74', { age: 7000 }), v('spo2', '98', { age: 7000 }), v('temp', null, { reason: 'implausible' })]),
      bed('7', [v('hr', '141'), v('spo2', null, { reason: 'searching' }), v('rr', '44'), ...nibp('66', '38', '47', 90)],
        { category: 'neonate' }),
      bed('8', [], { device: null, link: null }),
    ],
    alarms: [
      alarm(1, 'limit.spo2.low', 'high', { bed: '2', value: '84', limit: '90', seen: by }),
      alarm(2, 'probe_off.spo2', 'low', { bed: '3', lasted: 236_000 }),
      alarm(3, 'device_silent', 'medium', { bed: '4', lasted: 390_000, delivery: 'sent' }),
      alarm(4, 'limit.hr.high', 'medium', { bed: '5', value: '138', limit: '120', phase: 'acknowledged', acknowledged_by: 'Grace O.' }),
      alarm(5, 'desaturation', 'high', { bed: '7', value: '78', limit: '80', phase: 'latched', lasted: 500_000, delivery: 'queued', delivered: 500_000 }),
      alarm(6, 'limit.pr.high', 'medium', { bed: '2', value: '131', limit: '120', phase: 'acknowledged', acknowledged_by: 'Grace O.' }),
    ],
  });
}
