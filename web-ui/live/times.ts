// Times as people read them. Wall times come in as UTC from the server and are shown in the zone of this screen.
// A bare clock time means today (I4): what happened on another day says its day, or its age beside the clock time.

import { LANGUAGES, type Language } from '../text/languages';

const two = (n: number) => String(n).padStart(2, '0');

/** `14:07`. */
export function clockText(wallMs: number): string {
  const at = new Date(wallMs);
  return `${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** `14:07:31`. */
export function clockSecondsText(wallMs: number): string {
  return `${clockText(wallMs)}:${two(new Date(wallMs).getSeconds())}`;
}

/** Whether a moment is of the day that it is now on this screen; false when nobody knows what day it is. */
export function isToday(wallMs: number, nowWallMs: number | null): boolean {
  return nowWallMs !== null && new Date(wallMs).toDateString() === new Date(nowWallMs).toDateString();
}

/** `14:07` of today, else `Mon 16 Nov 14:07`, and with the year when it is not this one or nobody knows the day. */
export function momentText(wallMs: number, nowWallMs: number | null, language: Language, clock = clockText): string {
  if (isToday(wallMs, nowWallMs)) return clock(wallMs);
  const at = new Date(wallMs);
  const thisYear = nowWallMs !== null && at.getFullYear() === new Date(nowWallMs).getFullYear();
  const day = new Intl.DateTimeFormat(LANGUAGES[language].locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    ...(thisYear ? {} : { year: 'numeric' }),
  }).format(at);
  // Browsers do not agree on the comma, and in a sentence it would part the day from its time.
  return `${day.replaceAll(',', '')} ${clock(wallMs)}`;
}

/** `12 345`: a count with its digits in threes. */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** `0:48`, `12:03`, `1 h 05`: how long something has lasted. */
export function elapsedText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)}`;
}

/** `7 s`, `12 min`, `3 h`, `2 d`: how old something is. */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 48 * 3600 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
}
