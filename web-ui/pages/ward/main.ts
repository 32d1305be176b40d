import '../../theme/base.css';
import { mount } from 'svelte';
import { person } from '../../live/person.svelte';
import { startFlashing } from '../../live/phase';
import { ward } from '../../live/ward.svelte';
import Ward from './Ward.svelte';

startFlashing(document.documentElement);
person.watch(document);
ward.feed.start();
mount(Ward, { target: document.getElementById('page')! });
