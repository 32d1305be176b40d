// What people with other tasks work on, in the place of the beds: not in the first view (live/part.svelte.ts).

export { default as Audit } from './Audit.svelte';
export { default as Devices } from './Devices.svelte';
export { default as Emergencies } from './Emergencies.svelte';
export { default as People } from './People.svelte';
