// The ward as this screen knows it: the last snapshot and the changes since. No markup, no clock of its own.

import { t } from '../text/language.svelte';
import { alarmWords, byUrgency, unacknowledged } from './alarms';
import { ownBuild, shouldReload } from './build';
import { Commands } from './commands.svelte';
import { Feed } from './feed.svelte';
import { session } from './session.svelte';
import { sound } from './sound.svelte';
import type { Alarm, Bed, Centre, Laboratory, Lane, Message, Outage, Pause, Problem, Signals, SiteValue, SoundNow, WardMessage } from './types';

/** A finger that comes down this soon after the alarms changed places meant what stood there before. */
export const SETTLE_MS = 600;

/** A bed's patient, with the form to say who it is or without, or the laboratory results that are nobody's. */
export type Opened = { kind: 'bed'; bed: string; form?: 'identify' } | { kind: 'laboratory' };

/** What stands in the middle: the beds, or what people with other tasks work on. */
export type Page = 'beds' | 'bed' | 'devices' | 'people' | 'emergencies' | 'audit' | 'alarm_log' | 'handover' | 'help' | 'lines' | 'system';
/** Those that a menu names. */
export type MenuPage = Exclude<Page, 'bed' | 'help'>;

/** What draws curves. */
export interface Drawing {
  /** Another connection begins: its lanes are numbered anew. */
  begin(): void;
  take(frame: ArrayBuffer): void;
}

/** The key of a command about the signals of a bed, or (null) of the post. */
export function signalsKey(bed: string | null): string {
  return bed === null ? 'signals' : `signals/${bed}`;
}

export function signalsUrl<What extends 'pause' | 'rest' | 'resume'>(bed: string | null, what: What) {
  return bed === null ? (`/api/v1/${what}` as const) : (`/api/v1/beds/${encodeURIComponent(bed)}/${what}` as const);
}

class Ward {
  post = $state.raw({ id: '', name: '' });
  beds = $state.raw<Bed[]>([]);
  /** Worst first. */
  alarms = $state.raw<Alarm[]>([]);
  centre = $state.raw<Centre | null>(null);
  site = $state.raw<SiteValue[]>([]);
  problems = $state.raw<Problem[]>([]);
  /** What doctors wrote and nobody has read, oldest first. */
  messages = $state.raw<Message[]>([]);
  outage = $state.raw<Outage | null>(null);
  laboratory = $state.raw<Laboratory>({ results: 0, revision: 0 });
  signals = $state.raw<Signals>({ pauses: [], floods: [], early_ends: [] });
  soundNow = $state.raw<SoundNow>({ screens: 0, output: 'none' });
  curves = $state.raw<Lane[]>([]);
  /** What a person opened beside the beds. */
  open = $state.raw<Opened | null>(null);
  page = $state<Page>('beds');
  /** The bed that stands on the whole page. */
  bedOnPage = $state<string | null>(null);
  /** The bed for which the page of devices was opened. */
  deviceFor = $state<string | null>(null);
  menuOpen = $state(false);
  listOpen = $state(false);
  /** In how many forms something was written that was not sent. */
  unsaved = 0;
  /** What waits until a person says what becomes of that. */
  leaving = $state.raw<(() => void) | null>(null);
  /** The sound check. */
  checkOpen = $state(false);
  readonly commands = new Commands();
  /** What people say of patients and results. */
  readonly patientCommands = new Commands();
  readonly feed = new Feed<WardMessage>('/api/v1/ward', {
    onMessage: (message) => this.#apply(message),
    onBeat: (anew) => [sound.beat(anew), this.#wantsCurves(anew)],
    onFrame: (frame) => this.#drawing?.take(frame),
  });
  #drawing: Drawing | null = null;
  /** Whether this connection brings samples. */
  #drawn = false;
  #build: string | null = null;
  /** When the alarms last changed places on the screen; infinite until that is drawn. */
  #movedAt = 0;
  /** Alarms and messages that were on the screen. */
  #known = new Set<string>();
  /** Who opened what is open. */
  #whose: string | null = null;

  #apply(message: WardMessage): void {
    switch (message.type) {
      case 'snapshot':
        this.post = message.post;
        this.beds = message.beds;
        this.#alarms(message.alarms);
        this.centre = message.centre;
        this.site = message.site;
        this.problems = message.problems;
        this.#messages(message.messages);
        this.outage = message.outage;
        this.laboratory = message.laboratory;
        this.signals = message.signals;
        this.soundNow = message.sound;
        this.curves = message.curves;
        this.#drawing?.begin();
        this.#build = message.build;
        break;
      case 'bed':
        this.beds = this.beds.map((bed) => (bed.id === message.bed.id ? message.bed : bed));
        break;
      case 'alarms':
        this.#alarms(message.alarms);
        break;
      case 'centre':
        this.centre = message.centre;
        break;
      case 'site':
        this.site = message.site;
        break;
      case 'problems':
        this.problems = message.problems;
        break;
      case 'messages':
        this.#messages(message.messages);
        break;
      case 'outage':
        this.outage = message.outage;
        break;
      case 'laboratory':
        this.laboratory = message.laboratory;
        break;
      case 'signals':
        this.signals = message.signals;
        break;
      case 'sound':
        this.soundNow = message.sound;
        break;
      case 'curves':
        this.curves = message.curves;
        break;
      case 'beat':
        this.#reloadIfCalm();
        break;
    }
  }

  /** From now on samples are wanted while somebody can see them. */
  draw(drawing: Drawing): void {
    this.#drawing = drawing;
  }

  #wantsCurves(anew: boolean): object | null {
    if (anew) this.#drawn = false;
    const on = this.#drawing !== null && !document.hidden;
    if (anew || on === this.#drawn) return null;
    this.#drawn = on;
    return { type: 'curves', on };
  }

  #alarms(alarms: Alarm[]): void {
    const order = (list: Alarm[]) => list.map((alarm) => alarm.id).join();
    const sorted = byUrgency(alarms);
    if (order(sorted) !== order(this.alarms)) {
      this.#moving();
    }
    this.alarms = sorted;
    this.#forgetCommands();
  }

  #messages(messages: Message[]): void {
    if (messages.map((one) => one.id).join() !== this.messages.map((one) => one.id).join()) this.#moving();
    this.messages = messages;
    this.#forgetCommands();
  }

  /** What is gone is not asked about any more either. */
  #forgetCommands(): void {
    const ids = new Set([...this.alarms, ...this.messages].map((one) => one.id));
    const signals = [null, ...this.beds.map((bed) => bed.id)].map(signalsKey);
    this.commands.keep(new Set([...ids, ...signals]));
    const gone = [...this.#known].filter((id) => !ids.has(id));
    this.#known = ids;
    for (const id of gone) session.drop(id);
  }

  /** What is on the screen changes its place: a press in this moment meant something else. */
  #moving(): void {
    this.#movedAt = Infinity;
    requestAnimationFrame(() => (this.#movedAt = performance.now()));
  }

  #reloadIfCalm(): void {
    const high = this.alarms.some((alarm) => alarm.priority === 'high' && unacknowledged(alarm));
    const busy = this.commands.busy() || this.patientCommands.busy();
    const calm = !high && session.want === null && this.page === 'beds' && this.open === null && !busy;
    if (this.#build !== null && shouldReload(ownBuild(), this.#build, calm, sessionStorage)) location.reload();
  }

  /** Somebody else is in front of this screen from now on, or nobody. */
  turned(): void {
    this.feed.turn();
    const { person } = session;
    this.menuOpen = false;
    this.commands.forgetFailures();
    if (person === null) {
      this.page = 'beds';
      // The panel is hidden, and comes back when the same person signs in again: what was typed there is not lost.
      queueMicrotask(() => this.#interrupted());
    } else if (person.id !== this.#whose) {
      this.open = null;
      this.#whose = person.id;
    }
  }

  #interrupted(): void {
    if (this.open !== null && session.person === null && session.want === null && session.known) {
      void session.need({ key: 'open', words: this.openTitle(this.open) }, null);
    }
  }

  /** Nobody signed in again: nothing of a patient stays open. */
  left(): void {
    this.open = null;
    this.patientCommands.keep(new Set());
  }

  signOut(): void {
    this.left();
    void session.signOut();
  }

  /** Goes on; where something was written and not sent, when whoever wrote it says that it may go. */
  leave(then: () => void): void {
    if (this.unsaved > 0) this.leaving = then;
    else then();
  }

  /** Opens a panel in place of what stood there; what was written before is not carried over. */
  async show(what: Opened | 'list'): Promise<void> {
    if (what === 'list') {
      this.leave(() => {
        this.close();
        this.listOpen = true;
      });
      return;
    }
    if ((await session.need({ key: 'open', words: this.openTitle(what) }, null)) === 'left') return;
    this.leave(() => {
      this.page = 'beds';
      this.#open(what);
    });
  }

  /** Opens a panel beside the page that is there. */
  async beside(what: Opened): Promise<void> {
    if ((await session.need({ key: 'open', words: this.openTitle(what) }, null)) !== 'left') this.leave(() => this.#open(what));
  }

  #open(what: Opened): void {
    this.patientCommands.keep(new Set());
    this.#whose = session.person?.id ?? null;
    this.close();
    this.open = what;
  }

  /** One bed on the whole page. */
  async showBed(bed: string): Promise<void> {
    if ((await session.need({ key: 'open', words: this.openTitle({ kind: 'bed', bed }) }, null)) === 'left') return;
    this.leave(() => {
      this.bedOnPage = bed;
      this.go('bed');
    });
  }

  /** Nothing stands beside the beds any more. */
  close(): void {
    [this.listOpen, this.menuOpen, this.checkOpen, this.open] = [false, false, false, null];
  }

  /** What else this person may do. */
  menu(): void {
    const open = !this.menuOpen;
    this.leave(() => {
      this.close();
      this.menuOpen = open;
    });
  }

  /** The sound check: whoever stands before the screen may do it. */
  check(): void {
    const open = !this.checkOpen;
    this.leave(() => {
      this.close();
      this.checkOpen = open;
    });
  }

  go(page: Page): void {
    this.leave(() => {
      this.page = page;
      this.deviceFor = null;
      this.close();
    });
  }

  /** Devices, to move one of them to this bed. */
  moveTo(bed: string): void {
    this.leave(() => {
      this.go('devices');
      this.deviceFor = bed;
    });
  }

  /** What each sign means, or back to the beds: whoever looks may read it. */
  help(): void {
    this.go(this.page === 'help' ? 'beds' : 'help');
  }

  /** What stands above what is opened. */
  openTitle(what: Opened): string {
    if (what.kind === 'laboratory') return t('lab.unassigned.title');
    return t('patient.title', { bed: this.bedLabel(what.bed) ?? what.bed });
  }

  alarmsOf(bed: Bed): Alarm[] {
    return this.alarms.filter((alarm) => alarm.bed === bed.id);
  }

  bedLabel(id: string | null): string | null {
    return id === null ? null : (this.beds.find((bed) => bed.id === id)?.label ?? id);
  }

  /** A press on a button that may just have come to stand for another alarm: it then does nothing. */
  pressAcknowledge(alarm: Alarm): void {
    if (performance.now() - this.#movedAt < SETTLE_MS) return;
    const where = this.bedLabel(alarm.bed) ?? this.post.name;
    const words = t('want.acknowledge', { where, what: alarmWords(alarm, t) });
    const url = `/api/v1/alarms/${encodeURIComponent(alarm.id)}/acknowledge` as const;
    void this.commands.give({ key: alarm.id, words, action: 'acknowledge' }, url);
  }

  /** What rests at a bed, or (null) at the whole post. */
  pauseAt(bed: string | null): Pause | undefined {
    return this.signals.pauses.find((pause) => pause.bed === bed);
  }

  /** The sound of a bed, or (null) of the whole post, rests for a while. */
  pressPause(bed: string | null): void {
    if (performance.now() - this.#movedAt < SETTLE_MS) return;
    const words = t('pause.want', { where: this.bedLabel(bed) ?? this.post.name });
    void this.commands.give({ key: signalsKey(bed), words, action: 'pause_sound' }, signalsUrl(bed, 'pause'));
  }

  /** All signals are on again. */
  pressResume(bed: string | null): void {
    const words = t('resume.want', { where: this.bedLabel(bed) ?? this.post.name });
    void this.commands.give({ key: signalsKey(bed), words, action: 'pause_sound' }, signalsUrl(bed, 'resume'));
  }

  /** A press on "Read" that may just have come to stand for another message: it then does nothing. */
  pressRead(message: Message): void {
    if (performance.now() - this.#movedAt < SETTLE_MS) return;
    const words = t('want.read', { by: message.by });
    void this.commands.give({ key: message.id, words, action: 'read_message' }, `/api/v1/messages/${message.id}/read`);
  }
}

export const ward = new Ward();
