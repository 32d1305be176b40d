// The page of one bed: comes after the first view.

import '../../../text/later';

export { default as BedPage } from './BedPage.svelte';
