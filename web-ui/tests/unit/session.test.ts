import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import policy from '../../../appliance/src/access/policy.rs?raw';
import { Commands } from '../../live/commands.svelte';
import { auditQuery } from '../../live/people.svelte';
import { recent, remember } from '../../live/recent';
import { NEEDS, ROLES, type Action } from '../../live/roles';
import { session, type Person, type Standing } from '../../live/session.svelte';
import { Refusal } from '../../live/wait.svelte';

const person = (id: string, more: Partial<Person> = {}): Person => ({
  id, name: id, roles: ['nurse'], may: ['acknowledge', 'see_chart'], idle_s: 300, emergencies: [], ...more,
});
const standing = (who: Person | null, screen = true): Standing => ({
  claimed: true, name: 'Demo', screen: screen ? { id: 's1', name: 'Desk' } : null, person: who,
});

type Reply = { status: number; body: unknown };
/** What the server answers, by method and path; asked for anew each time. */
let replies: Record<string, () => Reply>;
let asked: string[];

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  replies = { 'GET /api/v1/session': () => ({ status: 200, body: standing(null) }) };
  vi.stubGlobal('fetch', (url: string, init: RequestInit = {}) => {
    const question = `${init.method ?? 'GET'} ${url}`;
    asked.push(question);
    const reply = replies[question];
    if (reply === undefined) return Promise.reject(new Error('down'));
    const { status, body } = reply();
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
  session.drop();
  session.onTurn = () => {};
  session.onLeft = () => {};
  session.take(standing(null));
  localStorage.clear();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const command = { key: 'a', words: 'acknowledge', action: 'acknowledge' } as const;
const url = '/api/v1/alarms/a/acknowledge';
const flush = () => vi.advanceTimersByTimeAsync(1);

describe('roles', () => {
  it('are those of the table at the server, for every action that a page names', () => {
    const order = ROLES.slice(0, 7);
    const rows = [...policy.matchAll(/^\s+\w+ "(\w+)"\s+\[([01 ]+)\]/gm)].map(
      ([, key, may]) => [key, order.filter((_, n) => may!.split(' ')[n] === '1')] as const,
    );
    const table = Object.fromEntries(rows);
    expect(rows.length).toBeGreaterThan(10);
    for (const action of Object.keys(NEEDS) as Action[]) expect([action, table[action]]).toEqual([action, [...NEEDS[action]]]);
  });
});

describe('N1: what may be shown', () => {
  it('follows the server alone', () => {
    const seen = (one: Standing) => {
      session.take(one);
      return session.view;
    };
    expect(seen(standing(null, false))).toBe('sign_in');
    expect(seen({ claimed: false, person: null } as Standing)).toBe('claim');
    expect(seen(standing(null))).toBe('live');
    expect(seen(standing(person('grace'), false))).toBe('live');
  });

  it('is nothing after the right to look has ended, until the server has said who may', async () => {
    session.take(standing(person('grace')));
    delete replies['GET /api/v1/session'];
    session.ended();
    expect([session.view, session.person]).toEqual(['wait', null]);
    await vi.advanceTimersByTimeAsync(1900);
    expect(session.view).toBe('wait');
    replies['GET /api/v1/session'] = () => ({ status: 200, body: standing(null, false) });
    await vi.advanceTimersByTimeAsync(200);
    expect(session.view).toBe('sign_in');
  });

  it('an answer that broke off says nothing', async () => {
    session.take(standing(person('grace')));
    const broken = { status: 200, ok: true, text: () => Promise.reject(new DOMException('timeout', 'TimeoutError')) };
    vi.stubGlobal('fetch', () => Promise.resolve(broken));
    await session.refresh();
    expect(session.person?.id).toBe('grace');
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('<html>', { status: 200 })));
    await session.refresh();
    expect(session.person?.id).toBe('grace');
    session.take({} as Standing);
    expect([session.person, session.view]).toEqual([null, 'sign_in']);
  });

  it('an answer from before a sign-in does not sign out again', async () => {
    const late = session.refresh();
    session.take(standing(person('grace')));
    await late;
    expect(session.person?.id).toBe('grace');
  });
});

describe('N2: the idle limit', () => {
  it('ends here by itself though the server cannot be asked, and acting moves it', async () => {
    session.start(new EventTarget());
    await flush();
    session.take(standing(person('grace')));
    delete replies['GET /api/v1/session'];
    await vi.advanceTimersByTimeAsync(299_000);
    expect(session.leftS).toBeLessThanOrEqual(2);
    session.acted();
    await vi.advanceTimersByTimeAsync(299_000);
    expect(session.person?.id).toBe('grace');
    await vi.advanceTimersByTimeAsync(2000);
    expect(session.person).toBeNull();
  });

  it('an emergency look ends after its time', async () => {
    session.start(new EventTarget());
    await flush();
    session.take(standing(person('kofi', { may: [], idle_s: 9000, emergencies: [{ bed: '2', until_s: 60 }] })));
    expect([session.maySeeChart('2'), session.maySeeChart('1')]).toEqual([true, false]);
    delete replies['GET /api/v1/session'];
    await vi.advanceTimersByTimeAsync(61_000);
    expect(session.maySeeChart('2')).toBe(false);
  });
});

describe('N3: an action', () => {
  it('waits for the sign-in and then goes on, without a name in it', async () => {
    const commands = new Commands();
    replies[`POST ${url}`] = () => ({ status: 200, body: {} });
    const done = commands.give(command, url);
    await flush();
    expect([session.want?.words, asked.includes(`POST ${url}`)]).toEqual(['acknowledge', false]);
    session.take(standing(person('grace')));
    expect(await done).toEqual({});
    expect([session.want, commands.progress['a']]).toEqual([null, { state: 'done' }]);
  });

  it('is not sent when nobody signs in', async () => {
    const commands = new Commands();
    const done = commands.give(command, url);
    await flush();
    session.drop();
    expect(await done).toBeNull();
    expect(asked).not.toContain(`POST ${url}`);
  });

  it('is forgotten when nobody touches the sign-in for a while', async () => {
    session.start(new EventTarget());
    const done = new Commands().give(command, url);
    await vi.advanceTimersByTimeAsync(91_000);
    expect(await done).toBeNull();
  });

  it.each([['grace', 2], ['kofi', 1]])('that met 401 goes on for the same person only: %s', async (then, sent) => {
    const commands = new Commands();
    session.take(standing(person('grace')));
    let answers = [401, 200];
    replies[`POST ${url}`] = () => ({ status: answers.shift() ?? 500, body: {} });
    const done = commands.give(command, url);
    await flush();
    expect([session.person, session.want?.key]).toEqual([null, 'a']);
    session.take(standing(person(then)));
    expect((await done) !== null).toBe(then === 'grace');
    expect(asked.filter((one) => one === `POST ${url}`)).toHaveLength(sent);
  });

  it('of somebody who may not is not sent, and the role that is needed is said', async () => {
    const commands = new Commands();
    session.take(standing(person('kofi', { name: 'Kofi', roles: ['viewer'], may: ['see_ward'] })));
    expect(await commands.give(command, url)).toBeNull();
    expect(asked).not.toContain(`POST ${url}`);
    const why = 'Kofi may not do this. It needs: nurse, senior nurse, doctor';
    expect(commands.progress['a']).toEqual({ state: 'failed', why });
    replies[`POST ${url}`] = () => ({ status: 403, body: { error: 'no' } });
    session.take(standing(person('kofi', { name: 'Kofi' })));
    await commands.give(command, url);
    expect(commands.progress['a']).toEqual({ state: 'failed', why });
  });
});

describe('too many tries', () => {
  it('count down, and nothing is asked meanwhile', async () => {
    const refusal = new Refusal();
    const question = vi.fn(() => session.signIn({ person: 'grace', pin: '482915' }));
    replies['POST /api/v1/session'] = () => ({ status: 429, body: { error: 'too many tries: wait 8 s', wait_s: 8 } });
    session.start(new EventTarget());
    await refusal.ask(question);
    await vi.advanceTimersByTimeAsync(1000);
    expect(refusal.leftS).toBeGreaterThanOrEqual(7);
    await refusal.ask(question);
    expect(question).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(8000);
    expect(refusal.leftS).toBe(0);
  });
});

describe('signing out', () => {
  it('is at once, and the server is told until it answers', async () => {
    session.take(standing(person('grace')));
    void session.signOut();
    expect(session.person).toBeNull();
    await vi.advanceTimersByTimeAsync(5000);
    expect(asked.filter((one) => one === 'DELETE /api/v1/session').length).toBeGreaterThanOrEqual(2);
    replies['DELETE /api/v1/session'] = () => ({ status: 200, body: {} });
    await vi.advanceTimersByTimeAsync(5000);
    expect(asked.at(-1)).toBe('GET /api/v1/session');
  });
});

describe('small parts', () => {
  it('the last six who signed in, the newest first, and nothing of another kind', () => {
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'b']) remember({ id, name: id.toUpperCase() });
    expect(recent().map((one) => one.id)).toEqual(['b', 'g', 'f', 'e', 'd', 'c']);
    localStorage.setItem('vitalpost.recent', '[{"id":1},null,{"id":"x","name":"X"}]');
    expect(recent()).toEqual([{ id: 'x', name: 'X' }]);
    localStorage.setItem('vitalpost.recent', '{');
    expect(recent()).toEqual([]);
  });

  it('a search of the audit leaves out what is empty', () => {
    expect(auditQuery({ person: '', action: '', from: '', to: '' }, null)).toBe('');
    const from = Date.parse('2027-03-04T14:07');
    expect(auditQuery({ person: ' Grace ', action: 'sign_in', from: '2027-03-04T14:07', to: 'x' }, 100)).toBe(
      `?person=grace&action=sign_in&from=${from}&limit=100`,
    );
  });
});
