// How far an alert has come, in a few words.

import type { Alert } from '../../live/centre-types';
import { centre } from '../../live/centre.svelte';
import { stepWords } from '../../live/steps';
import { t } from '../../text/language.svelte';

/** A moment in UTC as people read it. */
export function clock(wallMs: number): string {
  return centre.feed.atWall(wallMs);
}

/** `read by Dr K.`; who answers for it is said elsewhere. */
export function stateWords(alert: Alert): string {
  const { state } = alert;
  const last = (what: string) => alert.steps.filter((step) => step.what === what).at(-1);
  switch (state) {
    case 'shown':
    case 'read':
    case 'rejected': {
      const step = last(state);
      return step === undefined ? t('delivery.at_centre') : stepWords(step, clock, t);
    }
    case 'accepted':
    case 'lapsed':
      return t('delivery.lapsed', { name: last('accepted')?.by ?? '?' });
    default:
      return t(`delivery.${state}`);
  }
}
