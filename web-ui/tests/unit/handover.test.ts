import { expect, it } from 'vitest';
import { toDoOf, typedKey, type Listed, type SheetBed } from '../../live/handover';
import type { Note } from '../../live/notes';
import { marksOf } from '../../live/trend';

const bed = (id: string, admission: string): SheetBed => ({ bed: id, label: id, admission, lines: [], to_do: '' });

it('I3 what was typed about somebody is not said of who came into that bed', () => {
  const typed = { [typedKey('1', 'a')]: ' turn ', [typedKey('2', 'b')]: 'weigh', [typedKey('3', 'c')]: '  ' };
  expect(toDoOf([bed('1', 'a'), bed('2', 'somebody-else'), bed('3', 'c')], typed)).toEqual({ '1': 'turn' });
});

it('notes that count and handovers that were taken over have a place in a trend, and nothing without a time', () => {
  const note = (wall_ms: number | null, withdrawn_by: string | null = null): Note => ({ note: 'n', at_ms: null, wall_ms, by: 'Grace', text: 'x', withdrawn_by });
  const handover = (wall_ms: number | null): Listed => ({
    handover: 'h', by: 'Grace', by_id: 'grace', made_wall_ms: 1, made_ms: null, offered_wall_ms: 2, hours: 12, open: false, moved: [], noted: [], post: null, beds: null,
    accepted: wall_ms === null ? null : { by: 'John', wall_ms, changed: [] },
  });
  expect(marksOf([note(10), note(null), note(11, 'John')], [handover(20), handover(null)])).toEqual([
    { of: 'note', wall: 10 }, { of: 'handover', wall: 20 },
  ]);
});
