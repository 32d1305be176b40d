// Who is signed in at the scripted server: accounts, sessions and screens as the real ones have them.

const MAY = {
  viewer: [],
  nurse: ['see_chart', 'acknowledge', 'read_message', 'admit', 'bind', 'assign_result', 'pause_sound', 'set_limits', 'observe', 'write_note', 'hand_over', 'see_alarm_log'],
  senior_nurse: ['see_chart', 'acknowledge', 'read_message', 'admit', 'bind', 'merge', 'assign_result', 'export', 'see_lines', 'manage_people', 'register_screen', 'pause_sound', 'rest_signals', 'set_limits', 'observe', 'write_note', 'hand_over', 'set_spo2_scale', 'see_alarm_log', 'self_test'],
  doctor: ['see_chart', 'acknowledge', 'read_message', 'admit', 'bind', 'merge', 'assign_result', 'export', 'pause_sound', 'rest_signals', 'set_limits', 'observe', 'write_note', 'hand_over', 'set_spo2_scale', 'see_alarm_log'],
  technician: ['bind', 'see_lines', 'fit_lines', 'register_screen', 'self_test'],
  privacy_officer: ['export', 'see_audit', 'review_emergency', 'see_alarm_log'],
  auditor: ['see_audit', 'see_alarm_log'],
};

/** `someone('grace', 'Grace O.', 'nurse')` */
export function someone(id, name, ...roles) {
  const may = ['see_ward', ...new Set(roles.flatMap((role) => MAY[role] ?? []))];
  return { id, name, roles, may, idle_s: 300, emergencies: [] };
}

export const GRACE = someone('grace', 'Grace O.', 'nurse');
export const SENIOR = someone('ama', 'Ama Mensah', 'senior_nurse');
export const KOFI = someone('kofi', 'Kofi T.', 'viewer');
export const DOCTOR = { ...someone('boateng', 'Dr Ama Boateng', 'doctor'), idle_s: 900 };
export const DESK = { id: 's1', name: 'Nurses\' desk' };

/** What everybody in the cases signs in with. */
export const PIN = '482915';
export const PASSWORD = 'four dull green spoons';
export const SIX = '314159';
export const BEGIN_CODE = 'ABCD-EFGH-JKLM-NPQR';
export const CLAIM_CODE = 'WXYZ-2345-6789-ABCD';
export const SECOND = {
  typing: 'JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP',
  scanning: 'otpauth://totp/Vitalpost:boateng?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Vitalpost%20kintampo',
};

export class FakeDoor {
  claimed = true;
  place;
  screen = null;
  person = null;
  accounts = [GRACE, SENIOR, KOFI, DOCTOR];
  /** Set by a case: for so many seconds nobody is looked at. */
  waitS = null;
  /** What was tried: bodies of sign-ins, begins and claims. */
  tries = [];
  #centre;

  constructor(centre) {
    this.#centre = centre;
    this.place = centre ? 'District hospital' : 'Demo health post';
    this.person = centre ? DOCTOR : GRACE;
    if (!centre) this.screen = DESK;
  }

  get mayLook() {
    return this.person !== null || this.screen !== null;
  }

  standing() {
    const { claimed, place: name, screen, person } = this;
    return { claimed, post: 'demo', name, screen, person };
  }

  /** The answer to a way in or out, or undefined when the path is none. */
  answer(method, path, body) {
    if (path === '/api/v1/session' && method === 'GET') return { status: 200, body: this.standing() };
    if (path === '/api/v1/session' && method === 'DELETE') {
      this.person = null;
      return { status: 200, body: {} };
    }
    if (method !== 'POST' || !/^\/api\/v1\/(session|claim|begin|begin\/check)$/.test(path)) return undefined;
    this.tries.push(body);
    if (this.waitS !== null) {
      return { status: 429, body: { error: `too many tries: wait ${this.waitS} s`, wait_s: this.waitS } };
    }
    if (path.endsWith('/check')) return this.#check(body);
    const person = path.endsWith('/session') ? this.#proves(body) : path.endsWith('/claim') ? this.#claims(body) : this.#begins(body);
    if (person.status !== undefined) return person;
    this.person = person;
    return { status: 200, body: this.standing() };
  }

  #find(id) {
    return this.accounts.find((one) => one.id === id);
  }

  #proves({ person, password, pin, code, ...more }) {
    const found = this.#find(person);
    const right = pin === undefined ? password === PASSWORD : this.screen !== null && pin === PIN && password === undefined;
    if (found === undefined || !right || Object.keys(more).length > 0) return WRONG;
    const second = this.#centre || (found.roles.includes('doctor') && pin === undefined);
    if (second && code === undefined) {
      return { status: 401, body: { error: 'type the six digits that your app shows now', needs: 'code' } };
    }
    return second && code !== SIX ? WRONG : found;
  }

  #claims({ code, person, name, password }) {
    if (this.claimed || code !== CLAIM_CODE) return WRONG;
    if (password.includes('password')) return { status: 422, body: { error: 'that is one of the first that anybody would try: take another' } };
    this.claimed = true;
    return someone(person, name, 'senior_nurse');
  }

  #check({ person, code }) {
    const found = this.#find(person);
    if (found === undefined || code !== BEGIN_CODE) return { status: WRONG.status, body: WRONG.body };
    const needs_second = found.roles.includes('doctor');
    return { status: 200, body: { name: found.name, needs_second, second: needs_second ? SECOND : null } };
  }

  #begins({ person, code, digits }) {
    const found = this.#find(person);
    if (found === undefined || code !== BEGIN_CODE) return WRONG;
    return found.roles.includes('doctor') && digits !== SIX ? WRONG : found;
  }
}

const WRONG = { status: 401, body: { error: 'that is not right: check the name, and type it again' } };
