// What each sign means, in the place of the beds: not in the first view (live/part.svelte.ts).

export { default as Help } from './Help.svelte';
