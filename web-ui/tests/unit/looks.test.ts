import { describe, expect, it } from 'vitest';
import type { Alert } from '../../live/centre-types';
import { AGAIN_AFTER_MS, Looks, READ_AFTER_MS, SHOWN_AFTER_MS, TOLD_MAX, USED_WITHIN_MS } from '../../live/looks';

const step = (what: 'shown' | 'read', by: string) => ({
  what, by, to: null, until_wall_ms: null, reason: null, words: null, called: null, called_ids: [], wall_ms: 0, confirmed: true, refused: null,
});

function alert(id: string, more: Partial<Alert> = {}): Alert {
  return {
    post: 'demo', id, condition: 'desaturation', priority: 'high', kind: 'physiological', phase: 'active', bed: '1', bed_label: 'Bed 1',
    value: null, limit: null, onset_wall_ms: 0, received_wall_ms: 0, delay_ms: 0, past: false, ended_unheard: false, onsets: 1,
    acknowledged_by: null, seen: [], announced_wall_ms: null, state: 'at_centre', responsible: null, steps: [], ...more,
  };
}

const key = (one: Alert) => one.id;

function due(looks: Looks, alerts: Alert[], now: number): [string[], string[]] {
  const { shown, read } = looks.due(alerts, key, 'Dr X', now);
  return [shown.map(key), read.map(key)];
}

describe('i6 what a page tells of what stood before a doctor', () => {
  it('is nothing of a row that was only sent here, or scrolled past', () => {
    const looks = new Looks();
    looks.used(0);
    expect(due(looks, [alert('1')], 60_000)).toEqual([[], []]);
    looks.inView('1', true, 0);
    looks.inView('1', false, 500);
    expect(due(looks, [alert('1')], 60_000)).toEqual([[], []]);
  });

  it('is "shown" after a second in view, and "read" after five only while somebody uses the page', () => {
    const looks = new Looks();
    looks.inView('1', true, 0);
    expect(due(looks, [alert('1')], SHOWN_AFTER_MS - 1)).toEqual([[], []]);
    expect(due(looks, [alert('1')], SHOWN_AFTER_MS)).toEqual([['1'], []]);
    expect(due(looks, [alert('1')], READ_AFTER_MS)).toEqual([['1'], []]);
    looks.used(READ_AFTER_MS);
    expect(due(looks, [alert('1')], READ_AFTER_MS)).toEqual([['1'], ['1']]);
    const gone = READ_AFTER_MS + USED_WITHIN_MS + 1;
    expect(due(looks, [alert('1')], gone)).toEqual([['1'], []]);
  });

  it('begins anew after the page was hidden', () => {
    const looks = new Looks();
    looks.used(60_000);
    looks.inView('1', true, 0);
    looks.interrupted();
    expect(due(looks, [alert('1')], 60_000)).toEqual([[], []]);
    expect(due(looks, [alert('1')], 60_000 + SHOWN_AFTER_MS)).toEqual([['1'], []]);
  });

  it('is "read" at once when somebody opens it', () => {
    const looks = new Looks();
    looks.opened('1');
    expect(due(looks, [alert('1')], 0)).toEqual([[], ['1']]);
  });

  it('is told until the picture has it, now and then, and not of what is over', () => {
    const looks = new Looks();
    looks.used(0);
    looks.inView('1', true, 0);
    looks.opened('1');
    looks.told('shown', '1', 1000);
    looks.told('read', '1', 1000);
    expect(due(looks, [alert('1')], 2000)).toEqual([[], []]);
    expect(due(looks, [alert('1')], 1000 + AGAIN_AFTER_MS)).toEqual([['1'], ['1']]);
    const known = alert('1', { steps: [step('shown', 'Dr Y'), step('read', 'Dr X')] });
    expect(due(looks, [known], 60_000)).toEqual([[], []]);
    const byAnother = alert('1', { steps: [step('read', 'Dr Y')] });
    expect(due(looks, [byAnother], 60_000)).toEqual([[], ['1']]);
    expect(due(looks, [alert('1', { phase: 'ended' })], 60_000)).toEqual([[], []]);
    expect(due(looks, [alert('1', { state: 'superseded' })], 60_000)).toEqual([[], []]);
  });

  it('has a bound', () => {
    const looks = new Looks();
    const many = Array.from({ length: TOLD_MAX + 9 }, (_, n) => alert(String(n)));
    for (const one of many) looks.inView(one.id, true, 0);
    expect(due(looks, many, 10_000)[0]).toHaveLength(TOLD_MAX);
  });
});
