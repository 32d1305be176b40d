// Notes about a patient, as the post answers them (appliance/src/web/nursing.rs).

import type { Said } from './api';

export const NOTE_CHARS_MAX = 500;

export type Note = Said<'NoteShown'>;
