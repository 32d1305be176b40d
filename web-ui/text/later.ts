// The words of what is not in the first view. Every part of the page that comes later imports this first; which words
// these are, the build says (vite.config.ts).

import en from './en.json';
import fr from './fr.json';
import { learn } from './t';

learn({ en, fr });
