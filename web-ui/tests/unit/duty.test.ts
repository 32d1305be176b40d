import { describe, expect, it } from 'vitest';
import type { Alert } from '../../live/centre-types';
import { minuteOf, minuteText, offsetText, week } from '../../live/duty';
import { callsFor } from '../../live/remote-alerts';
import { callsShort, callsWords } from '../../live/steps';
import { translate, type Translate } from '../../text/t';

const t: Translate = (key, values) => translate('en', key, values);

const call = (called: string[], called_ids: string[]): Alert['steps'][number] => ({
  what: 'called', by: null, to: null, until_wall_ms: null, reason: null, words: null, called, called_ids, wall_ms: 0, confirmed: true, refused: null,
});

function alert(more: Partial<Alert>): Alert {
  return {
    post: 'demo', id: '1', condition: 'desaturation', priority: 'high', kind: 'physiological', phase: 'active', bed: '1', bed_label: 'Bed 1',
    value: null, limit: null, onset_wall_ms: 0, received_wall_ms: 0, delay_ms: 0, past: false, ended_unheard: false, onsets: 1,
    acknowledged_by: null, seen: [], announced_wall_ms: null, state: 'at_centre', responsible: null, steps: [], ...more,
  };
}

describe('i6 whoever is called', () => {
  it('is one who is named, and everybody where nobody is named', () => {
    const named = alert({ steps: [call(['Dr X'], ['x'])] });
    expect([callsFor(named, 'x'), callsFor(named, 'y'), callsFor(named, null)]).toEqual([true, false, false]);
    const all = alert({ steps: [call(['Dr X'], ['x']), call([], [])] });
    expect([callsFor(all, 'x'), callsFor(all, 'y')]).toEqual([true, true]);
    expect(callsFor(alert({}), 'x')).toBe(false);
  });

  it('is called no more once somebody has taken or rejected it, or it is over', () => {
    const steps = [call([], [])];
    const responsible = { by: 'Dr Y', by_id: 'y', until_wall_ms: 0, confirmed: true, offered_to: null, offered_to_id: null };
    for (const over of [{ responsible }, { state: 'rejected' as const }, { phase: 'ended' as const }, { state: 'superseded' as const }, { past: true }]) {
      expect(callsFor(alert({ steps, ...over }), 'x')).toBe(false);
    }
  });

  it('stands in words with the time of each call', () => {
    const steps = [call(['Dr X', 'Dr Y'], ['x', 'y']), call([], [])];
    expect(callsWords(steps, () => '10:02', t)).toBe('called: Dr X, Dr Y 10:02, every doctor 10:02; nobody has taken it');
    expect(callsShort(steps, () => '10:02', t)).toBe('not taken; called: every doctor 10:02, Dr X, Dr Y 10:02');
    expect([callsWords([], () => '10:02', t), callsShort([], () => '10:02', t)]).toEqual([null, null]);
  });
});

describe('the roster', () => {
  it('has its shifts by day, the earliest first', () => {
    const shift = (day: number, from_min: number) => ({ day, from_min, to_min: 0, doctor: 'x' });
    const days = week([shift(6, 60), shift(0, 960), shift(0, 480)]);
    expect(days.map((one) => one.map(({ from_min }) => from_min))).toEqual([[480, 960], [], [], [], [], [], [60]]);
  });

  it('reads and writes times of the day', () => {
    expect(minuteText(485)).toBe('08:05');
    expect([minuteOf('08:05'), minuteOf('8:05'), minuteOf('')]).toEqual([485, null, null]);
    expect([offsetText(330), offsetText(0), offsetText(-180)]).toEqual(['UTC+05:30', 'UTC+00:00', 'UTC−03:00']);
  });
});
