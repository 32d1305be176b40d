import { describe, expect, it } from 'vitest';
import { remoteSlots } from '../../live/remote-slots';
import type { Score } from '../../live/score';
import { type ByHand, isEmpty, slotAlarm, slotsOf } from '../../live/slots';
import type { Alarm, Bed, Value } from '../../live/types';

const NOW = 1_000_000;

function value(code: string, text: string | null, more: Partial<Value> = {}): Value {
  return {
    code, label: code, unit: '/min', value: text, reason: text === null ? 'not_measured' : null, quality: 'good',
    kind: code.startsWith('nibp') ? 'intermittent' : 'continuous', at_ms: NOW - 300, last_value: null, low: null, high: null, ...more,
  };
}

const bed = (...values: Value[]): Bed => ({
  id: '1', label: 'Bed 1', category: 'adult', device: 'm', link: 'live', link_since_ms: 0, link_reason: null, device_clock_ms: null, device_alarms: null, values,
  patient: { admission: 'unidentified-1', known: false, vacant: false, initials: '', results: 0, revision: 0, perhaps: null }, score: null,
});
const shown = (...values: Value[]) => slotsOf(bed(...values), NOW).map((slot) => `${slot.label} ${slot.look.text}`);

describe('the five slots', () => {
  it('stand in the same order, whatever there is', () => {
    expect(shown()).toEqual(['HR –', 'SpO2 –', 'RR –', 'NIBP –', 'Temp –']);
    expect(shown(value('temp', '36.9'), value('spo2', '97'))).toEqual(['HR –', 'SpO2 97', 'RR –', 'NIBP –', 'Temp 36.9']);
  });

  it('show the pulse rate, named so, only where there is no heart rate', () => {
    expect(shown(value('pr', '71'), value('hr', '72'))[0]).toBe('HR 72');
    expect(shown(value('pr', '71'), value('hr', null))[0]).toBe('PR 71');
    expect(shown(value('pr', '71', { at_ms: NOW - 60_000 }), value('hr', '72', { at_ms: NOW - 60_000 }))[0]).toBe('HR --');
    expect(shown(value('pr', null, { reason: 'probe_off' }))[0]).toBe('PR -?-');
  });

  it('put the pressures together, with their mean and time', () => {
    const cuff = [value('nibp_s', '119'), value('nibp_d', '73'), value('nibp_m', '89')];
    const slot = slotsOf(bed(...cuff), NOW)[3]!;
    expect([slot.look.text, slot.extra, slot.atMs]).toEqual(['119/73', '(89)', NOW - 300]);
    expect(shown(value('nibp_s', '119'), value('nibp_d', null))[3]).toBe('NIBP 119/–');
    expect(shown(value('nibp_d', '73'))[3]).toBe('NIBP –');
    expect(shown(...cuff, value('abp_s', '121'), value('abp_d', '75'))[3]).toBe('ABP 121/75');
  });

  it('of an empty bed show the numbers that come, and nothing of what is missing', () => {
    const left = bed(value('spo2', null, { reason: 'probe_off', last_value: { value: '96', at_ms: NOW - 20_000 } }), value('pr', '71', { at_ms: NOW - 60_000 }));
    left.patient = { ...left.patient, vacant: true };
    const slots = slotsOf(left, NOW);
    expect(slots.map(({ look }) => [look.state, look.was])).toEqual(Array.from({ length: 5 }, () => ['absent', null]));
    expect(isEmpty(left, slots)).toBe(true);
    const lying = { ...left, values: [value('spo2', '91'), value('pr', null, { reason: 'probe_off' })] };
    expect(slotsOf(lying, NOW).map(({ look }) => look.text)).toEqual(['–', '91', '–', '–', '–']);
    expect(isEmpty(lying, slotsOf(lying, NOW))).toBe(false);
    const occupied = { ...left, patient: { ...left.patient, vacant: false } };
    expect(isEmpty(occupied, slotsOf(occupied, NOW))).toBe(false);
    expect(slotsOf(occupied, NOW)[1]!.look.state).toBe('probe_off');
  });

  it('are marked by the worst patient alarm about them, and by no other', () => {
    const alarm = (condition: string, kind: Alarm['kind']) => ({ condition, kind }) as Alarm;
    const alarms = [alarm('probe_off.spo2', 'technical'), alarm('limit.pr.high', 'physiological'), alarm('limit.hr.high', 'physiological')];
    const slots = slotsOf(bed(value('hr', '130')), NOW);
    expect(slotAlarm(slots[0]!, alarms)?.condition).toBe('limit.pr.high');
    expect(slotAlarm(slots[1]!, alarms)).toBeNull();
  });

  describe('where a person measured', () => {
    const MINUTE = 60_000;
    const found = (key: ByHand['key'], number: string, ago: number): ByHand => ({ key, value: number, unit: key === 'temp' ? 'Cel' : 'mm[Hg]', at_ms: NOW - ago, by: 'Grace O.' });
    const slots = (values: Value[], ...by_hand: ByHand[]) => slotsOf({ ...bed(...values), score: { by_hand } as Score }, NOW);
    const temp = (values: Value[], ...by_hand: ByHand[]) => slots(values, ...by_hand)[4]!;
    const gone = (ago: number) => value('temp', '36.7', { at_ms: NOW - ago });
    const off = value('temp', null, { reason: 'probe_off', last_value: { value: '36.7', at_ms: NOW - 9 * MINUTE } });

    it('i4 what they found stands in place of what is not measured now, marked, and never looks live', () => {
      for (const values of [[], [gone(9 * MINUTE)], [off], [value('temp', null)]]) {
        const slot = temp(values, found('temp', '38.2', 4 * MINUTE));
        expect([slot.look.text, slot.look.state, slot.byHand, slot.atMs, slot.limits]).toEqual(['38.2', 'spot_dim', 'Grace O.', NOW - 4 * MINUTE, null]);
      }
      for (let ago = 0; ago < 25 * 60 * MINUTE; ago += 7 * MINUTE) {
        expect(temp([], found('temp', '38.2', ago)).look.state).toBe(ago > 60 * MINUTE ? 'spot_old' : 'spot_dim');
      }
    });

    it('i4 what a monitor measures now, or had a number for later, stands', () => {
      for (const values of [[value('temp', '36.9')], [gone(7000)], [gone(3 * MINUTE)], [{ ...off, last_value: { value: '36.7', at_ms: NOW - 3 * MINUTE } }]]) {
        const slot = temp(values, found('temp', '38.2', 4 * MINUTE));
        expect([slot.byHand, slot.look.text]).not.toContain('38.2');
        expect(slot.byHand).toBeNull();
      }
    });

    it('a pressure that is newer than the cuff stands with its lower number, if that was found with it', () => {
      const cuff = [value('nibp_s', '125', { at_ms: NOW - 5 * MINUTE }), value('nibp_d', '79', { at_ms: NOW - 5 * MINUTE }), value('nibp_m', '94', { at_ms: NOW - 5 * MINUTE })];
      const text = (...by_hand: ByHand[]) => slots(cuff, ...by_hand)[3]!;
      const slot = text(found('sbp', '132', MINUTE), found('dbp', '84', MINUTE));
      expect([slot.label, slot.look.text, slot.extra, slot.unit]).toEqual(['NIBP', '132/84', null, 'mmHg']);
      expect(text(found('sbp', '132', MINUTE), found('dbp', '84', 2 * MINUTE)).look.text).toBe('132/–');
      expect(text(found('sbp', '132', 6 * MINUTE), found('dbp', '84', 6 * MINUTE)).look.text).toBe('125/79');
      const line = [...cuff, value('abp_s', '121'), value('abp_d', '75')];
      expect(slots(line, found('sbp', '132', 0), found('dbp', '84', 0))[3]!.look.text).toBe('121/75');
    });
  });

  it('are the same at the centre', () => {
    const remote = (code: string, text: string | null) => ({
      code, label: code, unit: '', value: text, reason: null, quality: 'good' as const, measured_wall_ms: null, age_ms: 1,
    });
    const slots = remoteSlots({ id: '1', label: 'Bed 1', patient: null, values: [remote('hr', null), remote('pr', '70'), remote('nibp_s', '119'), remote('nibp_d', '73')] });
    expect(slots.map((slot) => slot.label)).toEqual(['PR', 'SpO2', 'RR', 'NIBP', 'Temp']);
    expect([slots[3]!.value?.value, slots[3]!.second?.value]).toEqual(['119', '73']);
  });
});
