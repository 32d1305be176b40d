// What can be wrong with what comes over a line, in words.

import type { Key } from '../../../text/t';
import { t } from '../../../text/language.svelte';

const KNOWN = [
  'bad_checksum', 'resynchronised', 'out_of_order', 'unconfirmed', 'no_answer', 'wrong_answer', 'quality_control', 'broken_off',
  'not_a_patient', 'refused', 'bad_message', 'too_long', 'too_many', 'bad_item', 'unknown_location', 'unknown_code',
];

/** A fault by its name at the server; one of a newer server by that name. */
export function faultWords(name: string): string {
  return KNOWN.includes(name) ? t(`lines.fault.${name}` as Key) : name.replaceAll('_', ' ');
}

/** A step that a family names; one of a newer server is left out. */
export function stepWords(step: string): string {
  return t(`fit.step.${step}` as Key);
}
