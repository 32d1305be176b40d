// One step on the way of an alarm, in words; the same on both pages.

import type { Translate } from '../text/t';
import type { StepWords } from './types';

/** `accepted by Dr K. until 22:00`; `clock` writes a moment in UTC. */
export function stepWords(step: StepWords, clock: (wallMs: number) => string, t: Translate): string {
  const name = step.by ?? '?';
  switch (step.what) {
    case 'accepted':
      return t('step.accepted', { name, time: step.until_wall_ms === null ? '?' : clock(step.until_wall_ms) });
    case 'rejected':
      return rejectedWords(step, t);
    case 'offered':
      return t('step.offered', { name, to: step.to ?? '?' });
    case 'shown':
    case 'read':
    case 'declined':
      return t(`step.${step.what}`, { name });
    case 'called':
      return t('step.called', { names: calledNames(step, t) });
    case 'expired':
      return t('delivery.expired');
    default:
      return t(`delivery.${step.what}`);
  }
}

function rejectedWords(step: StepWords, t: Translate): string {
  const why = t(`step.reason.${step.reason ?? 'other'}`);
  const words = step.words === null || step.words === '' ? why : `${why}: ${step.words}`;
  return t('step.rejected', { name: step.by ?? '?', why: step.reason === 'other' && step.words ? step.words : words });
}

function calledNames(step: StepWords, t: Translate): string {
  const names = step.called ?? [];
  return names.length === 0 ? t('step.called.all') : names.join(', ');
}

/** `called: Dr K. 10:02, every doctor 10:07; nobody has taken it`; null where nobody was called. */
export function callsWords<S extends StepWords>(steps: readonly S[], time: (step: S) => string, t: Translate): string | null {
  const calls = calledOnes(steps, time, t);
  return calls.length === 0 ? null : t('delivery.called', { calls: calls.join(', ') });
}

/** The same where there is little room: the newest call first, so that what is cut off is the oldest. */
export function callsShort<S extends StepWords>(steps: readonly S[], time: (step: S) => string, t: Translate): string | null {
  const calls = calledOnes(steps, time, t).reverse();
  return calls.length === 0 ? null : t('delivery.called.short', { calls: calls.join(', ') });
}

function calledOnes<S extends StepWords>(steps: readonly S[], time: (step: S) => string, t: Translate): string[] {
  return steps.filter(({ what }) => what === 'called').map((step) => `${calledNames(step, t)} ${time(step)}`.trim());
}
