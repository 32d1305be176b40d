// The ward as this screen knows it: the last snapshot and the changes since. No markup, no clock of its own.

import { byUrgency, unacknowledged } from './alarms';
import { ownBuild, shouldReload } from './build';
import { Commands } from './commands.svelte';
import { Feed } from './feed.svelte';
import { person } from './person.svelte';
import type { Alarm, Bed, Centre, Laboratory, Message, Outage, Problem, SiteValue, WardMessage } from './types';

/** A finger that comes down this soon after the alarms changed places meant what stood there before. */
export const SETTLE_MS = 600;

/** Where a name is being asked for: in a bed's tile or in the list of alarms. */
export type Place = 'tile' | 'list';

/** A bed's patient, or the laboratory results that are nobody's. */
export type Opened = { kind: 'bed'; bed: string } | { kind: 'laboratory' };

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
  /** What a person opened beside the beds. */
  open = $state.raw<Opened | null>(null);
  /** The message for which a name is being asked. */
  reading = $state.raw<string | null>(null);
  asking = $state.raw<{ alarm: string; place: Place } | null>(null);
  listOpen = $state(false);
  readonly commands = new Commands();
  /** What people say of patients and results. */
  readonly patientCommands = new Commands();
  readonly feed = new Feed<WardMessage>('/api/v1/ward', (message) => this.#apply(message));
  #build: string | null = null;
  /** When the alarms last changed places on the screen; infinite until that is drawn. */
  #movedAt = 0;

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
      case 'beat':
        this.#reloadIfCalm();
        break;
    }
  }

  #alarms(alarms: Alarm[]): void {
    const order = (list: Alarm[]) => list.map((alarm) => alarm.id).join();
    const sorted = byUrgency(alarms);
    if (order(sorted) !== order(this.alarms)) {
      this.#moving();
    }
    this.alarms = sorted;
    const ids = new Set(alarms.map((alarm) => alarm.id));
    this.#forgetCommands();
    if (this.asking !== null && !ids.has(this.asking.alarm)) this.asking = null;
  }

  #messages(messages: Message[]): void {
    if (messages.map((one) => one.id).join() !== this.messages.map((one) => one.id).join()) this.#moving();
    this.messages = messages;
    this.#forgetCommands();
    if (!messages.some((one) => one.id === this.reading)) this.reading = null;
  }

  #forgetCommands(): void {
    this.commands.keep(new Set([...this.alarms, ...this.messages].map((one) => one.id)));
  }

  /** What is on the screen changes its place: a press in this moment meant something else. */
  #moving(): void {
    this.#movedAt = Infinity;
    requestAnimationFrame(() => (this.#movedAt = performance.now()));
  }

  #reloadIfCalm(): void {
    const high = this.alarms.some((alarm) => alarm.priority === 'high' && unacknowledged(alarm));
    const busy = this.commands.busy() || this.patientCommands.busy();
    const calm = !high && this.asking === null && this.reading === null && this.open === null && !busy;
    if (this.#build !== null && shouldReload(ownBuild(), this.#build, calm, sessionStorage)) location.reload();
  }

  /** Opens a panel in place of what stood there; what was written before is not carried over. */
  show(what: Opened | 'list'): void {
    this.patientCommands.keep(new Set());
    this.listOpen = what === 'list';
    this.open = what === 'list' ? null : what;
  }

  alarmsOf(bed: Bed): Alarm[] {
    return this.alarms.filter((alarm) => alarm.bed === bed.id);
  }

  bedLabel(id: string | null): string | null {
    return id === null ? null : (this.beds.find((bed) => bed.id === id)?.label ?? id);
  }

  /** A press on a button that may just have come to stand for another alarm: it then does nothing. */
  pressAcknowledge(alarm: Alarm, place: Place, noAnswer: string): void {
    if (performance.now() - this.#movedAt >= SETTLE_MS) this.acknowledge(alarm, place, noAnswer);
  }

  /** Acknowledges, or asks for the name first. */
  acknowledge(alarm: Alarm, place: Place, noAnswer: string): void {
    if (person.name === null) {
      this.asking = { alarm: alarm.id, place };
      if (place === 'list') this.show('list');
      return;
    }
    this.asking = null;
    const url = `/api/v1/alarms/${encodeURIComponent(alarm.id)}/acknowledge`;
    void this.commands.send(alarm.id, url, person.name, noAnswer);
  }

  /** A press on "Read" that may just have come to stand for another message: it then does nothing. */
  pressRead(message: Message, noAnswer: string): void {
    if (performance.now() - this.#movedAt >= SETTLE_MS) this.read(message, noAnswer);
  }

  /** Marks a message as read, or asks for the name first. */
  read(message: Message, noAnswer: string): void {
    if (person.name === null) {
      this.reading = message.id;
      return;
    }
    this.reading = null;
    void this.commands.send(message.id, `/api/v1/messages/${message.id}/read`, person.name, noAnswer);
  }
}

export const ward = new Ward();
