// To begin an account with a code, and the code to scan: not in the first view.

import { Part } from '../live/part.svelte';

export const beginPart = new Part(() => import('./begin-later'));
