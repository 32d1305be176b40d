import { describe, expect, it } from 'vitest';
import { clockSecondsText, isToday, momentText } from '../../live/times';
import type { Language } from '../../text/languages';

/** A moment in the zone of this machine. */
const at = (year: number, month: number, day: number, hour: number, minute: number) =>
  new Date(year, month - 1, day, hour, minute, 9).getTime();

const NOW = at(2026, 11, 21, 13, 31); // a Saturday

function check(wallMs: number, nowMs: number | null, en: string, fr: string) {
  const said = (['en', 'fr'] as Language[]).map((language) => momentText(wallMs, nowMs, language));
  expect(said).toEqual([en, fr]);
}

describe('i4: a bare clock time means today', () => {
  it('today', () => {
    check(at(2026, 11, 21, 13, 2), NOW, '13:02', '13:02');
    check(at(2026, 11, 21, 0, 0), NOW, '00:00', '00:00');
    check(at(2026, 11, 21, 23, 59), NOW, '23:59', '23:59');
  });

  it('yesterday, also when less than a day ago', () => {
    check(at(2026, 11, 20, 13, 2), NOW, 'Fri 20 Nov 13:02', 'ven. 20 nov. 13:02');
    check(at(2026, 11, 20, 23, 59), NOW, 'Fri 20 Nov 23:59', 'ven. 20 nov. 23:59');
  });

  it('before midnight and after midnight', () => {
    const [before, after] = [at(2026, 11, 20, 23, 58), at(2026, 11, 21, 0, 1)];
    check(before, at(2026, 11, 20, 23, 59), '23:58', '23:58');
    check(before, after, 'Fri 20 Nov 23:58', 'ven. 20 nov. 23:58');
    check(after, after, '00:01', '00:01');
  });

  it('an outage of five days, and the same day of another month', () => {
    check(at(2026, 11, 16, 13, 2), NOW, 'Mon 16 Nov 13:02', 'lun. 16 nov. 13:02');
    check(at(2026, 10, 21, 13, 31), NOW, 'Wed 21 Oct 13:31', 'mer. 21 oct. 13:31');
  });

  it('last year, with the year', () => {
    check(at(2025, 11, 21, 13, 31), NOW, 'Fri 21 Nov 2025 13:31', 'ven. 21 nov. 2025 13:31');
    check(at(2026, 12, 31, 23, 59), at(2027, 1, 1, 0, 1), 'Thu 31 Dec 2026 23:59', 'jeu. 31 déc. 2026 23:59');
  });

  it('a day ahead of the clock is not today either', () => {
    check(at(2026, 11, 22, 0, 0), NOW, 'Sun 22 Nov 00:00', 'dim. 22 nov. 00:00');
  });

  it('nobody knows the day: all of it is said', () => {
    check(NOW, null, 'Sat 21 Nov 2026 13:31', 'sam. 21 nov. 2026 13:31');
    expect(isToday(NOW, null)).toBe(false);
  });

  it('with seconds where they are asked for', () => {
    expect(momentText(at(2026, 11, 21, 13, 2), NOW, 'en', clockSecondsText)).toBe('13:02:09');
    expect(momentText(at(2026, 11, 20, 13, 2), NOW, 'en', clockSecondsText)).toBe('Fri 20 Nov 13:02:09');
  });
});
