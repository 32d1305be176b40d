// Posts and alerts for the doctor's page, written shortly. Ages are given; the fake server makes times of them.

import { v } from './ward-state.mjs';

export function remoteBed(id, values) {
  return { id, label: `Bed ${id}`, values };
}

export function alert(number, condition, priority, more = {}) {
  const technical = !/^(limit|desaturation)/.test(condition);
  return {
    post: 'kintampo', id: `00000001aabbccdd-${number}`, condition, priority, kind: technical ? 'technical' : 'physiological',
    phase: 'active', bed: '2', bed_label: 'Bed 2', value: null, limit: null, age: 48_000, delay_ms: 640, past: false, onsets: 1,
    acknowledged_by: null, seen: [], ...more,
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
          remoteBed('2', [v('hr', '64', { age: 760_000 }), v('spo2', '99', { age: 760_000 })]),
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
  };
}

/** The state with ages turned into times, as the interface has them. */
export function timedCentre(state, now, wall) {
  const value = ({ age, last, kind, low, high, ...rest }) => ({ ...rest, measured_wall_ms: wall - age, age_ms: age });
  return {
    ...state,
    posts: state.posts.map(({ heartbeat_age, beds, ...rest }) => ({
      ...rest,
      heartbeat_ms: heartbeat_age === null ? null : now - heartbeat_age,
      beds: beds.map((one) => ({ ...one, values: one.values.map(value) })),
    })),
    alerts: state.alerts.map(({ age, seen, ...rest }) => ({
      ...rest,
      onset_wall_ms: wall - age,
      received_wall_ms: wall - age + (rest.delay_ms ?? 0),
      seen: seen.map(({ age: ago, ...one }) => ({ expired: false, ...one, wall_ms: wall - ago })),
    })),
    alerts_total: state.alerts.filter(({ phase }) => phase !== 'ended').length + (state.alerts_cut ?? 0),
  };
}
