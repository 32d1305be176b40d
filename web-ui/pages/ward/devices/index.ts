// Lines of the post and how one is added, in the place of the beds: not in the first view (live/part.svelte.ts).

export { default as Lines } from './Lines.svelte';
