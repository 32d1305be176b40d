// The people, screens and devices of the post, and the emergencies and the audit, as their pages need them.

import { tick } from 'svelte';
import type { Said } from './api';
import { Commands } from './commands.svelte';
import { Panel } from './panel.svelte';

export type Account = Said<'Account'>;
export type Screen = Said<'Screen'>;
/** A device as `GET /api/v1/devices` tells it. */
export type Device = Said<'DeviceNow'>;
export type Emergency = Said<'Emergency'>;
export type AuditEntry = Said<'AuditEntry'>;

/** A code to begin with, as long as it stands on the screen: the server does not tell it again. */
export interface Handed {
  id: string;
  name: string;
  code: string;
}

class Office {
  readonly people = new Panel<'/api/v1/people'>();
  readonly screens = new Panel<'/api/v1/screens'>();
  readonly emergencies = new Panel<'/api/v1/emergencies'>();
  readonly devices = new Panel<'/api/v1/devices'>();
  readonly commands = new Commands();
  handed = $state.raw<Handed | null>(null);

  readonly load = {
    people: () => void this.people.load('/api/v1/people'),
    screens: () => void this.screens.load('/api/v1/screens'),
    emergencies: () => void this.emergencies.load('/api/v1/emergencies'),
    devices: () => void this.devices.load('/api/v1/devices'),
  };

  /** A page of it is closed: nothing of it stays, a code least of all. Not before its rows are gone, which would find no
   *  account to show. */
  leave(...pages: ('people' | 'screens' | 'emergencies' | 'devices')[]): void {
    for (const page of pages) this[page].stop();
    void tick().then(() => {
      for (const page of pages) this[page].leave();
      this.commands.keep(new Set());
      this.handed = null;
    });
  }
}

export const office = new Office();

/** `2027-03-04T14:07`, as a field for date and time has it, to UTC in ms; null when it is empty. The zone is the screen's. */
export function fieldToWall(text: string): number | null {
  const wall = Date.parse(text);
  return text === '' || Number.isNaN(wall) ? null : wall;
}

export interface Search {
  person: string;
  action: string;
  from: string;
  to: string;
}

/** `?person=grace&from=1803…`: what is empty is left out. */
export function auditQuery(search: Search, limit: number | null): '' | `?${string}` {
  const from = fieldToWall(search.from);
  const to = fieldToWall(search.to);
  const parts: [string, string][] = [
    ['person', search.person.trim().toLowerCase()],
    ['action', search.action.trim()],
    ['from', from === null ? '' : String(from)],
    ['to', to === null ? '' : String(to)],
    ['limit', limit === null ? '' : String(limit)],
  ];
  const said = parts.filter(([, value]) => value !== '');
  return said.length === 0 ? '' : `?${new URLSearchParams(said).toString()}`;
}
