// A bed's patient and the laboratory results that are nobody's: not in the first view (live/part.svelte.ts).

export { default as LaboratoryPanel } from './LaboratoryPanel.svelte';
export { default as PatientPanel } from './PatientPanel.svelte';
