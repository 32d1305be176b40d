import { describe, expect, it } from 'vitest';
import { type LogEntry, logQuery, type LogSearch, named, weekOf, weeksBack } from '../../live/alarm-log';

const NOTHING: LogSearch = { from: '', to: '', bed: '', priority: '', text: '' };
/** A moment in the zone of this machine. */
const at = (year: number, month: number, day: number, hour = 12) => new Date(year, month - 1, day, hour).getTime();

describe('a week is the one that ISO 8601 names', () => {
  it.each([
    [at(2026, 11, 23, 0), '2026-W48'],
    [at(2026, 11, 29, 23), '2026-W48'],
    [at(2026, 11, 30, 0), '2026-W49'],
    [at(2027, 1, 3), '2026-W53'],
    [at(2027, 1, 4), '2027-W01'],
    [at(2024, 12, 30), '2025-W01'],
    [at(2021, 1, 1), '2020-W53'],
    [at(2020, 2, 29), '2020-W09'],
  ])('%d is in %s', (wall, week) => expect(weekOf(wall).week).toBe(week));

  it('begins on Monday at midnight, and those before it follow', () => {
    expect(weekOf(at(2026, 11, 29)).from).toBe(at(2026, 11, 23, 0));
    expect(weeksBack(at(2027, 1, 5), 3).map(({ week }) => week)).toEqual(['2027-W01', '2026-W53', '2026-W52']);
  });
});

describe('what is asked of the log', () => {
  const now = at(2026, 11, 23);
  const asked = (search: Partial<LogSearch>, limit: number | null = 100) => new URLSearchParams(logQuery({ ...NOTHING, ...search }, now, limit));

  it('is the last day where nothing is said, a minute beyond now', () => {
    expect([...asked({})]).toEqual([['from', String(now - 86_400_000)], ['to', String(now + 60_000)], ['limit', '100']]);
  });

  it('is the day before an end that is said', () => {
    const to = at(2026, 11, 20);
    expect([...asked({ to: '2026-11-20T12:00', bed: '1', text: ' spo2 ' })]).toEqual([
      ['from', String(to - 86_400_000)], ['to', String(to)], ['bed', '1'], ['text', 'spo2'], ['limit', '100'],
    ]);
  });

  it('says for the file how far this screen is from UTC', () => {
    const offset = -new Date(now - 86_400_000).getTimezoneOffset();
    expect(asked({}, null).get('offset_min')).toBe(String(offset));
  });
});

describe('an entry of the log has a name', () => {
  const alarm = (number: string) => ({ kind: 'alarm', alarm: number, at: { wall: 1000, trust: 'synchronised' } }) as LogEntry;
  const change = (wall: number) => ({ kind: 'limits', at: { wall, trust: 'synchronised' } }) as LogEntry;
  const names = (entries: LogEntry[]) => named(entries).map(([name]) => name);

  it('that no other has, also where two happened at one moment', () => {
    const all = names([alarm('7-2'), alarm('7-1'), change(2000), change(2000), change(3000)]);
    expect(new Set(all).size).toBe(5);
  });

  it('and keeps it when the log is read anew with newer ones before it', () => {
    const before = names([alarm('7-1'), change(2000)]);
    expect(names([alarm('7-2'), alarm('7-1'), change(2000)]).slice(1)).toEqual(before);
  });
});
