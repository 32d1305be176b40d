import '../text/later';

export { default as Begin } from './Begin.svelte';
