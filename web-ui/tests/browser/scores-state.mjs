// Beds with scores, and a server that takes entries and computes as little as the cases need.

import { serve as serveLab, ward as labWard } from './lab-state.mjs';
import { alarm, stable } from './ward-state.mjs';

const PARTS = ['rr', 'spo2', 'on_oxygen', 'sbp', 'pulse', 'acvpu', 'temp'];

/** `score({ total: 5, band: 'medium' })`; ages of parts in ms. */
export function score(more = {}, parts = {}) {
  const part = (key) => ({ key, value: null, unit: '', age: null, by: null, from: null, points: null, state: 'missing', ...parts[key] });
  return {
    score: 'news2', name: 'NEWS2', total: null, band: null, reason: null, missing: [], impossible: [], age_missing: false,
    not_for: null, red: false, age_recorded: true, scale: 1, scale_by: null, paced: false, since: 300_000, by: null, parts: PARTS.map(part), by_hand: [], ...more,
  };
}

export const incomplete = (more = {}) =>
  score({ reason: 'incomplete', missing: ['rr', 'on_oxygen', 'acvpu', 'temp'], age_recorded: false, ...more }, {
    spo2: { value: '97', unit: '%', age: 900, points: 0, state: 'points' },
    pulse: { value: '75', unit: '/min', age: 900, from: 'pleth', points: 0, state: 'points' },
    sbp: { value: '118', unit: 'mm[Hg]', age: 240_000, points: 0, state: 'points' },
  });

export const medium = (more = {}) =>
  score({ total: 5, band: 'medium', red: true, by: 'Grace O.', since: 0, ...more }, {
    rr: { value: '22', unit: '/min', age: 0, by: 'Grace O.', points: 2, state: 'points' },
    spo2: { value: '97', unit: '%', age: 900, points: 0, state: 'points' },
    on_oxygen: { value: 'air', age: 0, by: 'Grace O.', points: 0, state: 'points' },
    sbp: { value: '118', unit: 'mm[Hg]', age: 240_000, points: 0, state: 'points' },
    pulse: { value: '75', unit: '/min', age: 900, from: 'pleth', points: 0, state: 'points' },
    acvpu: { value: 'C', age: 0, by: 'Grace O.', points: 3, state: 'points' },
    temp: { value: '36.8', unit: 'Cel', age: 0, by: 'Grace O.', points: 0, state: 'points' },
  });

/** One bed for each look of a score, the first with a patient whose chart can be opened. */
export function ward() {
  const lab = labWard();
  const { state } = lab;
  state.beds.push(stable('3'), stable('4'), stable('5', { category: 'child' }), stable('6'));
  for (const n of [3, 4, 5, 6]) {
    lab.chart.beds[n] = { identity: null, identified_by: null, specimens: [], results: [], category: n === 5 ? 'child' : 'adult' };
    lab.chart.admissions[n] = `unidentified-${n}`;
  }
  const scores = [
    incomplete(), score({ total: 1, band: 'low' }), medium({ scale: 2, scale_by: 'Ama Mensah' }), score({ total: 9, band: 'high', red: true }),
    score({ score: 'bedside_pews', name: 'Bedside PEWS', reason: 'incomplete', missing: ['effort'], age_missing: true, parts: [] }),
    score({ total: 3, band: 'low-medium', red: true }),
  ];
  state.beds = state.beds.map((bed, n) => ({ ...bed, score: scores[n] }));
  state.alarms = [
    alarm(1, 'score.news2', 'medium', { bed: '3', value: '5', limit: '5', text: 'NEWS2' }),
    alarm(2, 'score.news2', 'high', { bed: '4', value: '9', limit: '7', text: 'NEWS2' }),
  ];
  Object.assign(lab.chart.beds[1], { observations: [], care: { pregnancy: null, spo2_scale: null, paced: null } });
  lab.draw();
  return lab;
}

/** Times of the server's clock in place of ages, where a state has scores. */
export function timedScore({ since, parts, by_hand, ...rest }, now) {
  const part = ({ age, ...one }) => ({ ...one, at_ms: age === null ? null : Math.round(now - age) });
  return { ...rest, since_ms: Math.round(now - since), parts: parts.map(part), by_hand: by_hand.map(part) };
}

/** The server takes entries, withdrawals and facts as the appliance does. */
export function serve(server, lab) {
  serveLab(server, lab);
  const { onCommand } = server;
  const { state, chart, draw } = lab;
  server.onCommand = (path, body, by) => {
    const [, bed, what] = /^\/api\/v1\/beds\/(\w+)\/(observe|withdraw|care|spo2-scale)$/.exec(path) ?? [];
    if (what === undefined) return onCommand(path, body, by);
    const said = (value) => ({ value, by, at_ms: Math.round(server.now()), wall_ms: null });
    const known = chart.beds[bed];
    const { saw: _, minutes_ago: __, ...findings } = body;
    if (what === 'observe') {
      const entry = `00000001aabbccdd-${known.observations.length + 1}`;
      known.observations.unshift({ entry, at_ms: Math.round(server.now()), wall_ms: null, by, findings, withdrawn_by: null });
      set(bed, medium());
      bump();
      return { entry };
    }
    if (what === 'withdraw') {
      known.observations.find(({ entry }) => entry === body.entry).withdrawn_by = by;
      set(bed, incomplete());
    } else if (what === 'spo2-scale') {
      known.care.spo2_scale = said(body.scale);
      set(bed, incomplete({ scale: body.scale, scale_by: by }));
    } else if (body.pregnancy !== undefined) known.care.pregnancy = said(body.pregnancy);
    else known.care.paced = said(body.paced);
    bump();
    return undefined;
  };
  function set(bed, score) {
    state.beds = state.beds.map((one) => (one.id === bed ? { ...one, score } : one));
  }
  function bump() {
    chart.revision += 1;
    draw();
  }
}
