export { default as Begin } from './Begin.svelte';
