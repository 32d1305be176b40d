import { describe, expect, it } from 'vitest';
import { ALARMS, alarmOf, NUMBERS, slotOf } from '../../pages/ward/help/samples';
import { HELP_WORDS } from '../../pages/ward/help/words';
import type { Language } from '../../text/languages';

const NOW = 10_000_000;
const en = (await HELP_WORDS.en()).default;

describe('the help', () => {
  it.each(Object.keys(HELP_WORDS) as Language[])('says in %s all that it says in English, in words of its own', async (language) => {
    const words = (await HELP_WORDS[language]()).default;
    expect(Object.keys(words).sort()).toEqual(Object.keys(en).sort());
    for (const [key, text] of Object.entries(words)) {
      expect(text.trim()).not.toBe('');
      if (language !== 'en') expect([key, text]).not.toEqual([key, en[key as keyof typeof en]]);
    }
  });

  it('explains each state of a number with a number in that state', () => {
    const states = NUMBERS.map((what) => [what, slotOf(what, NOW).look.state]);
    expect(Object.fromEntries(states)).toEqual({
      live: 'live', stale: 'stale', gone: 'gone', probe_off: 'probe_off', searching: 'searching', weak: 'hollow', implausible: 'implausible', absent: 'absent', cuff: 'spot',
      cuff_old: 'spot_old', by_hand: 'spot_dim', whose: 'live',
    });
  });

  it('explains each state of an alarm with an alarm in that state', () => {
    const shown = new Set(ALARMS.map((what) => alarmOf(what, NOW)).flatMap(({ priority, kind, phase }) => [priority, kind, phase]));
    expect([...shown].sort()).toEqual(['acknowledged', 'active', 'high', 'latched', 'low', 'medium', 'physiological', 'technical']);
    expect(alarmOf('silent', NOW).sounds).toBe(false);
    expect(alarmOf('again', NOW).again_ms).toBe(NOW - 12_000);
  });
});
