import { expect, it } from 'vitest';
import type { LoggedAlarm, LogStep } from '../../live/alarm-log';
import type { Observation } from '../../live/score';
import { entryWords } from '../../live/score-parts';
import { said } from '../../pages/ward/handover/words';
import { outcomeWords } from '../../pages/ward/alarmlog/words';
import { translate, type Translate } from '../../text/t';

const t: Translate = (key, values) => translate('en', key, values);

const alarm = (phase: LoggedAlarm['phase'], ...steps: [LogStep['what'], number, string?][]): LoggedAlarm =>
  ({
    phase,
    steps: steps.map(([what, second, by = null]) => ({ what, by, from: null, at: { wall: second * 1000, trust: 'synchronised' } })),
  }) as unknown as LoggedAlarm;

it('an alarm that called again says how each call went, the first one first', () => {
  const first = [['began', 0], ['acknowledged', 37, 'Demo nurse']] as const;
  const outcome = (phase: LoggedAlarm['phase'], ...later: [LogStep['what'], number, string?][]) => outcomeWords(alarm(phase, ...first.map((one) => [...one] as [LogStep['what'], number, string?]), ...later));
  expect(outcome('acknowledged')).toBe('Demo nurse after 0:37');
  expect(outcome('active', ['again', 637])).toBe('Demo nurse after 0:37; again: not over');
  expect(outcome('ended', ['again', 637], ['acknowledged', 695, 'Ama M.'], ['ended', 800])).toBe('Demo nurse after 0:37; again: Ama M. after 0:58');
  const back = alarm('ended', ['began', 0], ['ended', 9], ['again', 20], ['ended', 30], ['again', 40], ['ended', 52]);
  expect(outcomeWords(back)).toBe('over by itself after 0:09; again: over by itself after 0:12');
});

it('a pressure is said with its upper number first', () => {
  const findings = { dbp: '84', sbp: '132', temp: '38.2', consciousness: 'A' };
  expect(entryWords({ findings } as unknown as Observation, t).replaceAll('\u00a0', ' ')).toBe('Consciousness A, Temperature 38.2 °C, Systolic 132 mmHg, Diastolic 84 mmHg');
});

it('a handover says that a time is how long, and how often an alarm was announced', () => {
  const words = (what: string, ...all: string[]) => said({ section: 'assessment', what, words: all }).words;
  expect(words('alarms', '1', '0', '0', '1', '', '6')).toBe('1 alarm: 0 high, 0 medium, 1 low, announced 6 times');
  expect(words('alarms', '1', '0', '0', '1', '', '1')).toBe('1 alarm: 0 high, 0 medium, 1 low');
  expect(words('alarms', '1', '0', '0', '1', ''), 'kept before that was counted').toBe('1 alarm: 0 high, 0 medium, 1 low');
  expect(words('score', 'NEWS2', '', '', 'incomplete', '519', '')).toBe('NEWS2 –: incomplete, for 8:39');
  expect(words('worst', 'low', 'probe_off.spo2', '', '', '', '', '', '395')).toMatch(/SpO2 sensor off, .*, for 6:35$/);
});
