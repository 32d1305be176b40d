// Pauses and limits, kept by the scripted server as the appliance keeps them.

const row = (code, label, unit, value, usual, more = {}) => ({
  code, label, unit, value, usual, in_force: usual, own: false, wider: false, proposed: null, ...more,
});

export const limitRows = () => [
  row('hr', 'HR', '/min', '80', { low: '50', high: '120' }, { proposed: { low: '64', high: '100' } }),
  row('pr', 'PR', '/min', '77', { low: '50', high: '120' }, { proposed: { low: '62', high: '96' } }),
  row('spo2', 'SpO2', '%', '91', { low: '90', high: null }),
];

/** Takes pauses and limits of `state`; SpO2 cannot be switched off. */
export function keepsSignals(server, state, rows = limitRows()) {
  const mark = () => {
    const rests = (bed) => state.signals.pauses.filter((pause) => pause.bed === null || pause.bed === bed);
    state.alarms = state.alarms.map((one) => ({
      ...one,
      sounds: one.phase !== 'acknowledged' && rests(one.bed).length === 0,
      flashes: one.phase !== 'acknowledged' && rests(one.bed).every((pause) => pause.what !== 'alarm_paused'),
    }));
  };
  server.onCommand = (path, body, by) => {
    const [, bed = null, verb] = /^\/api\/v1\/(?:beds\/([^/]+)\/)?(\w+)$/.exec(path);
    const others = state.signals.pauses.filter((pause) => pause.bed !== bed);
    if (verb === 'limits') return setLimits(rows, body);
    const what = body.what ?? 'audio_paused';
    const left = what === 'audio_off' ? null : 120_000;
    const now = verb === 'resume' ? [] : [{ bed, what, left, by }];
    state.signals = { ...state.signals, pauses: [...others, ...now] };
    mark();
    return {};
  };
  server.told = (path) => {
    const bed = /^\/api\/v1\/beds\/(\w+)\//.exec(path)?.[1];
    if (path.endsWith('/limits')) return { body: { admission: `unidentified-${bed}`, category: 'adult', values: rows } };
    if (!path.endsWith('/patient')) return undefined;
    return { body: {
      bed, admission: `unidentified-${bed}`, since_ms: null, left_out: 0, category: 'adult', vacant: false, merged: [],
      identity: null, identified_by: null, specimens: [], results: [],
    } };
  };
}

function setLimits(rows, body) {
  const at = rows.findIndex((one) => one.code === body.code);
  if (body.code === 'spo2' && body.low === null) {
    return { refused: 422, error: 'the lower limit of SpO2 cannot be switched off, nor set below 80' };
  }
  const own = body.usual !== true;
  const in_force = own ? { low: body.low, high: body.high } : rows[at].usual;
  rows[at] = { ...rows[at], own, in_force, wider: own && Number(in_force.high) > Number(rows[at].usual.high) };
  return {};
}
