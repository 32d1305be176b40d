// The sound check: not in the first view (live/part.svelte.ts). What makes alarms heard is.

import '../../../text/later';

export { default as SoundCheck } from './SoundCheck.svelte';
