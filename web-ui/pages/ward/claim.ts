// The first account of a post: not in the first view (live/part.svelte.ts).

export { default as Claim } from './Claim.svelte';
