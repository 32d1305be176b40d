// Everything by keyboard: 1-9 and 0 go to a bed, Enter opens its patient, A goes to the worst alarm's button, L opens and
// closes the list of alarms, R the laboratory results without a patient.

import { tick } from 'svelte';
import { session } from '../../live/session.svelte';
import { ward } from '../../live/ward.svelte';

export function shortcut(event: KeyboardEvent): void {
  const typing = event.target instanceof HTMLElement && event.target.matches('input, select, textarea');
  if (session.view !== 'live' || typing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (/^[0-9]$/.test(event.key)) {
    const bed = ward.beds[(Number(event.key) + 9) % 10];
    if (bed !== undefined) void goToBed(bed.id);
  } else if (event.key === 'a' || event.key === 'A') {
    const first = document.querySelector('[data-first-alarm]');
    [...(first?.querySelectorAll('button') ?? [])].at(-1)?.focus();
  } else if (event.key === 'l' || event.key === 'L') {
    if (ward.listOpen) ward.listOpen = false;
    else void ward.show('list');
  } else if (event.key === 'r' || event.key === 'R') {
    if (ward.open?.kind === 'laboratory') ward.open = null;
    else void ward.show({ kind: 'laboratory' });
  } else if (event.key === 'Enter' && bedInFocus() !== null) {
    void ward.show({ kind: 'bed', bed: bedInFocus() ?? '' });
  } else if (event.key === 'Escape') {
    ward.close();
    session.drop();
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
export async function goToBed(id: string): Promise<void> {
  if (ward.page !== 'beds') {
    ward.go('beds');
    await tick();
  }
  const tile = document.getElementById(`bed-${id}`);
  tile?.scrollIntoView({ block: 'center' });
  tile?.focus({ preventScroll: true });
}
