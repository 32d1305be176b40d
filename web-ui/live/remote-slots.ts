// The same five slots for a bed as the centre knows it.

import type { RemoteBed, RemoteValue } from './centre-types';
import type { SlotName } from './slots';
import { codeLabel } from './slots';

export interface RemoteSlot {
  name: SlotName;
  label: string;
  value: RemoteValue | undefined;
  /** The diastolic pressure. */
  second?: RemoteValue | undefined;
}

export function remoteSlots(bed: RemoteBed): RemoteSlot[] {
  const find = (code: string) => bed.values.find((value) => value.code === code);
  const first = (codes: string[]) => {
    const found = codes.flatMap((code) => find(code) ?? []);
    return found.find((value) => value.value !== null) ?? found[0];
  };
  const single = (name: SlotName, codes: string[], label: string): RemoteSlot => {
    const value = first(codes);
    return { name, label: value === undefined ? label : codeLabel(value.code), value };
  };
  const [upper, lower, label] = find('abp_s') ? ['abp_s', 'abp_d', 'ABP'] : ['nibp_s', 'nibp_d', 'NIBP'];
  return [
    single('heart', ['hr', 'pr', 'pr_abp', 'pr_nibp'], 'HR'),
    single('spo2', ['spo2'], 'SpO2'),
    single('resp', ['rr', 'rr_imp', 'rr_co2', 'rr_aw'], 'RR'),
    { name: 'nibp', label, value: find(upper), second: find(lower) },
    single('temp', ['temp', 'temp_body', 'temp_core', 'temp_skin'], 'Temp'),
  ];
}
