import '../../theme/base.css';
import { mount } from 'svelte';
import { centre } from '../../live/centre.svelte';
import { loadAhead } from '../../live/part.svelte';
import { startFlashing } from '../../live/phase';
import { session } from '../../live/session.svelte';
import { keepShell } from '../../live/shell';
import { beginPart } from '../../parts/begin';
import { screenSettings } from '../../text/language.svelte';
import Centre from './Centre.svelte';
import { dutyPart } from './parts';

startFlashing(document.documentElement);
session.onTurn = () => centre.feed.turn();
await screenSettings.begin();
session.start(document);
mount(Centre, { target: document.getElementById('page')! });
void loadAhead([dutyPart, beginPart]);
keepShell();
