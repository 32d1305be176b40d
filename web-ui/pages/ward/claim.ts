// The first account of a post: not in the first view (live/part.svelte.ts).

import '../../text/later';

export { default as Claim } from './Claim.svelte';
