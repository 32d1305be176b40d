// The log of alarms and its figures, in the place of the beds: not in the first view (live/part.svelte.ts).

export { default as AlarmLog } from './AlarmLog.svelte';
