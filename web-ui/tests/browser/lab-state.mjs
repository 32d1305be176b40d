// Patients and laboratory results, written shortly, and a server that keeps them as the appliance does.

import { alarm, stable, v, wardState } from './ward-state.mjs';

export function identity(family, given, id, born = null, sex = '') {
  return { ids: id === '' ? [] : [id], family, given, born, sex };
}

/** `result(1, 'HGB', '6.9', 'g/dL', { flag: 'critical_low', age: 60_000 })` */
export function result(number, test, value, unit, more = {}) {
  const id = `00000001aabbccdd-${number}`;
  return {
    id, first: id, device: 'sysmex', specimen: 'S-1001', test, code: test, value, unit, range: '', flag: 'normal', status: 'final',
    completed: '2027-03-04 13:55:00', age: 600_000, was: null, assigned_by: null, doubt: null, sent: null, ...more,
  };
}

const timed = (one, now, wall) => {
  const { age, ...rest } = one;
  return { ...rest, received_ms: age === null ? null : Math.round(now - age), received_wall_ms: age === null ? null : wall - age };
};

/** Two beds; bed 1 has a name and results, bed 2 nobody has said; two results wait for a word. */
export function ward() {
  const jane = identity('Doe', 'Jane', 'PT-0007', '1960-01-01', 'F');
  const beds = {
    1: {
      identity: jane, identified_by: 'Grace O.', specimens: [{ specimen: 'S-1001', by: 'Grace O.' }],
      results: [
        result(4, 'Haemoglobin', '6.9', 'g/dL', { range: '12.0-16.0', flag: 'critical_low', age: 150_000 }),
        result(3, 'Potassium', '5.9', 'mmol/L', { range: '3.5-5.1', flag: 'high', status: 'corrected', was: '6.9 mmol/L', age: 3_900_000 }),
        result(2, 'White cells', '7.21', '10*3/uL', { range: '4.0-10.0', age: 91_800_000 }),
        result(1, 'HIV', '', '', { flag: 'none', status: 'pending', specimen: '', completed: null, age: null, assigned_by: 'Grace O.' }),
      ],
    },
    2: { identity: null, identified_by: null, specimens: [], results: [] },
  };
  const nobody = [
    result(9, 'Haemoglobin', '7.1', 'g/dL', { specimen: 'S-1002', flag: 'low', doubt: 'other_name', sent: identity('Karim', '', 'PT-0007') }),
    result(8, 'Potassium', '4.1', 'mmol/L', { specimen: 'S-1002', doubt: 'other_name', sent: identity('Karim', '', 'PT-0007') }),
    result(7, 'CRP', '112', 'mg/L', { specimen: '', flag: 'high', doubt: 'unknown', sent: identity('', '', '') }),
  ];
  const state = wardState({
    beds: [stable('1'), stable('2', { patient: {} })],
    alarms: [
      alarm(1, 'lab_critical.low.00000001aabbccdd-4', 'medium', { bed: '1', value: '6.9', unit: 'g/dL', text: 'Haemoglobin', device: 'sysmex', lasted: 120_000 }),
    ],
  });
  const chart = { beds, nobody, admissions: { 1: 'unidentified-1', 2: 'unidentified-2' }, revision: 1 };
  const draw = () => {
    state.beds = state.beds.map((one) => {
      const known = chart.beds[one.id];
      const initials = known.identity === null ? '' : `${known.identity.given[0]}. ${known.identity.family[0]}.`;
      const { vacant = false } = known;
      const perhaps = known.perhaps === undefined ? null : { initials: 'J. D.', since_ms: null };
      const patient = { perhaps, admission: chart.admissions[one.id], vacant, known: known.identity !== null, initials, results: known.results.length, revision: chart.revision };
      return { ...one, patient, category: known.category ?? 'adult' };
    });
    state.laboratory = { results: chart.nobody.length, revision: chart.revision };
  };
  draw();
  return { state, chart, draw };
}

/** The server answers and keeps as the appliance does. */
export function serve(server, { chart, draw }) {
  server.told = (path, now, wall) => {
    const bed = /^\/api\/v1\/beds\/(\w+)\/patient$/.exec(path)?.[1];
    if (bed !== undefined) {
      const { results, notes = [], ...rest } = chart.beds[bed];
      const written = notes.map(({ age, ...note }) => ({ ...note, at_ms: Math.round(now - age), wall_ms: Math.round(wall - age) }));
      const body = { bed, admission: chart.admissions[bed], since_ms: null, left_out: 0, category: 'adult', vacant: false, merged: [], ...rest, notes: written, results: results.map((one) => timed(one, now, wall)) };
      return { body };
    }
    if (path === '/api/v1/handovers') return { body: { handovers: [] } };
    if (path === '/api/v1/laboratory') return { body: { results: chart.nobody.map((one) => timed(one, now, wall)), left_out: 0 } };
    return undefined;
  };
  server.onCommand = (path, body, by) => {
    const [, bed, what] = /^\/api\/v1\/beds\/(\w+)\/(identify|specimen)$/.exec(path) ?? [];
    const [, noted, back] = /^\/api\/v1\/beds\/(\w+)\/note(\/withdraw)?$/.exec(path) ?? [];
    if (what === 'identify') {
      const { ids, family, given, born, sex, category } = body;
      if (body.change === 'new') {
        chart.admissions[bed] = `${bed}-00000001aabbccdd-1`;
        chart.beds[bed] = { identity: null, identified_by: null, specimens: [], results: [] };
      }
      Object.assign(chart.beds[bed], { identity: { ids, family, given, born, sex }, identified_by: by, vacant: false });
      if (category !== undefined) chart.beds[bed].category = category;
    } else if (noted !== undefined) {
      writeNote(chart.beds[noted], back, body, by);
    } else if (what === 'specimen') {
      chart.beds[bed].specimens.unshift({ specimen: body.specimen, by });
    } else if (path.startsWith('/api/v1/laboratory/')) {
      const mine = (one) => body.results.includes(one.id);
      const all = [...chart.nobody, ...Object.values(chart.beds).flatMap((one) => one.results)].filter(mine);
      chart.nobody = chart.nobody.filter((one) => !mine(one));
      for (const one of Object.values(chart.beds)) one.results = one.results.filter((held) => !mine(held));
      if (path.endsWith('/assign')) chart.beds[body.bed].results.unshift(...all.map((one) => ({ ...one, doubt: null, sent: null, assigned_by: by })));
    } else {
      return;
    }
    chart.revision += 1;
    draw();
  };
}

/** A note is put before the others, or crossed out. */
function writeNote(bed, back, { text, note }, by) {
  bed.notes ??= [];
  if (back === undefined) bed.notes.unshift({ note: `00000001aabbccdd-${bed.notes.length + 1}`, age: 0, by, text, withdrawn_by: null });
  else bed.notes = bed.notes.map((one) => (one.note === note ? { ...one, withdrawn_by: by } : one));
}
