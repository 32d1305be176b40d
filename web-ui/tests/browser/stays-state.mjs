// Four beds and their devices, and a server that discharges, transfers, merges and moves devices as the appliance does.

import { identity, result, serve as serveLab, ward as labWard } from './lab-state.mjs';
import { DEVICES } from './office-state.mjs';
import { bed, stable } from './ward-state.mjs';

/** `Doe Jane` in bed 1, `Karim Abdul` in bed 2, bed 3 is empty, in bed 4 lies somebody unknown. */
export function ward() {
  const lab = labWard();
  const { state, chart, draw } = lab;
  state.beds.push(bed('3', [], { link: 'silent' }), stable('4'));
  state.alarms = [];
  chart.beds[2].identity = identity('Karim', 'Abdul', 'PT-0012', '1975-06-02', 'M');
  chart.beds[3] = { identity: null, identified_by: null, specimens: [], results: [], vacant: true };
  chart.beds[4] = { identity: null, identified_by: null, specimens: [], results: [] };
  Object.assign(chart.admissions, { 3: 'unidentified-3', 4: 'unidentified-4' });
  chart.earlier = [
    { admission: 'kofi-1', identity: identity('Mensah', 'Kofi', 'PT-0003', '1990-02-11', 'M'), bed: '2', from: 400_000_000, until: 90_000_000, disposition: 'home' },
    { admission: 'unidentified-9', identity: null, bed: '3', from: 7_200_000, until: 3_600_000, disposition: null },
  ];
  chart.devices = DEVICES;
  chart.next = 1;
  draw();
  return lab;
}

/** The same beds, whose server knows stays and devices. */
export function serve(server, lab) {
  const { chart, draw } = lab;
  serveLab(server, lab);
  const [told, onCommand] = [server.told, server.onCommand];
  server.told = (path, now, wall, search) => {
    if (/^\/api\/v1\/beds\/\w+\/earlier$/.test(path)) {
      const stays = chart.earlier.map(({ from, until, ...one }) => ({ ...one, from_wall_ms: wall - from, until_wall_ms: wall - until }));
      return { body: { stays } };
    }
    if (path === '/api/v1/devices') return { body: { devices: chart.devices } };
    return told(path, now, wall, search);
  };
  server.onCommand = (path, body, by) => {
    const [, bed, what] = /^\/api\/v1\/beds\/(\w+)\/(discharge|transfer|merge|same-patient)$/.exec(path) ?? [];
    const device = /^\/api\/v1\/devices\/([\w.-]+)\/bind$/.exec(path)?.[1];
    if (bed === undefined && device === undefined) return onCommand(path, body, by);
    const refused = device === undefined ? STAYS[what](chart, bed, body, by) : bind(chart, device, body, by);
    if (refused !== undefined) return { refused: 409, error: refused };
    chart.revision += 1;
    draw();
    return undefined;
  };
}

const SOMEBODY_ELSE = 'somebody else lies there since you looked';

function empty(chart, bed, by) {
  chart.beds[bed] = { identity: null, identified_by: by, specimens: [], results: [], vacant: true };
  chart.admissions[bed] = `${bed}-00000001aabbccdd-${chart.next}`;
  chart.next += 1;
}

/** Bed 1 is heard again after long: Doe Jane lay there, and nobody has said yet who does now. */
export function silent(lab) {
  const { chart, draw } = lab;
  chart.perhaps = { admission: chart.admissions[1], ...chart.beds[1] };
  chart.beds[1] = { identity: null, identified_by: null, specimens: [], results: [], perhaps: { identity: chart.perhaps.identity } };
  chart.admissions[1] = '1-00000001aabbccdd-9';
  chart.revision += 1;
  draw();
}

const STAYS = {
  'same-patient'(chart, bed, { saw, lies }, by) {
    if (saw !== chart.admissions[bed] || chart.beds[bed].perhaps === undefined) return 'somebody has said who lies there since you looked';
    if (lies === 'nobody') return empty(chart, bed, by);
    delete chart.beds[bed].perhaps;
    if (lies === 'other') return void (chart.beds[bed].identified_by = by);
    const { admission, ...known } = chart.perhaps;
    Object.assign(chart.beds[bed], known, { identified_by: by, merged: [saw] });
    chart.admissions[bed] = admission;
  },
  discharge(chart, bed, { saw }, by) {
    if (saw !== chart.admissions[bed]) return SOMEBODY_ELSE;
    empty(chart, bed, by);
  },
  transfer(chart, bed, { saw, to, to_saw, swap }, by) {
    if (saw !== chart.admissions[bed] || to_saw !== chart.admissions[to]) return SOMEBODY_ELSE;
    const { beds, admissions } = chart;
    if (!beds[to].vacant && !swap) return `bed ${to} is not empty: swap, or discharge first`;
    [beds[bed], beds[to]] = [beds[to], beds[bed]];
    [admissions[bed], admissions[to]] = [admissions[to], admissions[bed]];
    if (!swap) empty(chart, bed, by);
  },
  merge(chart, bed, { saw, into }, by) {
    if (saw !== chart.admissions[bed]) return SOMEBODY_ELSE;
    const found = chart.earlier.find(({ admission }) => admission === into);
    if (found === undefined) return 'that stay is in another bed now';
    chart.earlier = chart.earlier.filter((one) => one !== found);
    const glucose = result(12, 'Glucose', '5.1', 'mmol/L', { specimen: 'S-0900', age: 200_000_000 });
    Object.assign(chart.beds[bed], { identity: found.identity, identified_by: by, merged: [saw], results: [...chart.beds[bed].results, glucose], vacant: false });
    chart.admissions[bed] = into;
  },
};

function bind(chart, id, { saw, bed }, by) {
  const found = chart.devices.find((one) => one.id === id);
  if (found.bed !== saw) return `${id} was moved meanwhile`;
  chart.devices = chart.devices.map((one) => (one === found ? { ...one, bed, moved_by: by } : one));
  return undefined;
}
