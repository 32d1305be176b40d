// Words by key. A text may hold {name}, {n, plural, one {# bed} other {# beds}} and {side, select, low {..} other {..}}
// (the part of ICU MessageFormat that these pages need). A test checks that every language has every key and argument.

import type en from './en.json';
import type { Language } from './languages';

export type Key = keyof typeof en;
export type Words = Record<Key, string>;
export type Arguments = Record<string, string | number>;
export type Translate = (key: Key, values?: Arguments) => string;

const known = new Map<Language, Partial<Words>>();

/** Takes in words of a language (text/load.ts): all of it, or what pages say that come later. */
export function learn(language: Language, words: Partial<Words>): void {
  known.set(language, { ...known.get(language), ...words });
}

/** Whether the words of its first view are here. */
export function knows(language: Language): boolean {
  return known.get(language)?.['sign_out'] !== undefined;
}

/** The text of `key` in a language whose words are here. */
export function translate(language: Language, key: Key, values: Arguments = {}): string {
  const text = known.get(language)?.[key];
  if (text === undefined) throw new Error(`there is no ${language} text ${key}`);
  return fill(text, values, new Intl.PluralRules(language));
}

/** Replaces the outermost {...} of a text. */
function fill(text: string, values: Arguments, plural: Intl.PluralRules): string {
  let out = '';
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] !== '{') {
      out += text[at];
      continue;
    }
    const end = closing(text, at);
    out += one(text.slice(at + 1, end), values, plural);
    at = end;
  }
  return out;
}

function one(inside: string, values: Arguments, plural: Intl.PluralRules): string {
  const [, name = '', kind, rest = ''] = /^\s*(\w+)\s*(?:,\s*(plural|select)\s*,(.*))?$/s.exec(inside) ?? [];
  const value = values[name];
  if (value === undefined) throw new Error(`text needs the argument ${name}: {${inside}}`);
  if (kind === undefined) return String(value);
  const forms = new Map<string, string>();
  for (let at = rest.indexOf('{'), from = 0; at >= 0; at = rest.indexOf('{', from)) {
    const end = closing(rest, at);
    forms.set(rest.slice(from, at).trim(), rest.slice(at + 1, end));
    from = end + 1;
  }
  const form = kind === 'plural' ? plural.select(Number(value)) : String(value);
  const chosen = forms.get(`=${value}`) ?? forms.get(form) ?? forms.get('other') ?? '';
  return fill(kind === 'plural' ? chosen.replaceAll('#', String(value)) : chosen, values, plural);
}

function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === '{') depth += 1;
    if (text[at] === '}') depth -= 1;
    if (depth === 0) return at;
  }
  throw new Error(`a brace is not closed: ${text}`);
}
