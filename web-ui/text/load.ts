// Brings the words of a language: each is a file of its own, so that a screen loads the one that it speaks. What only a page
// says that comes later comes with it: vite.config.ts parts the two.

import type { Language } from './languages';
import { knows, learn, type Words } from './t';

const FILES: Record<Language, () => Promise<{ default: Words }>> = {
  en: () => import('./en.json'),
  fr: () => import('./fr.json'),
  hi: () => import('./hi.json'),
  sw: () => import('./sw.json'),
  ar: () => import('./ar.json'),
};

const LATER: Record<Language, () => Promise<{ default: Partial<Words> }>> = {
  en: () => import('./en.json?later'),
  fr: () => import('./fr.json?later'),
  hi: () => import('./hi.json?later'),
  sw: () => import('./sw.json?later'),
  ar: () => import('./ar.json?later'),
};

/** A page that comes later is here. */
let isLater = false;

/** Brings what pages say that come later, in this language and from now on in each that is chosen. */
export async function bringLater(language: Language): Promise<void> {
  learn(language, (await LATER[language]()).default);
  isLater = true;
}

/** False when they could not be loaded. */
export async function bring(language: Language): Promise<boolean> {
  if (knows(language)) return true;
  try {
    if (isLater) await bringLater(language);
    learn(language, (await FILES[language]()).default);
    return true;
  } catch (error) {
    console.warn(`the words of ${language} could not be loaded`, error);
    return false;
  }
}
