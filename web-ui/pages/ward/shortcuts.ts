// Everything by keyboard: 1-9 and 0 go to a bed, Enter opens its patient, A goes to the worst alarm's button, L opens and
// closes the list of alarms, R the laboratory results without a patient.

import { ward } from '../../live/ward.svelte';

export function shortcut(event: KeyboardEvent): void {
  const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
  if (typing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (/^[0-9]$/.test(event.key)) {
    const bed = ward.beds[(Number(event.key) + 9) % 10];
    if (bed !== undefined) goToBed(bed.id);
  } else if (event.key === 'a' || event.key === 'A') {
    const first = document.querySelector('[data-first-alarm]');
    [...(first?.querySelectorAll('button') ?? [])].at(-1)?.focus();
  } else if (event.key === 'l' || event.key === 'L') {
    if (ward.listOpen) ward.listOpen = false;
    else ward.show('list');
  } else if (event.key === 'r' || event.key === 'R') {
    if (ward.open?.kind === 'laboratory') ward.open = null;
    else ward.show({ kind: 'laboratory' });
  } else if (event.key === 'Enter' && bedInFocus() !== null) {
    ward.show({ kind: 'bed', bed: bedInFocus() ?? '' });
  } else if (event.key === 'Escape') {
    ward.listOpen = false;
    ward.open = null;
  } else {
    return;
  }
  event.preventDefault();
}

/** The bed whose tile itself has the focus, not a button in it. */
function bedInFocus(): string | null {
  const tile = document.activeElement;
  return tile instanceof HTMLElement && tile.dataset.testid === 'bed' ? tile.id.replace(/^bed-/, '') : null;
}

/** Brings a bed into view and puts the focus on it. */
export function goToBed(id: string): void {
  const tile = document.getElementById(`bed-${id}`);
  tile?.scrollIntoView({ block: 'center' });
  tile?.focus({ preventScroll: true });
}
