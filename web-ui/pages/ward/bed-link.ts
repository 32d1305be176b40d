// Whether a bed is live, in words: the same on its tile and on its page, so that neither says more than the other (I4).

import type { Bed } from '../../live/types';
import { ward } from '../../live/ward.svelte';
import { t } from '../../text/language.svelte';

/** Older than this, the newest continuous value is no data. */
const NO_DATA_AFTER_MS = 10_000;

/** The age of the newest continuous value: what LIVE means right now. */
export function newestAge(bed: Bed, now: number): number | null {
  const ages = bed.values.filter((value) => value.kind === 'continuous').map((value) => now - value.at_ms);
  return ages.length === 0 ? null : Math.max(0, Math.min(...ages));
}

/** `empty`: nobody lies there and nothing is measured. */
export function linkOf(bed: Bed, empty: boolean, now: number): { state: 'empty' | 'live' | 'none' | 'lost'; words: string } {
  if (empty) return { state: 'empty', words: '' };
  if (bed.patient.vacant) return { state: 'live', words: t('tile.empty_values') };
  if (bed.device === null || bed.link === null) return { state: 'none', words: t('bed.no_device') };
  if (bed.link === 'disconnected') {
    const words = bed.link_reason === null ? t('tile.disconnected') : t('tile.disconnected_reason', { reason: bed.link_reason });
    return { state: 'lost', words };
  }
  const age = newestAge(bed, now);
  if (bed.link === 'silent' || age === null || age > NO_DATA_AFTER_MS) return { state: 'lost', words: silence(bed, age, now) };
  return { state: 'live', words: t('tile.live') };
}

function silence(bed: Bed, age: number | null, now: number): string {
  const since = bed.link === 'silent' ? bed.link_since_ms : age === null ? null : now - age;
  if (since === null) return t('tile.no_data');
  const time = ward.feed.atToday(since);
  return time === null ? t('tile.no_data_for', { elapsed: ward.feed.since(since) }) : t('tile.no_data_since', { time });
}
