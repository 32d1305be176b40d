import { describe, expect, it } from 'vitest';
import type { Alert, Post } from '../../live/centre-types';
import { cameLate, hasSeen, heardPosts, isMine, isOpen, isUnheard, lastedMs, notShown, signalOf, waitsForADoctor } from '../../live/remote-alerts';

function alert(more: Partial<Alert> = {}): Alert {
  return {
    post: 'demo', id: '1', condition: 'limit.spo2.low', priority: 'high', kind: 'physiological', phase: 'active', bed: '1',
    bed_label: 'Bed 1', value: '84', limit: '90', onset_wall_ms: 1000, received_wall_ms: 1500, delay_ms: 500, past: false,
    ended_unheard: false, onsets: 1, acknowledged_by: null, seen: [], announced_wall_ms: null,
    state: 'at_centre', responsible: null, steps: [], ...more,
  };
}

const post = (status: Post['status']): Post => ({
  id: 'demo', name: 'Demo', status, heartbeat_ms: 0, behind: 0, gap: null, outages: [], sent: [], beds: [],
});
const mark = { by: 'Dr X', wall_ms: 0, confirmed: false, expired: false, refused: null };
const online = heardPosts([post('online')]);

describe('an alert of a post that is heard', () => {
  it('waits for a doctor and flashes until one has seen it', () => {
    expect(waitsForADoctor(alert(), online)).toBe(true);
    expect(signalOf(alert(), online)).toBe('high');
    expect(lastedMs(alert(), online, 4000)).toBe(3000);
    expect(isUnheard(alert(), online)).toBe(false);
    expect(waitsForADoctor(alert({ seen: [mark] }), online)).toBe(false);
    expect(signalOf(alert({ seen: [mark] }), online)).toBe('steady-high');
  });

  it('has no signal once it is over or past', () => {
    for (const over of [alert({ phase: 'ended' }), alert({ past: true })]) {
      expect([signalOf(over, online), lastedMs(over, online, 4000), waitsForADoctor(over, online)]).toEqual(['none', null, false]);
    }
  });
});

describe('i4 an alert of a post that is not heard', () => {
  const cases: [string, Post[]][] = [['lost', [post('lost')]], ['stopped', [post('stopped')]], ['unknown', []]];
  it.each(cases)('never looks live: %s', (_, posts) => {
    const heard = heardPosts(posts);
    expect(signalOf(alert(), heard)).toBe('none');
    expect(signalOf(alert({ phase: 'acknowledged' }), heard)).toBe('none');
    expect(lastedMs(alert(), heard, 4000)).toBeNull();
    expect(waitsForADoctor(alert(), heard)).toBe(false);
    expect(isUnheard(alert(), heard)).toBe(true);
    expect(isUnheard(alert({ phase: 'ended' }), heard)).toBe(false);
  });
});

describe('an alert that somebody answered', () => {
  const who = { by: 'Dr X', by_id: 'x', until_wall_ms: 0, confirmed: true, offered_to: null, offered_to_id: null };

  it('flashes no more, and goes on flashing where it only stood on a screen', () => {
    for (const answered of [alert({ state: 'accepted', responsible: who }), alert({ state: 'rejected' })]) {
      expect([signalOf(answered, online), waitsForADoctor(answered, online)]).toEqual(['steady-high', false]);
    }
    for (const state of ['shown', 'read', 'expired', 'lapsed'] as const) {
      expect([signalOf(alert({ state }), online), waitsForADoctor(alert({ state }), online)]).toEqual(['high', true]);
    }
  });

  it('is mine when I answer for it or when it is offered to me', () => {
    expect(isMine(alert({ responsible: who }), 'x')).toBe(true);
    expect(isMine(alert({ responsible: who }), 'y')).toBe(false);
    expect(isMine(alert({ responsible: { ...who, offered_to: 'Dr Y', offered_to_id: 'y' } }), 'y')).toBe(true);
    expect(isMine(alert(), null)).toBe(false);
  });

  it('never looks live when the same alarmed again', () => {
    const older = alert({ state: 'superseded' });
    expect([signalOf(older, online), waitsForADoctor(older, online), isOpen(older)]).toEqual(['none', false, false]);
  });
});

describe('an alert that came late', () => {
  it('says both times only while it holds', () => {
    expect(cameLate(alert({ delay_ms: 120_000 }))).toBe(false);
    expect(cameLate(alert({ delay_ms: 120_001 }))).toBe(true);
    expect(cameLate(alert({ delay_ms: 120_001, past: true }))).toBe(false);
  });
});

describe('the list of alerts', () => {
  it('knows how many open ones were left out', () => {
    const shown = [alert(), alert({ phase: 'ended' })];
    expect([notShown(shown, 1), notShown(shown, 13), notShown(shown, 0)]).toEqual([0, 12, 0]);
  });
});

describe('seen', () => {
  it('by the same person counts until it has expired', () => {
    expect(hasSeen(alert({ seen: [mark] }), 'Dr X')).toBe(true);
    expect(hasSeen(alert({ seen: [{ ...mark, expired: true }] }), 'Dr X')).toBe(false);
    expect(hasSeen(alert({ seen: [{ ...mark, refused: 'unknown_alarm' }] }), 'Dr X')).toBe(false);
    expect(hasSeen(alert({ seen: [mark] }), null)).toBe(false);
  });
});
