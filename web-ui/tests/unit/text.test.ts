import { describe, expect, it } from 'vitest';
import en from '../../text/en.json';
import { LANGUAGES, type Language } from '../../text/languages';
import { translate, type Key } from '../../text/t';
import { WORDS } from './words';

/** The arguments that a text asks for, and the forms of its selects. */
function needs(language: Language, key: Key): string[] {
  const asked = new Set<string>();
  translate(language, key, new Proxy({}, { get: (_, name) => (asked.add(String(name)), 1) }));
  const selects = [...WORDS[language][key].matchAll(/(\w+), select, (.*)\}$/g)].map(
    ([, name, forms]) => `${name}: ${[...forms!.matchAll(/(\w+) \{/g)].map((form) => form[1]).sort().join(' ')}`,
  );
  return [...asked, ...selects].sort();
}

const keys = Object.keys(en) as Key[];
const others = Object.keys(LANGUAGES).filter((language) => language !== 'en') as Language[];

describe('texts', () => {
  it.each(others)('%s has every key, no other, and every argument', (language) => {
    expect(Object.keys(WORDS[language]).sort()).toEqual([...keys].sort());
    for (const key of keys) expect([key, needs(language, key)]).toEqual([key, needs('en', key)]);
  });

  it('every text of every language can be filled', () => {
    const any = new Proxy({}, { get: () => 1 }) as Record<string, number>;
    for (const language of Object.keys(LANGUAGES) as Language[]) {
      for (const key of keys) expect(translate(language, key, any)).not.toMatch(/[{}#]|undefined/);
    }
  });

  it('fills arguments, plurals and selects', () => {
    expect(translate('en', 'value.was_at', { value: '96', time: '10:14' })).toBe('was 96 at 10:14');
    expect(translate('en', 'link.waiting', { n: 1 })).toBe('1 record waiting');
    expect(translate('en', 'link.waiting', { n: 12 })).toBe('12 records waiting');
    expect(translate('fr', 'link.waiting', { n: 0 })).toBe('0 donnée en attente');
    expect(translate('en', 'centre.behind', { n: 0 })).toBe('all records here');
    expect(translate('en', 'bed.category', { category: 'neonate' })).toBe('Newborn');
    expect(translate('en', 'bed.category', { category: 'unheard of' })).toBe('Adult');
    expect(translate('en', 'alarm.limit', { what: 'RR', side: 'low' })).toBe('RR too low');
  });

  it('puts a value in as it is, braces included', () => {
    expect(translate('en', 'ack.by', { name: '{n} <b>' })).toBe('Acknowledged by {n} <b>');
  });

  it('refuses a missing argument', () => {
    expect(() => translate('en', 'ack.by')).toThrow('name');
  });
});
