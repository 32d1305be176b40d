import { describe, expect, it } from 'vitest';
import { alarmWords } from '../../live/alarms';
import { flagLook, groups, identityText, type Doubt, type LabFlag, type LabResult } from '../../live/lab';
import { translate, type Key } from '../../text/t';

const t = (key: Key, values = {}) => translate('en', key, values);

function result(number: number, more: Partial<LabResult> = {}): LabResult {
  const id = `00000001aabbccdd-${number}`;
  return {
    id, first: id, device: 'sysmex', specimen: 'S-1', test: 'HGB', code: 'HGB', value: '6.9', unit: 'g/dL', range: '', flag: 'none',
    status: 'final', completed: null, was: null, assigned_by: null, received_ms: 1, received_wall_ms: null, doubt: 'unknown' as Doubt, sent: null,
    ...more,
  };
}

describe('laboratory results', () => {
  it('have a shape and a word for every flag, and no two critical ones look alike', () => {
    const flags: LabFlag[] = ['normal', 'low', 'high', 'critical_low', 'critical_high', 'below_measuring', 'above_measuring', 'abnormal'];
    const looks = flags.map((flag) => flagLook(flag));
    for (const look of looks) expect(look === null ? '' : t(look.words)).not.toBe('');
    expect(new Set(looks.map((look) => look?.words)).size).toBe(flags.length);
    expect([flagLook('critical_low')?.icon, flagLook('low')?.icon, flagLook('critical_high')?.icon]).toEqual(['down_twice', 'down', 'up_twice']);
    expect(flagLook('none')).toBeNull();
  });

  it('are settled together only when specimen, identity and reason are the same', () => {
    const sent = { ids: ['7'], family: 'Doe', given: '', born: null, sex: '' };
    const keys = groups([
      result(1), result(2, { specimen: 's-1 ' }), result(3, { doubt: 'other_id' }), result(4, { sent }), result(5, { device: 'cobas' }),
    ]).map((group) => group.results.map((one) => one.id.at(-1)).join(''));
    expect(keys).toEqual(['12', '3', '4', '5']);
  });

  it('without a specimen are one only when they were completed together', () => {
    const at = (completed: string | null) => ({ specimen: '', completed });
    expect(groups([result(1, at('a')), result(2, at('a')), result(3, at('b')), result(4, at(null)), result(5, at(null))]).length).toBe(4);
  });

  it('are never more in one word than the post takes', () => {
    const many = Array.from({ length: 70 }, (_, n) => result(n));
    expect(groups(many).map((group) => group.results.length)).toEqual([64, 6]);
  });

  it('name whom the analyser was told as far as it was', () => {
    expect(identityText({ ids: ['7', '8'], family: 'Doe', given: 'Jane', born: '1960-01-01', sex: 'F' })).toBe('Doe Jane, 7, 8, 1960-01-01, F');
    expect(identityText({ ids: [], family: '', given: '', born: null, sex: '' })).toBeNull();
    expect(identityText(null)).toBeNull();
  });

  it('alarm with test, value and unit, also where the result is no number and of the patient before', () => {
    const alarm = { condition: 'lab_critical.low.00000001aabbccdd-4', value: '6.9', limit: null, unit: 'g/dL', text: 'HGB' };
    const plain = (words: string) => words.replaceAll('\u00a0', ' ');
    expect(plain(alarmWords(alarm, t))).toBe('HGB 6.9 g/dL critically low');
    const text = { ...alarm, condition: 'lab_critical.high.00000001aabbccdd-4', value: null, text: 'K >9', unit: 'mmol/L', earlier_patient: true };
    expect(plain(alarmWords(text, t))).toBe('Patient before: K >9 mmol/L critically high');
  });
});
