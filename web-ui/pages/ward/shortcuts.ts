// Everything by keyboard: 1-9 and 0 go to a bed, Enter opens its patient, A goes to the worst alarm's button, L opens and
// closes the list of alarms, R the laboratory results without a patient, ? the help. What a scanner types is none of them.

import { tick } from 'svelte';
import { KEY_GAP_MS, SCAN_CHARS_MIN, Scanner } from '../../live/scanner';
import { session } from '../../live/session.svelte';
import { ward } from '../../live/ward.svelte';

const scanner = new Scanner();
/** Keys that may be the beginning of what a scanner types. */
let waiting: string[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

export function shortcut(event: KeyboardEvent): void {
  const typing = event.target instanceof HTMLElement && event.target.matches('input, select, textarea');
  if (session.view !== 'live' || typing || event.ctrlKey || event.altKey || event.metaKey) return;
  const { key } = event;
  if (key.length === 1) {
    const fast = scanner.key(key, event.timeStamp);
    if (fast >= SCAN_CHARS_MIN) waiting = [];
    else if (/^[0-9alr?]$/i.test(key)) waiting.push(key);
    else return;
    clearTimeout(timer);
    timer = setTimeout(act, KEY_GAP_MS + 5);
  } else if (key === 'Enter' && scanner.enter(event.timeStamp) !== null) {
    // What was scanned opens nothing and presses no button.
  } else if (key === 'Enter') {
    act();
    if (bedInFocus() === null) return;
    void ward.show({ kind: 'bed', bed: bedInFocus() ?? '' });
  } else if (key === 'Escape') {
    ward.close();
    session.drop();
  } else {
    return;
  }
  event.preventDefault();
}

/** Does what the keys that waited are for. */
function act(): void {
  clearTimeout(timer);
  const keys = waiting;
  waiting = [];
  for (const key of keys) {
    const letter = key.toLowerCase();
    if (/^[0-9]$/.test(key)) {
      const bed = ward.beds[(Number(key) + 9) % 10];
      if (bed !== undefined) void goToBed(bed.id);
    } else if (letter === 'a') {
      const first = document.querySelector('[data-first-alarm]');
      [...(first?.querySelectorAll('button') ?? [])].at(-1)?.focus();
    } else if (letter === 'l') {
      if (ward.listOpen) ward.listOpen = false;
      else void ward.show('list');
    } else if (letter === 'r') {
      if (ward.open?.kind === 'laboratory') ward.open = null;
      else void ward.show({ kind: 'laboratory' });
    } else if (key === '?') {
      ward.help();
    }
  }
}

/** The bed whose tile itself has the focus, not a button in it. */
function bedInFocus(): string | null {
  const tile = document.activeElement;
  return tile instanceof HTMLElement && tile.dataset.testid === 'bed' ? tile.id.replace(/^bed-/, '') : null;
}

/** Goes to a bed; where another one's patient stands beside the beds, this one's stands there then. */
export async function goToBed(id: string): Promise<void> {
  const { open, page } = ward;
  if (page !== 'beds') {
    ward.go('beds');
    await tick();
  } else if (open?.kind === 'bed' && open.bed !== id) {
    await ward.show({ kind: 'bed', bed: id });
    await tick();
  }
  // What was written and not sent comes first.
  if (ward.leaving === null) focusBed(id);
}

/** Brings a bed into view and puts the focus on it. */
export function focusBed(id: string): void {
  const tile = document.getElementById(`bed-${id}`);
  tile?.scrollIntoView({ block: 'center' });
  tile?.focus({ preventScroll: true });
}
