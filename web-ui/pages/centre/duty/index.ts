// Who is on duty, and whom the centre calls, in the place of posts and alerts: not in the first view (live/part.svelte.ts).

export { default as Duty } from './Duty.svelte';
