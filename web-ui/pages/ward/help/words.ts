// What the help says: words of their own, loaded with it in the language of the screen.

import type en from '../../../text/help/help-en.json';
import type { Language } from '../../../text/languages';

export type HelpWords = typeof en;

export const HELP_WORDS: Record<Language, () => Promise<{ default: HelpWords }>> = {
  en: () => import('../../../text/help/help-en.json'),
  fr: () => import('../../../text/help/help-fr.json'),
  hi: () => import('../../../text/help/help-hi.json'),
  sw: () => import('../../../text/help/help-sw.json'),
  ar: () => import('../../../text/help/help-ar.json'),
};
