// What a value may look like (I4, I5): a pure function of what the server said and the server's clock.
//
// F1 A number is shown only while it was measured at most GONE_AFTER_MS ago (continuous) or carries its own clock time
//    (intermittent). After that it is `--`, and the number is at most a small "was 96 at 10:14".
// F2 A reason is never a number. A reason ages as a number does: who said "probe off" a minute ago says nothing now.
// F3 No value of a device that is not live looks live, whatever its age.
// F4 A time in the server's future is not understood, so it is not live.

import type { Link, Reason, Value } from './types';

export const STALE_AFTER_MS = 5000;
export const GONE_AFTER_MS = 10_000;
export const INTERMITTENT_DIM_AFTER_MS = 15 * 60_000;
/** Two of the usual 30 minutes between cuff measurements. */
export const INTERMITTENT_OLD_AFTER_MS = 60 * 60_000;
/** Two clocks are never read at the same instant. */
const FUTURE_MS = 2000;

export const PROBE_OFF = '-?-';
export const IMPLAUSIBLE = '!!';
export const GONE = '--';
export const ABSENT = '–';

export type State =
  | 'live' // measured now
  | 'hollow' // measured now, by a weak or disturbed signal
  | 'stale' // older than 5 s: number greyed, clock icon and age
  | 'gone' // older than 10 s, or its device is not live: no number
  | 'probe_off'
  | 'searching'
  | 'implausible' // also: the sensor is broken
  | 'absent' // not measured, no reason given, or no such value
  | 'spot' // intermittent: carries its clock time
  | 'spot_dim' // intermittent, older than 15 min
  | 'spot_old'; // intermittent, older than an hour, or its device is not live

export interface Look {
  state: State;
  /** What stands in the number's place. */
  text: string;
  /** Age to show; null where none belongs. */
  ageMs: number | null;
  /** The last number, small, where there is none now. */
  was: { value: string; atMs: number } | null;
  reason: Reason | null;
  /** True only where `text` is a number. */
  number: boolean;
}

/** Where there is no such value. */
export const NOTHING: Look = { state: 'absent', text: ABSENT, ageMs: null, was: null, reason: null, number: false };

/** How a value looks at `nowMs` (server clock) on a bed whose device has this link. */
export function look(value: Value | undefined, link: Link | null, nowMs: number): Look {
  if (value === undefined) return NOTHING;
  const ageMs = nowMs - value.at_ms;
  if (ageMs < -FUTURE_MS) return gone(value);
  if (value.kind === 'intermittent' && value.value !== null) return spot(value, value.value, link, ageMs);
  // A cuff that has measured nothing says so once, not every second.
  if (value.kind === 'intermittent' && link === 'live') return reasoned(value, value.reason ?? 'not_available');
  if (link !== 'live' || ageMs > GONE_AFTER_MS) return gone(value);
  if (value.value === null) return reasoned(value, value.reason ?? 'not_available');
  if (!isNumber(value.value)) return reasoned(value, 'implausible');
  const base = { text: value.value, was: null, reason: null, number: true };
  if (ageMs > STALE_AFTER_MS) return { ...base, state: 'stale', ageMs };
  return { ...base, state: value.quality === 'good' ? 'live' : 'hollow', ageMs: null };
}

function gone(value: Value): Look {
  const last = value.value === null ? value.last_value : { value: value.value, at_ms: value.at_ms };
  const was = last === null || !isNumber(last.value) ? null : { value: last.value, atMs: last.at_ms };
  return { state: 'gone', text: GONE, ageMs: null, was, reason: null, number: false };
}

function reasoned(value: Value, reason: Reason): Look {
  const last = value.last_value;
  const was = last === null || !isNumber(last.value) ? null : { value: last.value, atMs: last.at_ms };
  const base = { ageMs: null, was, reason, number: false };
  switch (reason) {
    case 'probe_off':
      return { ...base, state: 'probe_off', text: PROBE_OFF };
    case 'searching':
      return { ...base, state: 'searching', text: GONE };
    case 'implausible':
    case 'sensor_fault':
      return { ...base, state: 'implausible', text: IMPLAUSIBLE };
    default:
      return { ...base, state: 'absent', text: ABSENT, was: null };
  }
}

function spot(value: Value, text: string, link: Link | null, ageMs: number): Look {
  if (!isNumber(text)) return reasoned(value, 'implausible');
  const old = link !== 'live' || ageMs > INTERMITTENT_OLD_AFTER_MS;
  const state = old ? 'spot_old' : ageMs > INTERMITTENT_DIM_AFTER_MS ? 'spot_dim' : 'spot';
  return { state, text, ageMs: Math.max(ageMs, 0), was: null, reason: null, number: true };
}

/** What somebody said at a moment: never as bright as what is measured. */
export function oldLook(text: string, ageMs: number): Look {
  const state = ageMs > INTERMITTENT_OLD_AFTER_MS ? 'spot_old' : 'spot_dim';
  return { state, text, ageMs: Math.max(ageMs, 0), was: null, reason: null, number: true };
}

/** At the centre nothing is live: a value is as fresh as the link. */
export const REMOTE_OLD_AFTER_MS = 60_000;

export interface RemoteLook {
  state: 'recent' | 'old' | 'absent' | 'probe_off' | 'searching' | 'implausible' | 'hollow';
  text: string;
  ageMs: number | null;
  reason: Reason | null;
}

/** How a value looks to a doctor: `ageMs` as of now; `heard` false when its post is not online. */
export function remoteLook(
  value: { code: string; value: string | null; reason: Reason | null; quality: string } | undefined,
  ageMs: number | null,
  heard: boolean,
): RemoteLook {
  if (value === undefined) return { state: 'absent', text: ABSENT, ageMs: null, reason: null };
  const oldAfter = value.code.includes('nibp') ? INTERMITTENT_OLD_AFTER_MS : REMOTE_OLD_AFTER_MS;
  const old = !heard || ageMs === null || ageMs > oldAfter;
  if (value.value !== null && isNumber(value.value)) {
    const state = old ? 'old' : value.quality === 'good' ? 'recent' : 'hollow';
    return { state, text: value.value, ageMs, reason: null };
  }
  const reason = value.value === null ? (value.reason ?? 'not_available') : 'implausible';
  // As dead as an old number: what was wrong with the sensor then says nothing about now.
  if (old) return { state: 'absent', text: ABSENT, ageMs, reason };
  if (reason === 'probe_off') return { state: 'probe_off', text: PROBE_OFF, ageMs, reason };
  if (reason === 'searching') return { state: 'searching', text: GONE, ageMs, reason };
  if (reason === 'implausible' || reason === 'sensor_fault') {
    return { state: 'implausible', text: IMPLAUSIBLE, ageMs, reason };
  }
  return { state: 'absent', text: ABSENT, ageMs, reason };
}

function isNumber(text: string): boolean {
  return /^-?\d{1,5}(\.\d{1,3})?$/.test(text);
}
