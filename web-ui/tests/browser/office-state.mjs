// The people, screens, emergencies and audit of a scripted post, kept as the appliance keeps them.

import { logAnswer } from './log-state.mjs';
import { BEGIN_CODE, DESK, DOCTOR, GRACE, KOFI, SENIOR } from './fake-door.mjs';

const ROLES = ['viewer', 'nurse', 'senior_nurse', 'doctor', 'technician', 'privacy_officer', 'auditor'];

export const DEVICES = [
  { id: 'monitor-1', bed: '1', home: '1', link: 'live', moved_by: null },
  { id: 'monitor-2', bed: '2', home: '2', link: 'silent', moved_by: null },
  { id: 'nonin-hand-held', bed: null, home: '3', link: 'disconnected', moved_by: 'Ama Mensah' },
];

const account = ({ id, name, roles }, more = {}) => ({ id, name, roles, disabled: false, begun: true, ...more });

/** `who` is signed in, and the server answers what the office asks. */
export function office(server, who) {
  server.door.person = who;
  const people = [account(SENIOR), account(GRACE), account(KOFI, { disabled: true }), account(DOCTOR, { begun: false })];
  const screens = [{ ...DESK, registered_by: SENIOR.name }];
  const emergencies = [
    { id: 6, person: 'kofi', name: 'Kofi T.', bed: '2', reason: 'Fell out of bed', age: 90_000_000, reviewed_by: 'Abena S.' },
    { id: 7, person: 'kofi', name: 'Kofi T.', bed: '1', reason: 'Collapsed, nobody else is here', age: 600_000, reviewed_by: null },
  ];
  server.audits = [];
  server.told = (path, _now, wall, query) => {
    if (path === '/api/v1/people') return { body: { people, roles: ROLES } };
    if (path === '/api/v1/devices') return { body: { devices: DEVICES } };
    if (path === '/api/v1/screens') return { body: { screens } };
    if (path === '/api/v1/emergencies') return { body: { emergencies: emergencies.map(({ age, ...one }) => ({ ...one, wall: wall - age })) } };
    if (path !== '/api/v1/audit') return logAnswer(path, wall, query);
    server.audits.push(query);
    const asked = new URLSearchParams(query);
    const entries = audit(wall).filter(
      ({ who: { id }, action, wall: at }) =>
        (asked.get('person') ?? id) === id && (asked.get('action') ?? action) === action && at >= Number(asked.get('from') ?? 0),
    );
    return { body: { entries, more: false } };
  };
  server.onCommand = (path, body, by) => {
    const [, id, what] = /^\/api\/v1\/people\/([\w.-]+)\/(\w+)$/.exec(path) ?? [];
    const found = people.find((one) => one.id === id);
    if (path === '/api/v1/people') {
      people.push(account(body, { begun: false }));
      return { code: BEGIN_CODE };
    }
    if (what === 'roles') found.roles = body.roles;
    if (what === 'disable' || what === 'enable') found.disabled = what === 'disable';
    if (what === 'reset') {
      found.begun = false;
      return { code: BEGIN_CODE };
    }
    if (path === '/api/v1/screens') {
      server.door.screen = { id: 's2', name: body.name };
      screens.push({ ...server.door.screen, registered_by: by });
    }
    const forgotten = /^\/api\/v1\/screens\/(\w+)\/forget$/.exec(path)?.[1];
    if (forgotten !== undefined) {
      screens.splice(screens.findIndex((one) => one.id === forgotten), 1);
      if (server.door.screen?.id === forgotten) server.door.screen = null;
    }
    const reviewed = /^\/api\/v1\/emergencies\/(\d+)\/review$/.exec(path)?.[1];
    if (reviewed !== undefined) emergencies.find((one) => String(one.id) === reviewed).reviewed_by = by;
    return undefined;
  };
}

function audit(wall) {
  const entry = (number, age, id, name, more) => ({
    number, wall: Math.round((wall - age) / 1000) * 1000, trust: 'synchronised', who: { kind: id === null ? 'nobody' : 'person', id, name }, from: "screen:Nurses' desk",
    outcome: 'done', subject: '', before: null, after: null, ...more,
  });
  return [
    entry(412, 60_000, 'grace', 'Grace O.', { action: 'acknowledge', subject: 'alarm:00000001aabbccdd-1', before: 'active', after: 'acknowledged' }),
    entry(411, 90_000, null, null, { action: 'sign_in', subject: 'account:grace', outcome: 'refused', after: 'wrong PIN' }),
    entry(410, 86_400_000, 'ama', 'Ama Mensah', { action: 'manage_people', subject: 'account:kofi', before: 'enabled', after: 'disabled' }),
    { ...entry(409, 86_500_000, null, null, { action: 'start', from: 'post' }), who: { kind: 'post' }, trust: 'untrusted' },
  ];
}
