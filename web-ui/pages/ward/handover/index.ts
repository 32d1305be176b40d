// The ward handed from one shift to the next, in the place of the beds: not in the first view (live/part.svelte.ts).

export { default as Handover } from './Handover.svelte';
