// How an alarm's state turns into looks and words on the nurse's page.

import { elapsedText } from '../../live/times';
import { callsShort, callsWords, stepWords } from '../../live/steps';
import type { Alarm, Pause, Step } from '../../live/types';
import type { IconName } from '../../parts/Icon.svelte';
import { ward } from '../../live/ward.svelte';
import { t } from '../../text/language.svelte';

/** What says itself, without a name. */
type PlainDelivery = Exclude<Alarm['delivery'], 'shown' | 'read' | 'rejected' | 'lapsed' | 'accepted'>;

/** The value of `data-signal`: theme/base.css gives it its colours, and the root's phase its flash. */
export function signal(alarm: Alarm): string {
  return alarm.flashes ? alarm.priority : `steady-${alarm.priority}`;
}

/** "Sound paused 1:45": what rests at a bed or the post; null = nothing. */
export function restsWords(pause: Pause | undefined, now: number): string | null {
  if (pause === undefined) return null;
  if (pause.until_ms === null) return t('rests.audio_off');
  const left = elapsedText(Math.max(0, pause.until_ms - now));
  return pause.what === 'alarm_paused' ? t('rests.alarm_paused', { left }) : t('rests.audio_paused', { left });
}

/** How long it has lasted, or that nobody knows because it is from before the restart. */
export function elapsed(alarm: Alarm, now: number): string {
  if (alarm.phase === 'latched') return t('alarm.ended_short');
  // What was over and came back holds since then, however long ago it was announced first.
  if (alarm.again_ms != null) return t('alarm.again', { elapsed: elapsedText(now - alarm.again_ms) });
  return alarm.onset_ms === null ? t('alarm.before_restart') : elapsedText(now - alarm.onset_ms);
}

/** Why it calls although somebody had acknowledged it; null where nobody had. */
export function recalledWords({ recalled }: Alarm): string | null {
  if (recalled == null) return null;
  return t('alarm.recalled.since', { time: ward.feed.at(recalled.acknowledged_ms) ?? '?', why: t('alarm.recalled', { why: recalled.why }) });
}

/** Until when an acknowledgement counts while the condition holds; null where it always does. */
export function againWords({ calls_again_ms }: Alarm): string | null {
  const time = calls_again_ms == null ? null : ward.feed.at(calls_again_ms);
  return time === null ? null : t('ack.again', { time });
}

/** Why a pause of a bed, or (null) of the post, ended before its time; null = none did a moment ago. */
export function earlyEndWords(bed: string | null): string | null {
  const end = ward.signals.early_ends?.find((one) => one.bed === bed);
  if (end === undefined) return null;
  const alarm = ward.alarms.find(({ id }) => id === end.alarm);
  const where = bed === null && alarm !== undefined ? (ward.bedLabel(alarm.bed) ?? ward.post.name) : '';
  return where === '' ? t(`rests.over.${end.why}`) : t('rests.over.new_alarm_at', { where });
}

/** "Seen Dr K. 14:07" for each doctor, the newest last. */
export function seenWords(alarm: Alarm): string[] {
  return alarm.seen.map(({ by, at_ms }) => {
    const time = at_ms === null ? null : ward.feed.at(at_ms);
    return time === null ? t('seen.by_only', { name: by }) : t('seen.by', { name: by, time });
  });
}

export const DELIVERY_ICONS: Record<Alarm['delivery'], IconName> = {
  no_centre: 'cloud_off',
  created: 'clock',
  queued: 'clock',
  sent: 'send',
  at_centre: 'cloud',
  shown: 'eye',
  read: 'eye',
  expired: 'warning',
  rejected: 'warning',
  lapsed: 'warning',
  accepted: 'person',
  ended: 'tick',
  superseded: 'swap',
};

/** What a doctor decided, or that none did: said before who has seen it. */
export function isDecided(alarm: Alarm): boolean {
  return ['accepted', 'rejected', 'lapsed', 'expired'].includes(alarm.delivery);
}

/** `14:07` of a moment in UTC. */
export function wallWords(wallMs: number): string {
  return ward.feed.atWall(wallMs);
}

/** The last step of a kind that is known. */
function lastStep(alarm: Alarm, what: Step['what']): Step | undefined {
  return alarm.steps.filter((step) => step.what === what).at(-1);
}

/** Until somebody has read it, whom the centre called says most. */
const CALLED_WHILE: ReadonlySet<Alarm['delivery']> = new Set(['created', 'queued', 'sent', 'at_centre', 'shown', 'expired']);

function waitsForCalled(alarm: Alarm): boolean {
  return CALLED_WHILE.has(alarm.delivery);
}

/** Whom the centre called and when, in full; null where nobody is waited for. */
export function calledWords(alarm: Alarm): string | null {
  return waitsForCalled(alarm) ? callsWords(alarm.steps, stepTime, t) : null;
}

/** When a step was heard of here; empty where nobody knows. */
export function stepTime(step: Step): string {
  return step.at_ms === null ? '' : (ward.feed.at(step.at_ms) ?? '');
}

/** How far it got on its way to a doctor, and since when where that is known. */
export function deliveryWords(alarm: Alarm): string {
  if (alarm.delivery === 'accepted' && alarm.responsible !== null) {
    const { by: name, until_wall_ms, offered_to } = alarm.responsible;
    const words = t('step.accepted', { name, time: wallWords(until_wall_ms) });
    return offered_to === null ? words : t('delivery.offered', { words, to: offered_to });
  }
  const called = waitsForCalled(alarm) ? callsShort(alarm.steps, stepTime, t) : null;
  if (called !== null) return called;
  const told = alarm.delivery === 'lapsed' ? 'accepted' : alarm.delivery;
  const step = told === 'shown' || told === 'read' || told === 'accepted' || told === 'rejected' ? lastStep(alarm, told) : undefined;
  if (alarm.delivery === 'lapsed') return t('delivery.lapsed', { name: step?.by ?? '?' });
  if (step !== undefined) return stepWords(step, wallWords, t);
  const words = t(`delivery.${alarm.delivery as PlainDelivery}`);
  const time = alarm.delivery_ms === null ? null : ward.feed.at(alarm.delivery_ms);
  if (time === null || alarm.delivery === 'no_centre') return words;
  return alarm.delivery === 'queued' ? t('delivery.queued_since', { time }) : `${words} ${time}`;
}
