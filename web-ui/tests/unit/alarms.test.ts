import { describe, expect, it } from 'vitest';
import { alarmWords, byUrgency, heldAbove } from '../../live/alarms';
import { conditionCode } from '../../live/slots';
import type { Alarm } from '../../live/types';
import { translate, type Translate } from '../../text/t';

const t: Translate = (key, values) => translate('en', key, values);
const words = (condition: string, value: string | null = null, limit: string | null = null) =>
  alarmWords({ condition, value, limit }, t).replaceAll('\u00a0', ' ');

function alarm(id: string, more: Partial<Alarm>): Alarm {
  return {
    id, condition: 'limit.spo2.low', priority: 'high', kind: 'physiological', phase: 'active', sounds: true, flashes: true, bed: '1', value: null, limit: null,
    device: null, unit: '', text: '', earlier_patient: false, again_ms: null, recalled: null, calls_again_ms: null,
    crossed_ms: null, onset_ms: 0, onsets: 1, acknowledged_by: null, seen: [], delivery: 'sent', delivery_ms: null, steps: [],
    responsible: null, undelivered: [], ...more,
  };
}

describe('alarms in words', () => {
  it.each([
    [['limit.spo2.low', '84', '90'], 'SpO2 84 < 90'],
    [['limit.hr.high', '138', '120'], 'HR 138 > 120'],
    [['limit.nibp_s.high', '182', '160'], 'NIBP sys 182 > 160'],
    [['limit.rr.low', null, '8'], 'RR too low'],
    [['desaturation', '78', '80'], 'SpO2 very low: 78'],
    [['desaturation'], 'SpO2 very low'],
    [['probe_off.spo2'], 'SpO2 sensor off'],
    [['sensor_fault.temp'], 'Temp sensor fault'],
    [['poor_signal.spo2'], 'SpO2 signal weak'],
    [['poor_signal.pi'], 'SpO2: little blood at the sensor'],
    [['stale.hr'], 'HR comes no more'],
    [['patient_not_identified'], 'Patient not named'],
    [['line_disturbed'], 'Monitor cable disturbed'],
    [['restarted_by_itself'], 'This box restarted by itself'],
    [['device_silent'], 'No monitor data'],
    [['centre_unreachable'], 'Doctors do not see this post'],
    [['alarm_undelivered'], 'Alarms not delivered: telephone the centre'],
    [['store_set_aside'], 'History was damaged or lost'],
    [['store_failing'], 'Records cannot be saved'],
    [['limit.newcode.low', '1', '2'], 'newcode 1 < 2'],
    [['of_a_newer_box'], 'Alarm: of_a_newer_box'],
  ] as const)('%s', (given, expected) => {
    expect(words(...(given as [string, string | null, string | null]))).toBe(expected);
  });

  it.each([
    ['en', { condition: 'site.high.temperature', value: '9.4', limit: '8', unit: 'Cel' }, 'fridge: temperature 9.4 > 8 °C'],
    ['fr', { condition: 'site.high.temperature', value: '9.4', limit: '8', unit: 'Cel' }, 'fridge : température 9.4 > 8 °C'],
    ['en', { condition: 'site.low.battery.charge', value: '18', limit: '20', unit: '%' }, 'fridge: battery 18 < 20 %'],
    ['en', { condition: 'site.low.oxygen.purity', value: '86', limit: '90', unit: '%' }, 'fridge: oxygen.purity 86 < 90 %'],
    ['en', { condition: 'site.high.pressure', value: '9', limit: '7', unit: '' }, 'fridge: pressure 9 > 7'],
    ['en', { condition: 'site.high.temperature', value: null, limit: '8' }, 'fridge: temperature too high'],
    ['en', { condition: 'site.missing.temperature', value: null, limit: null }, 'fridge: temperature: no value'],
    ['fr', { condition: 'site.missing.temperature', value: null, limit: null }, 'fridge : température : pas de valeur'],
    ['en', { condition: 'site.state.ups.on_battery', value: '1', limit: '1' }, 'fridge: running on battery'],
    ['fr', { condition: 'site.state.ups.on_battery', value: '1', limit: '1' }, 'fridge : alimenté par la batterie'],
    ['en', { condition: 'site.state.plant.step', value: '4', limit: '0' }, 'fridge: plant.step: 4'],
    ['en', { condition: 'site.state.door', value: '1', limit: '1', text: 'door open' }, 'fridge: door open'],
    ['en', { condition: 'site.high.t', value: '9', limit: '8', unit: 'Cel', text: 'blood' }, 'fridge: blood 9 > 8 °C'],
  ] as const)('of the equipment: %s %o', (language, given, expected) => {
    const words = alarmWords({ ...given, device: 'fridge' }, (key, values) => translate(language, key, values));
    expect(words.replaceAll('\u00a0', ' ')).toBe(expected);
  });

  it('what a monitor says itself is marked as its own', () => {
    const given = { condition: 'monitor.high.patient', value: null, limit: null, text: '** ASYSTOLE; V-FIB', device: 'mon-1' };
    expect(alarmWords(given, (key, values) => translate('en', key, values))).toBe('Monitor: ** ASYSTOLE; V-FIB');
  });

  it.each([
    ['en', { condition: 'score.news2', value: '5', limit: '5', text: 'NEWS2' }, 'NEWS2 5: medium'],
    ['en', { condition: 'score.news2', value: '9', limit: '7', text: 'NEWS2' }, 'NEWS2 9: high'],
    ['fr', { condition: 'score.news2', value: '9', limit: '7', text: 'NEWS2' }, 'NEWS2 9 : élevé'],
    ['en', { condition: 'score.bedside_pews', value: '8', limit: '7', text: 'Bedside PEWS' }, 'Bedside PEWS 8: urgent review'],
    ['fr', { condition: 'score.meows', value: '2', limit: '2', text: 'MEOWS' }, 'MEOWS 2 : avis urgent'],
    ['en', { condition: 'score.of_a_newer_box', value: null, limit: null }, 'of_a_newer_box: urgent review'],
  ] as const)('of a score: %s %o', (language, given, expected) => {
    expect(alarmWords(given, (key, values) => translate(language, key, values)).replaceAll('\u00a0', ' ')).toBe(expected);
  });

  it('of the equipment of a newer box are named by their key', () => {
    expect(words('site.stuck.temperature')).toBe('Alarm: site.stuck.temperature');
  });

  it('know which value they are about', () => {
    expect(conditionCode('limit.rr_imp.high')).toBe('rr_imp');
    expect(conditionCode('desaturation')).toBe('spo2');
    expect(conditionCode('device_silent')).toBeNull();
  });
});

describe('the order of alarms', () => {
  it('is: unacknowledged, then priority, then active, then newest', () => {
    const ordered = byUrgency([
      alarm('acknowledged high', { phase: 'acknowledged' }),
      alarm('low', { priority: 'low' }),
      alarm('old medium', { priority: 'medium', onset_ms: 1 }),
      alarm('new medium', { priority: 'medium', onset_ms: 9 }),
      alarm('latched high', { phase: 'latched', onset_ms: 99 }),
      alarm('high', { onset_ms: 5 }),
      alarm('high from before the restart', { onset_ms: null }),
    ]);
    expect(ordered.map(({ id }) => id)).toEqual([
      'high', 'high from before the restart', 'latched high', 'new medium', 'old medium', 'low', 'acknowledged high',
    ]);
  });
});

describe('what is acknowledged and more urgent than the first', () => {
  const held = (...alarms: Alarm[]) => heldAbove(byUrgency(alarms))?.id ?? null;
  const high = (more: Partial<Alarm> = {}) => alarm('high', { phase: 'acknowledged', ...more });
  const medium = (more: Partial<Alarm> = {}) => alarm('medium', { priority: 'medium', ...more });

  it('is named beside the one that waits for an answer', () => {
    expect(held(high(), medium())).toBe('high');
    expect(held(medium({ phase: 'acknowledged' }), alarm('low', { priority: 'low' }))).toBe('medium');
  });
  it('is nothing where the first is as urgent, or where nothing waits', () => {
    expect(held(high(), alarm('other', {}))).toBe(null);
    expect(held(high(), medium({ phase: 'acknowledged' }))).toBe(null);
    expect(held(medium())).toBe(null);
    expect(held()).toBe(null);
  });
});
