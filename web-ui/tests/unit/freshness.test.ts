import { describe, expect, it } from 'vitest';
import { look, remoteLook, type State } from '../../live/freshness';
import type { Link, Value } from '../../live/types';

const NOW = 1_000_000;

function value(more: Partial<Value> & { age?: number } = {}): Value {
  const { age = 300, ...rest } = more;
  return {
    code: 'spo2', label: 'SpO2', unit: '%', value: '97', reason: null, quality: 'good', kind: 'continuous',
    at_ms: NOW - age, last_value: null, low: '90', high: null, ...rest,
  };
}

interface Row {
  what: string;
  value: Value | undefined;
  link?: Link | null;
  state: State;
  text: string;
}

const absent = (reason: Value['reason'], age = 300) =>
  value({ value: null, reason, age, last_value: { value: '96', at_ms: NOW - 60_000 } });
const cuff = (minutes: number) => value({ kind: 'intermittent', code: 'nibp_s', value: '119', age: minutes * 60_000 });

const rows: Row[] = [
  { what: 'measured just now', value: value(), state: 'live', text: '97' },
  { what: 'measured 5 s ago', value: value({ age: 5000 }), state: 'live', text: '97' },
  { what: 'measured more than 5 s ago', value: value({ age: 5001 }), state: 'stale', text: '97' },
  { what: 'measured 10 s ago', value: value({ age: 10_000 }), state: 'stale', text: '97' },
  { what: 'measured more than 10 s ago', value: value({ age: 10_001 }), state: 'gone', text: '--' },
  { what: 'a weak signal', value: value({ quality: 'questionable' }), state: 'hollow', text: '97' },
  { what: 'a weak signal that grew old', value: value({ quality: 'questionable', age: 6000 }), state: 'stale', text: '97' },
  { what: 'probe off', value: absent('probe_off'), state: 'probe_off', text: '-?-' },
  { what: 'a probe that was off 11 s ago', value: absent('probe_off', 11_000), state: 'gone', text: '--' },
  { what: 'searching', value: absent('searching'), state: 'searching', text: '--' },
  { what: 'implausible', value: absent('implausible'), state: 'implausible', text: '!!' },
  { what: 'sensor fault', value: absent('sensor_fault'), state: 'implausible', text: '!!' },
  { what: 'not measured', value: absent('not_measured'), state: 'absent', text: '–' },
  { what: 'no value, no reason', value: absent(null), state: 'absent', text: '–' },
  { what: 'no such value', value: undefined, state: 'absent', text: '–' },
  { what: 'a number that is none', value: value({ value: 'NaN' }), state: 'implausible', text: '!!' },
  { what: 'an empty number', value: value({ value: '' }), state: 'implausible', text: '!!' },
  { what: 'from the future', value: value({ age: -2001 }), state: 'gone', text: '--' },
  { what: 'two clocks a moment apart', value: value({ age: -2000 }), state: 'live', text: '97' },
  { what: 'fresh, but the device is silent', value: value(), link: 'silent', state: 'gone', text: '--' },
  { what: 'fresh, but the device is gone', value: value(), link: 'disconnected', state: 'gone', text: '--' },
  { what: 'fresh, but the bed has no device', value: value(), link: null, state: 'gone', text: '--' },
  { what: 'probe off, but the device is gone', value: absent('probe_off'), link: 'disconnected', state: 'gone', text: '--' },
  { what: 'a cuff value of now', value: cuff(0), state: 'spot', text: '119' },
  { what: 'a cuff value 15 min old', value: cuff(15), state: 'spot', text: '119' },
  { what: 'a cuff value 16 min old', value: cuff(16), state: 'spot_dim', text: '119' },
  { what: 'a cuff value 61 min old', value: cuff(61), state: 'spot_old', text: '119' },
  { what: 'a cuff that has measured nothing for long', value: value({ ...absent('not_available', 600_000), kind: 'intermittent', last_value: null }), state: 'absent', text: '–' },
  { what: 'a cuff value of a silent device', value: cuff(1), link: 'silent', state: 'spot_old', text: '119' },
];

describe('i4 i5: how a value looks', () => {
  it.each(rows)('$what is $state', (row) => {
    const shown = look(row.value, row.link === undefined ? 'live' : row.link, NOW);
    expect([shown.state, shown.text]).toEqual([row.state, row.text]);
    expect(shown.number).toBe(/\d/.test(shown.text));
  });

  it('keeps what it was, small, when the number is gone', () => {
    expect(look(value({ age: 11_000 }), 'live', NOW).was).toEqual({ value: '97', atMs: NOW - 11_000 });
    expect(look(absent('probe_off'), 'live', NOW).was).toEqual({ value: '96', atMs: NOW - 60_000 });
    expect(look(value({ value: null, last_value: null, age: 11_000 }), 'live', NOW).was).toBeNull();
  });

  it('never looks live at any age beyond 5 s, on any link', () => {
    for (const link of ['live', 'silent', 'disconnected', null] as const) {
      for (const quality of ['good', 'questionable'] as const) {
        for (let age = 5001; age < 100_000; age += 997) {
          const { state } = look(value({ age, quality }), link, NOW);
          expect(['stale', 'gone']).toContain(state);
          if (age > 10_000) expect(state).toBe('gone');
        }
      }
    }
  });
});

describe('i4 i5: how a value looks to a doctor', () => {
  const remote = (more: object = {}) => ({ code: 'spo2', value: '97', reason: null, quality: 'good', ...more });
  it.each([
    ['a minute old', remote(), 60_000, true, 'recent', '97'],
    ['older than a minute', remote(), 60_001, true, 'old', '97'],
    ['of a post that is not heard', remote(), 1000, false, 'old', '97'],
    ['of unknown age', remote(), null, true, 'old', '97'],
    ['a weak signal', remote({ quality: 'questionable' }), 1000, true, 'hollow', '97'],
    ['a cuff value of half an hour', remote({ code: 'nibp_s' }), 1_800_000, true, 'recent', '97'],
    ['a cuff value of two hours', remote({ code: 'nibp_s' }), 7_200_000, true, 'old', '97'],
    ['probe off', remote({ value: null, reason: 'probe_off' }), 1000, true, 'probe_off', '-?-'],
    ['probe off at a post that is not heard', remote({ value: null, reason: 'probe_off' }), 1000, false, 'absent', '–'],
    ['searching long ago', remote({ value: null, reason: 'searching' }), 60_001, true, 'absent', '–'],
    ['implausible', remote({ value: 'x' }), 1000, true, 'implausible', '!!'],
    ['nothing', undefined, null, true, 'absent', '–'],
  ] as const)('%s', (_, given, age, heard, state, text) => {
    const shown = remoteLook(given as Parameters<typeof remoteLook>[0], age, heard);
    expect([shown.state, shown.text]).toEqual([state, text]);
  });
});
