// When a result came, in words: the post's time with its age, so that nothing old looks new (I4).

import type { LabResult } from '../../../live/lab';
import { ageText } from '../../../live/times';
import { ward } from '../../../live/ward.svelte';
import { t } from '../../../text/language.svelte';

export function came(result: LabResult): string {
  const { feed } = ward;
  const here = result.received_ms === null ? null : feed.at(result.received_ms);
  const time = here ?? (result.received_wall_ms === null ? null : feed.atWall(result.received_wall_ms));
  const age = ageOf(result);
  if (time === null) return age === null ? t('lab.came_unknown') : t('lab.came_ago', { age });
  return age === null ? t('lab.came_at', { time }) : t('lab.came', { time, age });
}

function ageOf({ received_ms, received_wall_ms }: LabResult): string | null {
  const { feed } = ward;
  if (feed.now === null) return null;
  if (received_ms !== null) return ageText(feed.now - received_ms);
  const now = feed.clock.wallNow();
  return received_wall_ms === null || now === null ? null : ageText(now - received_wall_ms);
}
