// How a scripted post is, and its self-test, kept as the appliance keeps it.

const row = (part, state, found, figures = {}, more = {}) => ({
  part, of: null, state, found, why: null, figures: Object.entries(figures).map(([what, value]) => ({ what, value })), ...more,
});

/** One of each state, with the longest of what is said. */
export function systemRows({ heard = null, upsMin = null, link = 'up' } = {}) {
  const way = link === 'up'
    ? row('link', 'ok', 'link_good', { round_ms: 212.4, round_ms_max: 1250, rounds: 14, lost: 0 })
    : row('link', 'failed', 'link_unreachable', {}, { why: 'cannot reach centre.example.org:8883: connection refused' });
  const power = upsMin === null ? row('power', 'not_measured', 'power_untold') : row('power', 'ok', 'power_ups', { ups_min: upsMin });
  const output = { null: ['not_measured', 'output_unasked'], true: ['ok', 'output_heard'], false: ['failed', 'output_unheard'] }[heard];
  return [
    power,
    row('network', 'ok', 'network_up', { mbit_per_s: 1000 }, { of: 'eth0', why: '10.0.0.9' }),
    row('network', 'not_measured', 'network_down', {}, { of: 'wlan0' }),
    way,
    row('alarm_way', 'ok', 'alarm_way_good', { round_ms: 180, round_ms_max: 240, rounds: 3 }),
    row('queue', link === 'up' ? 'ok' : 'look', link === 'up' ? 'queue_short' : 'queue_long', { waiting: 3 }),
    row('disk', 'look', 'disk_slow', { free_bytes: 21_474_836_480, days_left: 412, write_ms: 612.5, write_ms_max: 2204, worn_percent: 30 }),
    row('clock', 'ok', 'clock_agrees', { ahead_s: -0.042 }),
    row('keeper', 'look', 'keeper_missing'),
    row('software', 'look', 'software_installed', {}, { of: '1.2.0', why: '1.3.0' }),
    row('output', ...output),
    row('screen', 'ok', 'screen_on', {}, { of: 'Nurses\' desk' }),
    row('screen', 'failed', 'screen_blocked', {}, { of: 'Wall' }),
    row('device', 'ok', 'device_good', { heard_ago_s: 0.84, seen_per_s: 2.417, every_s: 10, faults_per_min: 0 }, { of: 'monitor-1' }),
    row('device', 'failed', 'device_closed', { every_s: 10 }, { of: 'oxi-2', why: 'serial port /dev/serial/by-id/usb-FTDI_FT232R_A50285BI-if00-port0 is not there' }),
  ];
}

const counts = (rows) => {
  const of = (state) => rows.filter((one) => one.state === state).length;
  return { ok: of('ok'), look: of('look'), failed: of('failed'), not_measured: of('not_measured') };
};

export const SHA = '3f'.repeat(32);

/** `person` may run it; each look at a run moves it on by `step` percent. */
export function system(server, person, { step = 34, link = 'up' } = {}) {
  server.door.person = person;
  const state = { run: null, kept: [] };
  server.system = state;
  const { told } = server;
  server.told = (path, now, wall, search) => {
    if (path === '/api/v1/system') return { body: { rows: systemRows({ link }) } };
    if (path === '/api/v1/self-test') {
      if (state.run !== null && state.run.percent < 100) {
        state.run = { ...state.run, percent: Math.min(100, state.run.percent + step) };
        if (state.run.percent === 100) state.run.rows = systemRows({ link });
      }
      return { body: { run: state.run, kept: state.kept.map(({ rows: _, remark: __, sha256: ___, whole: ____, ...short }) => short) } };
    }
    const id = /^\/api\/v1\/self-test\/(\d+)$/.exec(path)?.[1];
    if (id !== undefined) {
      const found = state.kept.find((one) => one.id === Number(id));
      return found === undefined ? { status: 404, body: { error: 'there is no such result here' } } : { body: found };
    }
    return told(path, now, wall, search);
  };
  server.onCommand = (path, body, by) => {
    if (path === '/api/v1/self-test') {
      if (state.run !== null && state.run.percent < 100) return { refused: 409, error: 'a self-test runs already: wait until it is done' };
      state.run = { id: (state.run?.id ?? 0) + 1, began_ms: server.wall(), trust: server.trust, by, percent: 0, played: true, rows: [] };
      return { id: state.run.id };
    }
    if (path === '/api/v1/self-test/sign') {
      if (state.run?.id !== body.run) return { refused: 409, error: 'this self-test is not there any more: run it again' };
      const rows = systemRows({ heard: body.heard, upsMin: body.ups_min, link });
      const kept = { id: state.kept.length + 1, began_ms: state.run.began_ms, signed_ms: server.wall(), trust: server.trust, by, counts: counts(rows), rows, remark: body.remark, sha256: SHA, whole: true };
      state.kept.unshift(kept);
      state.run = null;
      return kept;
    }
    return undefined;
  };
}
