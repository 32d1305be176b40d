// Everything by keyboard: 1-9 and 0 go to a bed, A to the worst alarm's button, L opens and closes the list of alarms.

import { ward } from '../../live/ward.svelte';

export function shortcut(event: KeyboardEvent): void {
  const typing = event.target instanceof HTMLInputElement;
  if (typing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (/^[0-9]$/.test(event.key)) {
    const bed = ward.beds[(Number(event.key) + 9) % 10];
    if (bed !== undefined) goToBed(bed.id);
  } else if (event.key === 'a' || event.key === 'A') {
    const first = document.querySelector('[data-first-alarm]');
    [...(first?.querySelectorAll('button') ?? [])].at(-1)?.focus();
  } else if (event.key === 'l' || event.key === 'L') {
    ward.listOpen = !ward.listOpen;
  } else if (event.key === 'Escape') {
    ward.listOpen = false;
  } else {
    return;
  }
  event.preventDefault();
}

/** Brings a bed into view and puts the focus on it. */
export function goToBed(id: string): void {
  const tile = document.getElementById(`bed-${id}`);
  tile?.scrollIntoView({ block: 'center' });
  tile?.focus({ preventScroll: true });
}
