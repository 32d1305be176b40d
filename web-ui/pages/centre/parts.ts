// What of the doctor's page comes after the first view.

import { Part } from '../../live/part.svelte';

export const dutyPart = new Part(() => import('./duty'));
