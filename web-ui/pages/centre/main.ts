import '../../theme/base.css';
import { mount } from 'svelte';
import { centre } from '../../live/centre.svelte';
import { person } from '../../live/person.svelte';
import { startFlashing } from '../../live/phase';
import Centre from './Centre.svelte';

startFlashing(document.documentElement);
person.watch(document);
centre.feed.start();
mount(Centre, { target: document.getElementById('page')! });
