// Every test finds the words of every language here.

import ar from '../../text/ar.json';
import en from '../../text/en.json';
import fr from '../../text/fr.json';
import hi from '../../text/hi.json';
import type { Language } from '../../text/languages';
import sw from '../../text/sw.json';
import { learn, type Words } from '../../text/t';

export const WORDS: Record<Language, Words> = { en, fr, hi, sw, ar };

for (const language of Object.keys(WORDS) as Language[]) learn(language, WORDS[language]);
