// Which curves of a bed are shown, and in which order.

import type { Lane } from './types';

/** Which curves come before which. */
const ORDER = ['ecg_ii', 'ecg_i', 'ecg_iii', 'ecg_v', 'ecg_avr', 'ecg_avl', 'ecg_avf', 'pleth', 'abp', 'resp', 'co2', 'cvp', 'paw', 'flow'];

/** The curves of a bed, the most telling first, each once; a tile shows one lead of the ECG. */
export function lanesOf(lanes: readonly Lane[], bed: string): Lane[] {
  const place = (lane: Lane) => (ORDER.indexOf(lane.code) + ORDER.length + 1) % (ORDER.length + 1);
  const ofBed = lanes.filter((lane) => lane.bed === bed).sort((a, b) => place(a) - place(b) || a.lane - b.lane);
  const isEcg = (lane: Lane) => lane.code.startsWith('ecg');
  return ofBed.filter((lane, n) => ofBed.findIndex((one) => one.code === lane.code || (isEcg(one) && isEcg(lane))) === n);
}
