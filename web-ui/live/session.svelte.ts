// Who is signed in at this screen, as the server says it, and what waits until somebody is.
//
// N1 What may be shown follows the server's word alone: until it has answered, and when it says that nobody may look
//    here, nothing of the ward is on the page (`view`).
// N2 A person is gone here at the latest when their idle time is over, also when the server cannot be asked.
// N3 What somebody wanted goes on after the sign-in; when the session broke off in between, only for the same person.

import { t } from '../text/language.svelte';
import { get, prove, remove, type Answer, type Said, type Sent } from './api';
import { remember } from './recent';
import { NEEDS, ROLES, type Action, type Role } from './roles';

/** Somebody who is signed in. */
export type Person = Said<'SignedIn'>;
/** `GET /api/v1/session`; of a centre too, which names no post. */
export type Standing = Omit<Said<'Standing'>, 'post'>;

/** What waits for somebody to sign in. */
export interface Want {
  key: string;
  /** `acknowledge: Bed 2, SpO2 84 < 90` */
  words: string;
}

export type Turn = 'signed_in' | 'left' | 'denied';

const TICK_MS = 500;
const AGAIN_AFTER_MS = 2000;
/** Rights may have changed elsewhere. */
const LOOK_EVERY_MS = 30_000;
/** Nobody touches the sign-in for so long: whoever wanted something has gone. */
const WANT_LASTS_MS = 90_000;
/** From then on the seconds left are shown. */
export const LEFT_SHOWN_S = 60;

export class Session {
  /** False until the server has said who may look. */
  known = $state(false);
  claimed = $state(true);
  place = $state('');
  screen = $state.raw<{ id: string; name: string } | null>(null);
  person = $state.raw<Person | null>(null);
  want = $state.raw<Want | null>(null);
  /** Ticks: for what runs out. */
  now = $state(performance.now());
  #until = $state(0);
  #grants = $state.raw<Record<string, number>>({});
  readonly view = $derived.by((): 'wait' | 'claim' | 'sign_in' | 'live' => {
    if (!this.known) return 'wait';
    if (this.person !== null || this.screen !== null) return 'live';
    return this.claimed ? 'sign_in' : 'claim';
  });
  /** Seconds until the person is signed out; null when nobody is. */
  readonly leftS = $derived(this.person === null ? null : Math.max(0, Math.ceil((this.#until - this.now) / 1000)));
  /** Called when somebody else, or nobody, is in front of this screen from now on. */
  onTurn: () => void = () => {};
  /** Called when nobody signed in for what was wanted, and nobody is signed in. */
  onLeft: () => void = () => {};
  #fullS = 0;
  /** Counts who was in front of this screen: an answer from before the last change is of no use. */
  #turns = 0;
  #asked = 0;
  #wantUntil = 0;
  #answer: ((turn: 'signed_in' | 'left') => void) | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;

  start(target: EventTarget): void {
    setInterval(() => this.#tick(), TICK_MS);
    const touched = () => (this.#wantUntil = performance.now() + WANT_LASTS_MS);
    for (const kind of ['pointerdown', 'keydown']) target.addEventListener(kind, touched, { capture: true });
    void this.refresh();
  }

  may(action: Action): boolean {
    return this.person?.may?.includes(action) ?? false;
  }

  /** How long an emergency access to this bed lasts still; 0 = there is none. */
  emergencyMs(bed: string): number {
    return Math.max(0, (this.#grants[bed] ?? 0) - this.now);
  }

  maySeeChart(bed: string): boolean {
    return this.may('see_chart') || (this.person !== null && this.emergencyMs(bed) > 0);
  }

  /** Which role is needed, in a sentence for whoever is signed in. */
  deniedWords(action: Action): string {
    const roles = NEEDS[action].map((role) => roleName(role)).join(', ');
    return t('denied', { name: this.person?.name ?? '?', roles });
  }

  /** Asks the server anew; tries again until it has answered once. */
  async refresh(): Promise<void> {
    clearTimeout(this.#retry);
    this.#asked = performance.now();
    const turns = this.#turns;
    const answer = await get('/api/v1/session');
    if (turns !== this.#turns && this.known) return;
    if (answer.body !== null) this.take(answer.body);
    else if (!this.known) this.#retry = setTimeout(() => void this.refresh(), AGAIN_AFTER_MS);
  }

  /** What the server says of this screen now. */
  take(standing: Standing): void {
    this.now = performance.now();
    const before = this.#who();
    this.claimed = standing.claimed ?? true;
    this.place = standing.name ?? this.place;
    this.screen = standing.screen ?? null;
    this.#hold(standing.person ?? null);
    this.known = true;
    if (this.#who() !== before) this.#turned();
    if (this.person !== null) this.#settle('signed_in');
  }

  /** Signs in; the answer says what was wrong. */
  async signIn(body: Sent<'/api/v1/session'>): Promise<Answer<Standing>> {
    return this.#proven(await prove('/api/v1/session', body));
  }

  /** The same for the ways in that end signed in: the claim of a post and the begin of an account. */
  async enter<Url extends '/api/v1/begin' | '/api/v1/claim'>(url: Url, body: Sent<Url>): Promise<Answer<Standing>> {
    return this.#proven(await prove<'/api/v1/begin' | '/api/v1/claim'>(url, body));
  }

  /** At once on this screen; the server is told until it answers. */
  async signOut(): Promise<void> {
    this.drop();
    this.#nobody();
    await this.#leave();
  }

  /** The server says that nobody is signed in here. */
  lost(): void {
    this.#nobody();
    void this.refresh();
  }

  /** The server took the right to look: nothing is shown until it says who may. */
  ended(): void {
    this.known = false;
    this.#hold(null);
    this.#turned();
    void this.refresh();
  }

  /** The person has just acted: the server counts their idle time from now. */
  acted(): void {
    if (this.person !== null) this.#until = performance.now() + this.#fullS * 1000;
  }

  /** Waits until somebody is signed in who may; `left`: nobody wanted to. */
  async need(want: Want, action: Action | null): Promise<Turn> {
    if (this.person === null && (await this.#ask(want)) === 'left') return 'left';
    return action === null || this.may(action) ? 'signed_in' : 'denied';
  }

  /** Asks for a sign-in without anything that waits for it. */
  async open(): Promise<void> {
    await this.#ask({ key: '', words: '' });
  }

  /** Nobody waits any more, for this or for anything. */
  drop(key?: string): void {
    if (key === undefined || this.want?.key === key) this.#settle('left');
  }

  #ask(want: Want): Promise<'signed_in' | 'left'> {
    this.#answer?.('left');
    this.want = want;
    this.#wantUntil = performance.now() + WANT_LASTS_MS;
    return new Promise((answer) => (this.#answer = answer));
  }

  #settle(turn: 'signed_in' | 'left'): void {
    const answer = this.#answer;
    this.#answer = null;
    this.want = null;
    if (answer === null) return;
    answer(turn);
    if (turn === 'left' && this.person === null) this.onLeft();
  }

  #proven(answer: Answer<Standing>): Answer<Standing> {
    if (answer.body !== null) this.take(answer.body);
    if (answer.ok && this.screen !== null && this.person !== null) remember(this.person);
    return answer;
  }

  #who(): string {
    return JSON.stringify([this.view, this.person?.id, this.screen?.id]);
  }

  #nobody(): void {
    if (this.person === null) return;
    this.#hold(null);
    this.#turned();
  }

  #turned(): void {
    this.#turns += 1;
    this.onTurn();
  }

  async #leave(): Promise<void> {
    clearTimeout(this.#retry);
    const answer = await remove('/api/v1/session');
    if (this.person !== null) return;
    if (answer.status === 0 || answer.status === 503) this.#retry = setTimeout(() => void this.#leave(), AGAIN_AFTER_MS);
    else await this.refresh();
  }

  #hold(person: Person | null): void {
    if (person !== null) {
      const same = this.person?.id === person.id;
      this.#fullS = same ? Math.max(this.#fullS, person.idle_s) : person.idle_s;
      this.#until = performance.now() + person.idle_s * 1000;
    }
    this.person = person;
    const granted = person?.emergencies ?? [];
    this.#grants = Object.fromEntries(granted.map(({ bed, until_s }) => [bed, performance.now() + until_s * 1000]));
  }

  #tick(): void {
    this.now = performance.now();
    if (this.want !== null && this.now > this.#wantUntil) this.drop();
    if (this.person === null) return;
    if (this.now >= this.#until) this.lost(); // N2
    else if (this.now - this.#asked > LOOK_EVERY_MS) void this.refresh();
  }
}

/** In the language of the screen; a role of a newer server by its key. */
export function roleName(role: string): string {
  return (ROLES as readonly string[]).includes(role) ? t(`role.${role as Role}`) : role;
}

export const session = new Session();
