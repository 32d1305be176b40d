// How the post is, and its self-test, in the place of the beds: not in the first view (live/part.svelte.ts).

export { default as System } from './System.svelte';
