// The nurse's page as a kiosk: not in the first view of the others.

import { HOME_AFTER_S, Kiosk, kioskOf } from '../../live/kiosk';
import { session } from '../../live/session.svelte';
import { ward } from '../../live/ward.svelte';

const ANSWER_WITHIN_MS = 8000;

export function startKiosk(): void {
  const kiosk = new Kiosk(kioskOf(location.search) ?? HOME_AFTER_S, {
    beats: () => (session.view === 'live' ? ward.feed.beats : null),
    isAway: () => ward.page !== 'beds' || ward.open !== null || ward.listOpen || ward.menuOpen || ward.checkOpen || session.want !== null,
    home: () => {
      session.drop();
      ward.go('beds');
    },
    answers: async () => {
      try {
        return (await fetch('/', { cache: 'no-store', signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })).ok;
      } catch {
        return false;
      }
    },
    reload: () => location.reload(),
  });
  kiosk.start(document);
}
