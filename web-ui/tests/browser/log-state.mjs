// The log of alarms of a scripted post, as the appliance answers it.

/** What the server was asked, the last one last. */
export function log(server, who) {
  server.door.person = who;
  server.logs = [];
  server.told = (path, _now, wall, query) => {
    const answer = logAnswer(path, wall, query);
    if (answer !== undefined) server.logs.push(path + query);
    return answer;
  };
}

export function logAnswer(path, wall, query) {
  if (path === '/api/v1/alarm-log/week') return { body: figures(new URLSearchParams(query).get('week')) };
  if (path !== '/api/v1/alarm-log') return undefined;
  const asked = new URLSearchParams(query);
  const entries = all(wall).filter(
    (entry) =>
      (asked.get('bed') ?? entry.bed) === entry.bed &&
      (asked.get('priority') ?? entry.priority) === entry.priority &&
      JSON.stringify(entry).toLowerCase().includes((asked.get('text') ?? '').toLowerCase()),
  );
  const limit = Number(asked.get('limit'));
  return { body: { entries: entries.slice(0, limit), more: entries.length > limit, read_from: null } };
}

function all(wall) {
  const at = (age, trust = 'synchronised') => ({ wall: Math.round((wall - age) / 1000) * 1000, trust });
  const step = (age, what, by = null, from = null) => ({ at: at(age), what, by, from });
  const alarm = (number, age, condition, more) => ({
    kind: 'alarm', at: at(age), alarm: `0000000700000007-${number}`, bed: '1', stay: '7-0000000700000007-1', condition, text: '', unit: '',
    device: 'monitor-1', priority_first: 'medium', priority: 'medium', value: null, worst: null, limit: null, crossed: at(age + 10_000), ended: null,
    phase: 'active', onsets: 1, doctors: null, steps: [step(age, 'began')], ...more,
  });
  const change = (kind, age, before, after, by) => ({ kind, at: at(age), bed: '1', stay: null, before, after, by, from: 's1 at 10.0.0.9' });
  return [
    alarm(9, 60_000, 'limit.hr.high', { bed: '2', value: '131', worst: '138', limit: '120' }),
    alarm(8, 600_000, 'limit.spo2.low', {
      value: '88', worst: '84', limit: '90', onsets: 2, ended: at(300_000), phase: 'ended', doctors: 'read',
      steps: [
        step(600_000, 'began'), step(590_000, 'ended'), step(560_000, 'again'), step(540_000, 'read', 'Dr Ama Boateng'),
        step(515_000, 'acknowledged', 'Grace O.', 's1 at 10.0.0.9'), step(300_000, 'ended'),
      ],
    }),
    change('limits', 700_000, 'spo2 90 to off', 'spo2 88 to off', 'Grace O.'),
    change('signals', 720_000, null, 'audio_paused', 'Grace O.'),
    alarm(7, 1_200_000, 'desaturation', {
      priority: 'high', priority_first: 'high', value: '78', worst: '74', phase: 'ended', ended: at(1_180_000),
      steps: [step(1_200_000, 'began'), step(1_195_000, 'latched'), step(1_180_000, 'acknowledged', 'Ama Mensah'), step(1_180_000, 'ended')],
    }),
    alarm(6, 1_800_000, 'probe_off.spo2', { priority_first: 'low', phase: 'ended', ended: at(1_788_000), steps: [step(1_800_000, 'began'), step(1_788_000, 'ended')] }),
    { kind: 'gap', at: at(9_000_000), until: at(7_200_000) },
    alarm(5, 10_000_000, 'centre_unreachable', { bed: null, stay: null, device: null, at: { wall: null, trust: 'untrusted' }, steps: [] }),
  ];
}

function figures(week) {
  const counted = (announced, per_bed_day, soon_over_percent) => ({ alarms: announced, announced, per_bed_day, soon_over_percent });
  const nothing = { bed_days: 0, beds: 0, total: counted(0, null, null), by_priority: [], top: [], post: { alarms: 0, announced: 0 }, acknowledged: 0, acknowledged_after_s: null, doubtful: 0 };
  if (week !== '2027-W08') return { from: 0, to: 0, ...nothing };
  return {
    from: 0, to: 0, bed_days: 12.5, beds: 2, total: counted(100, 8, 41.2),
    by_priority: [{ priority: 'high', ...counted(12, 0.96, 25) }, { priority: 'medium', ...counted(68, 5.44, 40) }, { priority: 'low', ...counted(20, 1.6, 55) }],
    top: [
      { condition: 'limit.spo2.low', ...counted(44, 3.52, 52.3) }, { condition: 'probe_off.spo2', ...counted(20, 1.6, 55) }, { condition: 'limit.hr.high', ...counted(16, 1.28, 12.5) },
      { condition: 'desaturation', ...counted(11, 0.88, 27.3) }, { condition: 'lab_critical.low', ...counted(1, 0.08, 0) },
    ],
    post: { alarms: 3, announced: 4 }, acknowledged: 57, acknowledged_after_s: 48.5, doubtful: 2,
  };
}
