// The page of one bed: comes after the first view.

export { default as BedPage } from './BedPage.svelte';
