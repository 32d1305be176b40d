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
