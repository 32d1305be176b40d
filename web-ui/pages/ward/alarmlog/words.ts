// What the log says, in words.

import { dateText, type LoggedAlarm, type LogStep, type Moment } from '../../../live/alarm-log';
import { alarmWords } from '../../../live/alarms';
import { codeLabel } from '../../../live/slots';
import { clockSecondsText, elapsedText } from '../../../live/times';
import { ward } from '../../../live/ward.svelte';
import { t } from '../../../text/language.svelte';
import type { Key } from '../../../text/t';

/** With its day: on paper nobody knows which day was today. */
export function whenOnPaper({ wall, trust }: Moment): string {
  return wall === null || trust === 'untrusted' ? t('clock.unknown') : `${dateText(wall)} ${clockSecondsText(wall)}`;
}

export function when(at: Moment): string {
  return at.wall === null || at.trust === 'untrusted' ? t('clock.unknown') : ward.feed.atWall(at.wall, clockSecondsText);
}

/** A condition by its name alone; a critical laboratory value has none of its own. */
export function conditionWords(condition: string): string {
  const side = /^lab_critical\.(low|high)$/.exec(condition)?.[1];
  if (side !== undefined) return t('alarmlog.lab', { side });
  return alarmWords({ condition, value: null, limit: null, device: null, unit: '', text: '' }, t);
}

export function bedWords(bed: string | null): string {
  return bed === null ? t('alarmlog.post') : (ward.bedLabel(bed) ?? bed);
}

const STEPS: Record<string, Key> = {
  began: 'alarmlog.step.began',
  again: 'alarmlog.step.again',
  raised: 'alarmlog.step.raised',
  acknowledged: 'alarmlog.step.acknowledged',
  latched: 'alarmlog.step.latched',
  ended: 'alarmlog.step.ended',
  shown: 'alarmlog.step.shown',
  read: 'alarmlog.step.read',
  accepted: 'alarmlog.step.accepted',
  rejected: 'alarmlog.step.rejected',
  expired: 'delivery.expired',
  handed: 'alarmlog.step.handed',
};

/** `acknowledged: Grace O. (s1 at 10.0.0.9)` */
export function stepWords({ what, by, from }: LogStep): string {
  const key = STEPS[what];
  const words = key === undefined ? what : t(key);
  if (by === null) return words;
  return from === null ? `${words}: ${by}` : `${words}: ${by} (${from})`;
}

/** From one step to another; `?` where one of their times is not known. */
function between(from: LogStep, to: LogStep): string {
  const [begin, end] = [from, to].map(({ at }) => (at.trust === 'untrusted' ? null : at.wall));
  return begin == null || end == null ? '?' : elapsedText(end - begin);
}

/** How it went on after it was announced, and, where it was announced again, after the last time. */
export function outcomeWords(alarm: LoggedAlarm): string {
  const calls = alarm.steps.flatMap(({ what }, n) => (what === 'began' || what === 'again' ? [n] : []));
  const [first, last] = [calls[0], calls.at(-1)];
  if (first === undefined || last === undefined) return t(alarm.phase === 'ended' ? 'alarmlog.ended' : 'alarmlog.open');
  const then = afterCall(alarm.steps.slice(last), alarm.phase);
  if (first === last) return then;
  return t('alarmlog.then', { first: afterCall(alarm.steps.slice(first, calls[1]), alarm.phase), then });
}

/** How it went on after the call with which these steps begin. */
function afterCall(steps: LogStep[], phase: LoggedAlarm['phase']): string {
  const call = steps[0]!;
  const answer = steps.find(({ what }) => what === 'acknowledged');
  if (answer !== undefined) return t('alarmlog.answered', { name: answer.by ?? '?', after: between(call, answer) });
  const end = steps.find(({ what }) => what === 'ended');
  if (end === undefined) return t(phase === 'ended' ? 'alarmlog.ended' : 'alarmlog.open');
  return end.by === null ? t('alarmlog.ended_after', { after: between(call, end) }) : t('alarmlog.ended_by', { name: end.by });
}

/** `spo2 90 to off` with the name that the value has on the screen; words that are not so stand as they are. */
function limitWords(words: string): string {
  const [, code, low, high] = /^([\w.]+) (\S+) to (\S+)$/.exec(words) ?? [];
  if (code === undefined || low === undefined || high === undefined) return words;
  const side = (limit: string) => (limit === 'off' ? t('alarmlog.limit.off') : limit);
  return `${codeLabel(code)} ${side(low)} – ${side(high)}`;
}

const SIGNALS: Record<string, Key> = {
  audio_paused: 'alarmlog.signals.audio_paused',
  audio_off: 'alarmlog.signals.audio_off',
  alarm_paused: 'alarmlog.signals.alarm_paused',
  'enabled, person': 'alarmlog.signals.person',
  'enabled, time': 'alarmlog.signals.time',
  'enabled, new_alarm': 'alarmlog.signals.new_alarm',
  'enabled, another_patient': 'alarmlog.signals.another_patient',
  'enabled, restart': 'alarmlog.signals.restart',
};

export function changeWords(kind: 'limits' | 'signals', words: string): string {
  if (kind === 'limits') return limitWords(words);
  const key = SIGNALS[words];
  return key === undefined ? words : t(key);
}
