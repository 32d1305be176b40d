// The live interface of the nurse's page, as the appliance speaks it. All `_ms` without `wall` are the SERVER's
// monotonic clock; nothing here may be compared with a clock of the browser.

import type { Score } from './score';

export type ClockTrust = 'untrusted' | 'holdover' | 'synchronised';
export type Reason =
  'probe_off' | 'searching' | 'not_measured' | 'sensor_fault' | 'implausible' | 'not_available';
export type Priority = 'high' | 'medium' | 'low';
/** Whose limits and plausible values count. */
export type Category = 'adult' | 'child' | 'neonate';
export type Link = 'live' | 'silent' | 'disconnected';

export interface Value {
  code: string;
  label: string;
  unit: string;
  value: string | null;
  reason: Reason | null;
  quality: 'good' | 'questionable';
  kind: 'continuous' | 'intermittent';
  at_ms: number;
  last_value: { value: string; at_ms: number } | null;
  low: string | null;
  high: string | null;
}

export interface Bed {
  id: string;
  label: string;
  category: Category;
  device: string | null;
  link: Link | null;
  link_since_ms: number | null;
  link_reason: string | null;
  /** How far the device's own clock is behind the post's; null = it sends no time. */
  device_clock_ms: number | null;
  /** What its devices say of their own alarms; null = none of them ever said anything about alarms. */
  device_alarms: DeviceAlarms | null;
  values: Value[];
  patient: BedPatient;
  /** Of whoever lies there; null or unsaid = nobody does, or nothing was computed yet. */
  score?: Score | null;
}

/** Who lies in a bed, in as few words as a wall may show. */
export interface BedPatient {
  /** The stay: another one = somebody else lies there. */
  admission: string;
  known: boolean;
  /** Nobody lies there: the patient before was discharged or went to another bed. */
  vacant: boolean;
  initials: string;
  results: number;
  /** Changes with everything that the patient's own address answers. */
  revision: number;
  /** The bed was not heard for long: who perhaps still lies there, until a person says. Since when; null = from before this boot. */
  perhaps?: { initials: string; since_ms: number | null } | null;
}

/** Laboratory results that are nobody's. */
export interface Laboratory {
  results: number;
  revision: number;
}

/** The alarms of a bed's own devices, in the devices' words. */
export interface DeviceAlarms {
  /** False: a device that tells its alarms is not heard now, so there may be more. */
  complete: boolean;
  present: { priority: Priority; kind: 'physiological' | 'technical'; text: string }[];
}

export interface Alarm {
  id: string;
  condition: string;
  priority: Priority;
  kind: 'physiological' | 'technical';
  phase: 'active' | 'acknowledged' | 'latched';
  /** It is to be heard now, and to flash: nobody has acknowledged it, and no pause covers it. */
  sounds: boolean;
  flashes: boolean;
  bed: string | null;
  value: string | null;
  limit: string | null;
  device?: string | null;
  /** For values about the post: their unit, and what their map calls them. */
  unit?: string;
  text?: string;
  /** It is about whoever lay in that bed before. */
  earlier_patient?: boolean;
  crossed_ms: number | null;
  onset_ms: number | null;
  onsets: number;
  /** When it came back after it had been over; null = never, or nobody knows. */
  again_ms?: number | null;
  acknowledged_by: string | null;
  seen: { by: string; at_ms: number | null }[];
  /** How far it got: on the way to the centre its latest change, beyond that what doctors did. */
  delivery: 'no_centre' | DeliveryState;
  delivery_ms: number | null;
  steps: Step[];
  /** Who at the centre answers for it; they stay it until the person whom they offered it to has accepted. */
  responsible: { by: string; until_wall_ms: number; offered_to: string | null } | null;
  /** Of `alarm_undelivered`: where the alarms are that no doctor knows of. */
  undelivered: string[];
}

export type DeliveryState =
  | 'created' | 'queued' | 'sent' | 'at_centre' | 'shown' | 'read' | 'expired' | 'rejected' | 'lapsed' | 'accepted' | 'ended' | 'superseded';

export type RejectReason = 'artefact' | 'known' | 'not_ours' | 'other';

/** One step on the way of an alarm; who, to whom, until when and why where that belongs to it. */
export interface StepWords {
  what: Exclude<DeliveryState, 'lapsed' | 'ended' | 'superseded'> | 'offered' | 'declined' | 'called';
  by: string | null;
  to: string | null;
  until_wall_ms: number | null;
  reason: RejectReason | null;
  words: string | null;
  /** Whom the centre called; nobody named = every doctor. */
  called: string[] | null;
}

export type Step = StepWords & { at_ms: number | null };

/** Signals that a person paused. */
export interface Pause {
  /** null = at the whole post. */
  bed: string | null;
  what: 'audio_paused' | 'audio_off' | 'alarm_paused';
  /** null = until a person ends it. */
  until_ms: number | null;
  by: string;
}

/** What of the alarm signals rests, and beds at which alarms follow one another too fast. */
export interface Signals {
  /** Pauses that ended a moment ago, before their time; bed null = at the whole post. */
  early_ends?: { bed: string | null; why: 'new_alarm' | 'another_patient' | 'restart'; alarm: string | null; at_ms: number }[];
  pauses: Pause[];
  floods: { bed: string; onsets: number; within_s: number }[];
}

export interface Centre {
  state: 'not_configured' | 'connecting' | 'up' | 'unreachable';
  since_ms: number;
  waiting: number;
  name: string | null;
  problem: string | null;
}

export interface SiteValue {
  device: string;
  signal: string;
  value: string | null;
  reason: Reason | null;
  unit: string;
  at_ms: number;
}

export interface Problem {
  key: string;
  text: string;
}

/** What a doctor wrote, until somebody has read it. */
export type Message = {
  id: string;
  bed: string | null;
  by: string;
  at_ms: number | null;
  wall_ms: number | null;
} & (
  | { kind: 'text'; text: string }
  | { kind: 'limit'; code: string; label: string; unit: string; side: 'low' | 'high'; limit: string }
);

/** The last outage of the way to the centre: all that waited has arrived. */
export interface Outage {
  from_ms: number | null;
  to_ms: number;
  kept: number;
  lost: number;
}

/** Who hears the alarms of this post. */
export interface SoundNow {
  /** Screens that said within the last seconds that their sound is on. */
  screens: number;
  /** The box's own output. */
  output: 'none' | 'on' | 'failed';
}

/** A curve of a bed, as one device counts its samples. */
export interface Lane {
  /** Its number in the frames of this connection. */
  lane: number;
  bed: string;
  device: string;
  code: string;
  label: string;
  rate_hz: number;
}

export interface Beat {
  now_ms: number;
  wall_ms: number | null;
  clock_trust?: ClockTrust;
}

export interface Snapshot extends Beat {
  build: string;
  post: { id: string; name: string };
  beds: Bed[];
  alarms: Alarm[];
  centre: Centre;
  site: SiteValue[];
  problems: Problem[];
  messages: Message[];
  outage: Outage | null;
  laboratory: Laboratory;
  signals: Signals;
  sound: SoundNow;
  curves: Lane[];
}

export type WardMessage = { seq: number } & (
  | ({ type: 'snapshot' } & Snapshot)
  | { type: 'bed'; bed: Bed }
  | { type: 'alarms'; alarms: Alarm[] }
  | { type: 'centre'; centre: Centre }
  | { type: 'site'; site: SiteValue[] }
  | { type: 'problems'; problems: Problem[] }
  | { type: 'messages'; messages: Message[] }
  | { type: 'outage'; outage: Outage | null }
  | { type: 'laboratory'; laboratory: Laboratory }
  | { type: 'signals'; signals: Signals }
  | { type: 'sound'; sound: SoundNow }
  | { type: 'curves'; curves: Lane[] }
  | ({ type: 'beat' } & Beat)
);
