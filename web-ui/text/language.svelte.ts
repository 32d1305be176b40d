// The language and theme of this screen. Kept in the browser, because they belong to the screen and not to a person.

import { LANGUAGES, type Language } from './languages';
import { bring, bringLater } from './load';
import type { Arguments, Key } from './t';
import { translate } from './t';

export type Theme = 'dark' | 'light';

/** Without words there is no page: they are asked for again after so long. */
const AGAIN_AFTER_MS = 2000;

class ScreenSettings {
  language = $state<Language>('en');
  theme = $state<Theme>('dark');
  /** A language that was chosen and could not be loaded. */
  missing = $state<Language | null>(null);

  constructor() {
    this.light(read('vitalpost.theme') === 'light' ? 'light' : 'dark');
  }

  /** Brings the words of this screen's language; nothing may be drawn before. */
  async begin(): Promise<void> {
    const wanted = read('vitalpost.language') ?? navigator.language.slice(0, 2);
    const language = wanted in LANGUAGES ? (wanted as Language) : 'en';
    while (!(await this.speak(language)) && !(await this.speak('en'))) {
      await new Promise((done) => setTimeout(done, AGAIN_AFTER_MS));
    }
  }

  /** False when its words could not be loaded: it stays as it was. */
  async speak(language: Language): Promise<boolean> {
    const here = await bring(language);
    this.missing = here ? null : language;
    if (!here) return false;
    this.language = language;
    document.documentElement.lang = language;
    document.documentElement.dir = LANGUAGES[language].dir;
    write('vitalpost.language', language);
    return true;
  }

  /** Brings what pages say that come later; fails where it cannot be loaded. */
  more(): Promise<void> {
    return bringLater(this.language);
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
