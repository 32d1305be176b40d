// The fixed slots of a tile, and which of a bed's values stands in each. A slot never moves, whatever is missing.

import type { Said } from './api';
import type { Look } from './freshness';
import { ABSENT, look, NOTHING, oldLook } from './freshness';
import type { Alarm, Bed, Value } from './types';

/** What a person measured last. */
export type ByHand = Said<'ByHand'>;

export type SlotName = 'heart' | 'spo2' | 'resp' | 'nibp' | 'temp';

/** Codes that can stand in a slot, the preferred one first. Labels as in the central code table of `vitals`. */
const HEART = ['hr', 'pr', 'pr_abp', 'pr_nibp'];
const RESP = ['rr', 'rr_imp', 'rr_co2', 'rr_aw'];
const TEMP = ['temp', 'temp_body', 'temp_core', 'temp_skin'];
const NIBP = ['nibp_s', 'nibp_d', 'nibp_m'];
const ABP = ['abp_s', 'abp_d', 'abp_m'];

const LABELS: Record<string, string> = {
  hr: 'HR', pr: 'PR', pr_abp: 'PR (ABP)', pr_nibp: 'PR (NIBP)', spo2: 'SpO2', pi: 'PI',
  rr: 'RR', rr_imp: 'RR', rr_co2: 'awRR', rr_aw: 'awRR', etco2: 'etCO2', fio2: 'FiO2', cvp_m: 'CVP',
  nibp_s: 'NIBP sys', nibp_d: 'NIBP dia', nibp_m: 'NIBP mean', abp_s: 'ABP sys', abp_d: 'ABP dia', abp_m: 'ABP mean',
  temp: 'Temp', temp_body: 'Temp', temp_core: 'Temp core', temp_skin: 'Temp skin',
};

/** What a code is called where no value carries its label (in an alarm's condition). */
export function codeLabel(code: string): string {
  return LABELS[code] ?? code;
}

const UNITS: Record<string, string> = {
  'mm[Hg]': 'mmHg',
  Cel: '°C',
  '[psi]': 'psi',
  '[ppm]': 'ppm',
  'A.h': 'Ah',
  'W.h': 'Wh',
};

/** UCUM as people write it. */
export function unitText(ucum: string): string {
  return UNITS[ucum] ?? ucum;
}

export interface Slot {
  name: SlotName;
  label: string;
  unit: string;
  look: Look;
  /** Small, after the number: the mean pressure. */
  extra: string | null;
  /** Clock time of an intermittent value (server ms). */
  atMs: number | null;
  limits: string | null;
  codes: string[];
  /** Whose word it is: a person measured it, and no monitor. */
  byHand: string | null;
}

/** The five slots of a bed at `nowMs`. Of an empty bed only numbers are shown: that a sensor hangs there is no news. */
export function slotsOf(bed: Bed, nowMs: number): Slot[] {
  const slots = [
    single('heart', HEART, bed, nowMs, { label: 'HR', unit: '/min' }),
    single('spo2', ['spo2'], bed, nowMs, { label: 'SpO2', unit: '%' }),
    single('resp', RESP, bed, nowMs, { label: 'RR', unit: '/min' }),
    pressure(bed, nowMs),
    single('temp', TEMP, bed, nowMs, { label: 'Temp', unit: 'Cel' }),
  ].map((slot) => orByHand(slot, bed, nowMs));
  if (!bed.patient.vacant) return slots;
  return slots.map((slot) => (slot.look.number ? slot : { ...slot, look: NOTHING, extra: null, atMs: null }));
}

/** Nobody lies there and nothing is measured. */
export function isEmpty(bed: Bed, slots: Slot[]): boolean {
  return bed.patient.vacant && slots.every((slot) => !slot.look.number);
}

interface Empty {
  label: string;
  unit: string;
}

function single(name: SlotName, codes: string[], bed: Bed, nowMs: number, empty: Empty): Slot {
  const value = best(codes, bed, nowMs);
  const shown = look(value, bed.link, nowMs);
  return {
    name,
    label: value === undefined ? empty.label : codeLabel(value.code),
    unit: unitText(value?.unit ?? empty.unit),
    look: shown,
    extra: null,
    atMs: value !== undefined && shown.state.startsWith('spot') ? value.at_ms : null,
    limits: value === undefined ? null : limitsText(value),
    codes: name === 'heart' || name === 'resp' || name === 'temp' ? codes : [name],
    byHand: null,
  };
}

/** The first code with a number; else the first with a reason; else the first there is. */
function best(codes: string[], bed: Bed, nowMs: number): Value | undefined {
  const values = codes.flatMap((code) => bed.values.filter((value) => value.code === code));
  const looks = values.map((value) => look(value, bed.link, nowMs));
  const number = looks.findIndex((one) => one.number);
  const reason = looks.findIndex((one) => one.state !== 'absent' && one.state !== 'gone');
  return values[number >= 0 ? number : Math.max(reason, 0)];
}

/** The cuff, or the arterial line where there is one: systolic over diastolic, mean beside. */
function pressure(bed: Bed, nowMs: number): Slot {
  const find = (code: string | undefined) => bed.values.find((value) => value.code === code);
  const codes = ABP.some((code) => find(code)) ? ABP : NIBP;
  const [sys, dia, mean] = codes.map(find);
  const upper = look(sys, bed.link, nowMs);
  const lower = look(dia, bed.link, nowMs);
  const text = upper.number ? `${upper.text}/${lower.number ? lower.text : ABSENT}` : upper.text;
  const was = upper.was && dia && lower.was ? { ...upper.was, value: `${upper.was.value}/${lower.was.value}` } : null;
  const middle = look(mean, bed.link, nowMs);
  return {
    name: 'nibp',
    label: codes === ABP ? 'ABP' : 'NIBP',
    unit: 'mmHg',
    look: { ...upper, text, was },
    extra: upper.number && middle.number ? `(${middle.text})` : null,
    atMs: sys !== undefined && upper.state.startsWith('spot') ? sys.at_ms : null,
    limits: sys === undefined ? null : limitsText(sys),
    codes: [...NIBP, ...ABP],
    byHand: null,
  };
}

/** What an entry calls what stands in a slot, and the name there. */
const BY_HAND: Record<SlotName, { key: ByHand['key']; label: string }> = {
  heart: { key: 'pulse', label: 'PR' },
  spo2: { key: 'spo2', label: 'SpO2' },
  resp: { key: 'rr', label: 'RR' },
  nibp: { key: 'sbp', label: 'NIBP' },
  temp: { key: 'temp', label: 'Temp' },
};

/** What a person measured stands where no monitor measures now and none said anything later; it never looks live (I4). */
function orByHand(slot: Slot, bed: Bed, nowMs: number): Slot {
  const { key, label } = BY_HAND[slot.name];
  const all = bed.score?.by_hand ?? [];
  const found = all.find((one) => one.key === key);
  const isMeasured = slot.look.number && !slot.look.state.startsWith('spot');
  if (found === undefined || isMeasured || found.at_ms <= lastNumberMs(slot, bed)) return slot;
  const lower = all.find((one) => one.key === 'dbp' && one.at_ms === found.at_ms)?.value ?? ABSENT;
  const text = key === 'sbp' ? `${found.value}/${lower}` : found.value;
  const shown = { ...slot, label, unit: unitText(found.unit), look: oldLook(text, nowMs - found.at_ms), extra: null, limits: null };
  return { ...shown, atMs: found.at_ms, byHand: found.by };
}

/** When a monitor had the last number for a slot. */
function lastNumberMs(slot: Slot, bed: Bed): number {
  const values = bed.values.filter(({ code }) => slot.codes.includes(code));
  return Math.max(-Infinity, ...values.map(({ value, at_ms, last_value }) => (value === null ? (last_value?.at_ms ?? -Infinity) : at_ms)));
}

function limitsText(value: { low: string | null; high: string | null }): string | null {
  if (value.low !== null && value.high !== null) return `${value.low}–${value.high}`;
  if (value.low !== null) return `≥ ${value.low}`;
  return value.high === null ? null : `≤ ${value.high}`;
}

/** The code that a condition's key is about: `spo2` for `limit.spo2.low`, null for `device_silent`. */
export function conditionCode(condition: string): string | null {
  if (condition === 'desaturation') return 'spo2';
  return /^(?:limit|probe_off|sensor_fault|poor_signal|stale)\.([a-z0-9_]+)/.exec(condition)?.[1] ?? null;
}

/** The worst patient alarm about what stands in this slot. */
export function slotAlarm(slot: Slot, alarms: Alarm[]): Alarm | null {
  const about = (alarm: Alarm) => slot.codes.includes(conditionCode(alarm.condition) ?? '');
  return alarms.find((alarm) => alarm.kind === 'physiological' && about(alarm)) ?? null;
}
