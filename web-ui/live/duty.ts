// Duty as the centre speaks of it.

/** Somebody who is on duty now. */
export interface Present {
  id: string;
  name: string;
  until_wall_ms: number;
  offered_to_id: string | null;
  offered_to: string | null;
}

export interface DutyNow {
  state: 'no_roster' | 'nobody' | 'somebody';
  present: Present[];
}

/** A shift of every week, in the centre's local time. */
export interface Shift {
  /** 0 = Monday. */
  day: number;
  from_min: number;
  /** Not after `from_min` = on the next day. */
  to_min: number;
  doctor: string;
}

export type Whom = { who: 'on_duty' | 'everyone' } | { who: 'doctor'; id: string };

export interface Rung {
  after_min: number;
  whom: Whom;
}

export interface Doctor {
  id: string;
  name: string;
}

export interface DutyBook extends DutyNow {
  wall_ms: number;
  /** The centre's local time, in minutes ahead of UTC. */
  offset_min: number;
  shifts: Shift[];
  ladders: { high: Rung[]; medium: Rung[] };
  doctors: Doctor[];
  shifts_max: number;
  rungs_max: number;
  after_min_max: number;
}

/** `08:05` */
export function minuteText(min: number): string {
  return `${String(Math.floor(min / 60)).padStart(2, '0')}:${String(min % 60).padStart(2, '0')}`;
}

/** The minute of `08:05`; null when it is no time. */
export function minuteOf(text: string): number | null {
  const found = /^(\d\d):(\d\d)$/.exec(text);
  return found === null ? null : Number(found[1]) * 60 + Number(found[2]);
}

/** `UTC+05:30` */
export function offsetText(min: number): string {
  return `UTC${min < 0 ? '−' : '+'}${minuteText(Math.abs(min))}`;
}

/** A week from Monday on: the shifts of each day, the earliest first. */
export function week(shifts: readonly Shift[]): Shift[][] {
  return [0, 1, 2, 3, 4, 5, 6].map((day) =>
    shifts.filter((shift) => shift.day === day).sort((a, b) => a.from_min - b.from_min || a.to_min - b.to_min),
  );
}
