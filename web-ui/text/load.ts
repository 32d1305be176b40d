// Brings the words of a language: each is a file of its own, so that a screen loads the one that it speaks.

import type { Language } from './languages';
import { knows, learn, type Words } from './t';

const FILES: Record<Language, () => Promise<{ default: Words }>> = {
  en: () => import('./en.json'),
  fr: () => import('./fr.json'),
  hi: () => import('./hi.json'),
  sw: () => import('./sw.json'),
  ar: () => import('./ar.json'),
};

/** False when they could not be loaded. */
export async function bring(language: Language): Promise<boolean> {
  if (knows(language)) return true;
  try {
    learn(language, (await FILES[language]()).default);
    return true;
  } catch (error) {
    console.warn(`the words of ${language} could not be loaded`, error);
    return false;
  }
}
