import { describe, expect, it } from 'vitest';
import findings from '../../../appliance/src/selftest/mod.rs?raw';
import en from '../../text/en.json';
import { translate, type Key } from '../../text/t';
import { countsOf, figureText, figureWords, foundText, type SystemRow } from '../../live/system';

const t = (key: Key, values = {}) => translate('en', key, values);
const row = (more: Partial<SystemRow>): SystemRow => ({ part: 'power', of: null, state: 'ok', found: 'power_mains', figures: [], why: null, ...more });

/** The names of an enum of the server, as it sends them. */
function names(of: string): string[] {
  const body = new RegExp(`pub enum ${of} \\{([^}]*)\\}`).exec(findings)![1]!;
  const variants = [...body.matchAll(/^\s+([A-Z]\w+),$/gm)].map(([, name]) => name!);
  return variants.map((name) => name.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase());
}

describe('what the self-test finds', () => {
  it.each([['Found', 'found'], ['Part', 'part'], ['State', 'state'], ['What', 'what']])('has a sentence for every %s of the server, and no other', (of, kind) => {
    const known = Object.keys(en).filter((key) => key.startsWith(`system.${kind}.`)).map((key) => key.split('.')[2]);
    expect(names(of).length).toBeGreaterThan(3);
    expect(known.sort()).toEqual(names(of).sort());
  });

  it('is said in sentences, and by its own name where a newer post finds something else', () => {
    expect(foundText(row({ found: 'network_up' }), t)).toBe('Connected.');
    expect(foundText(row({ found: 'fan_stands_still' }), t)).toBe('fan_stands_still');
    expect(figureWords({ what: 'lost', value: 2 }, t)).toBe('2 lost');
    expect(figureWords({ what: 'turns', value: 7 }, t)).toBe('turns 7');
  });

  it('shows figures as exactly as people read them', () => {
    const shown = (what: string, value: number) => figureText({ what, value });
    expect(shown('round_ms', 212.4)).toBe('212');
    expect(shown('write_ms', 4.25)).toBe('4.3');
    expect(shown('round_ms_max', 12_345)).toBe('12\u202f345');
    expect(shown('free_bytes', 21_474_836_480)).toBe('21');
    expect(shown('ahead_s', -0.042)).toBe('-0.04');
    expect(shown('seen_per_s', 0)).toBe('0');
  });

  it('counts its rows', () => {
    const counts = countsOf([row({}), row({ state: 'failed' }), row({ state: 'failed' })]);
    expect(counts).toEqual({ ok: 1, look: 0, failed: 2, not_measured: 0 });
  });
});
