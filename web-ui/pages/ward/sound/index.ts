// The sound check: not in the first view (live/part.svelte.ts). What makes alarms heard is.

export { default as SoundCheck } from './SoundCheck.svelte';
