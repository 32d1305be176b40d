// The language and theme of this screen. Kept in the browser, because they belong to the screen and not to a person.

import type { Arguments, Key, Language } from './t';
import { LANGUAGES, translate } from './t';

export type Theme = 'dark' | 'light';

class ScreenSettings {
  language = $state<Language>('en');
  theme = $state<Theme>('dark');

  constructor() {
    const wanted = read('vitalpost.language') ?? navigator.language.slice(0, 2);
    this.speak(wanted in LANGUAGES ? (wanted as Language) : 'en');
    this.light(read('vitalpost.theme') === 'light' ? 'light' : 'dark');
  }

  speak(language: Language): void {
    this.language = language;
    document.documentElement.lang = language;
    write('vitalpost.language', language);
  }

  light(theme: Theme): void {
    this.theme = theme;
    document.documentElement.dataset['theme'] = theme;
    write('vitalpost.theme', theme);
  }
}

export const screenSettings = new ScreenSettings();

/** The text of a key in the language of this screen; reads reactive state. */
export function t(key: Key, values?: Arguments): string {
  return translate(screenSettings.language, key, values);
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage refused: the screen then starts with the defaults each time
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    return; // as above
  }
}
