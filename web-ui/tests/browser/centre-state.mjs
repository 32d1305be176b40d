// Posts and alerts for the doctor's page, written shortly. Ages are given; the fake server makes times of them.

import { v } from './ward-state.mjs';

export function remoteBed(id, values, more = {}) {
  return { id, label: `Bed ${id}`, values, patient: null, ...more };
}

export function alert(number, condition, priority, more = {}) {
  const technical = !/^(limit|desaturation|lab_critical)/.test(condition);
  return {
    post: 'kintampo', id: `00000001aabbccdd-${number}`, condition, priority, kind: technical ? 'technical' : 'physiological',
    phase: 'active', bed: '2', bed_label: 'Bed 2', value: null, limit: null, age: 48_000, delay_ms: 640, past: false, ended_unheard: false, onsets: 1,
    acknowledged_by: null, seen: [], announced_age: null, state: 'at_centre', responsible: null, steps: [], ...more,
  };
}

export function centreState() {
  return {
    centre: 'District hospital',
    posts: [
      {
        id: 'kintampo', name: 'Kintampo health post', status: 'online', heartbeat_age: 4000, behind: 0,
        beds: [
          remoteBed('1', [v('hr', '75', { age: 3000 }), v('spo2', '96', { age: 3000 }), v('rr', '14', { age: 3000 }),
            v('nibp_s', '115', { age: 180_000 }), v('nibp_d', '69', { age: 180_000 }), v('temp', '36.5', { age: 3000 })]),
          remoteBed('2', [v('pr', '112', { age: 2000 }), v('spo2', '84', { age: 2000 }), v('rr', '26', { age: 2000 }),
            v('nibp_s', '148', { age: 360_000 }), v('nibp_d', '92', { age: 360_000 }), v('temp', '38.4', { age: 41_000 })]),
          remoteBed('3', [v('pr', null, { reason: 'probe_off' }), v('spo2', null, { reason: 'probe_off' }), v('rr', '17', { age: 2000 })]),
        ],
      },
      {
        id: 'yeji', name: 'Yeji clinic', status: 'lost', heartbeat_age: 754_000, behind: 1840,
        beds: [
          remoteBed('1', [v('hr', '91', { age: 760_000 }), v('spo2', '95', { age: 760_000 }), v('rr', '19', { age: 760_000 }),
            v('nibp_s', '121', { age: 1_500_000 }), v('nibp_d', '80', { age: 1_500_000 }), v('temp', '37.1', { age: 760_000 })]),
          remoteBed('2', [v('hr', '64', { age: 760_000 }), v('spo2', null, { reason: 'probe_off', age: 760_000 })]),
        ],
      },
      { id: 'prang', name: 'Prang outpost', status: 'stopped', heartbeat_age: 7_300_000, behind: 0, beds: [] },
    ],
    alerts: [
      alert(9, 'limit.spo2.low', 'high', { value: '84', limit: '90' }),
      alert(8, 'limit.pr.high', 'medium', { value: '131', limit: '120', age: 190_000, phase: 'acknowledged', acknowledged_by: 'Grace O.',
        seen: [{ by: 'Dr K. Mensah', age: 150_000, confirmed: true }] }),
      alert(7, 'desaturation', 'high', { post: 'yeji', bed: '1', bed_label: 'Bed 1', value: '78', limit: '80', age: 900_000, delay_ms: 640_000, past: true }),
      alert(6, 'device_silent', 'medium', { bed: '3', bed_label: 'Bed 3', age: 1_200_000, seen: [{ by: 'Dr A. Boateng', age: 4000, confirmed: false }] }),
      alert(5, 'store_failing', 'high', { bed: null, bed_label: null, age: 4_000_000, phase: 'latched', delay_ms: null }),
      alert(4, 'limit.rr.high', 'medium', { value: '34', limit: '30', age: 5_000_000, phase: 'ended' }),
      alert(3, 'probe_off.spo2', 'low', { age: 9_000_000, phase: 'ended' }),
    ],
    problems: [],
    duty: { state: 'no_roster', present: [] },
  };
}

/** The state with ages turned into times, as the interface has them. */
export function timedCentre(state, now, wall) {
  const value = ({ age, last, kind, low, high, ...rest }) => ({ ...rest, measured_wall_ms: wall - age, age_ms: age });
  return {
    ...state,
    posts: state.posts.map(({ heartbeat_age, beds, gap, outages = [], sent = [], ...rest }) => ({
      ...rest,
      gap: gap === undefined ? null : {
        records: gap.records, from_wall_ms: wall - gap.from_age, to_wall_ms: wall - gap.to_age, since_ms: now - gap.since,
      },
      outages: outages.map(({ from_age, to_age, ...one }) => ({
        ...one, from_wall_ms: wall - from_age, to_wall_ms: wall - to_age, over_wall_ms: Math.round((wall - to_age) / 1000),
      })),
      sent: sent.map(({ age, answered_age = null, ...one }) => ({
        bed: null, bed_label: null, text: null, limit: null, reason: null, ...one,
        wall_ms: wall - age, answered_wall_ms: answered_age === null ? null : wall - answered_age,
      })),
      heartbeat_ms: heartbeat_age === null ? null : now - heartbeat_age,
      beds: beds.map((one) => ({ ...one, values: one.values.map(value) })),
    })),
    alerts: state.alerts.map(({ age, seen, announced_age, responsible, steps, ...rest }) => ({
      ...rest,
      onset_wall_ms: wall - age,
      received_wall_ms: wall - age + (rest.delay_ms ?? 0),
      announced_wall_ms: announced_age === null ? null : wall - announced_age,
      responsible: responsible === null ? null : {
        confirmed: true, offered_to: null, offered_to_id: null, until_wall_ms: wall + 8 * 3_600_000, ...responsible,
      },
      steps: steps.map(({ age: ago, ...one }) => ({
        by: null, to: null, until_wall_ms: null, reason: null, words: null, called: null, called_ids: [], confirmed: true, refused: null, ...one, wall_ms: wall - ago,
      })),
      seen: seen.map(({ age: ago, ...one }) => ({ expired: false, refused: null, ...one, wall_ms: wall - ago })),
    })),
    alerts_total: state.alerts.filter(({ phase }) => phase !== 'ended').length + (state.alerts_cut ?? 0),
  };
}

/** The first post after an outage: half of what it made meanwhile is still on its way, and the doctor has written. */
export function afterOutage() {
  const state = centreState();
  Object.assign(state.posts[0], {
    behind: 12_345,
    gap: { records: 12_345, from_age: 3_900_000, to_age: 2_160_000, since: 60_000 },
    outages: [{ from_age: 90_000_00, to_age: 72_000_00, kept: 8120, lost: 0, oldest_alert_delay_ms: 1_740_000 }],
    sent: [
      { id: 'd', by: 'Dr K. Mensah', bed: '2', bed_label: 'Bed 2', text: 'Please turn up the oxygen and call me.', age: 20_000, state: 'waiting' },
      { id: 'c', by: 'Dr K. Mensah', bed: '1', bed_label: 'Bed 1', limit: { code: 'spo2', label: 'SpO2', side: 'low', limit: '88' }, age: 400_000, state: 'shown', answered_age: 240_000 },
      { id: 'b', by: 'Dr A. Boateng', bed: '9', bed_label: '9', text: 'How is she?', age: 500_000, state: 'refused', reason: 'unknown_bed', answered_age: 499_000 },
      { id: 'a', by: 'Dr A. Boateng', text: 'I am on duty until eight.', age: 90_000_000, state: 'expired' },
    ],
  });
  state.alerts.unshift(alert(10, 'limit.rr.high', 'high', { value: '38', limit: '30', age: 3_700_000, delay_ms: 1_740_000 }));
  state.alerts[6].phase = 'ended';
  Object.assign(state.alerts[6], { ended_unheard: true });
  state.alerts[2].seen[0] = { by: 'Dr K. Mensah', age: 150_000, confirmed: false, refused: 'unknown_alarm' };
  return state;
}
