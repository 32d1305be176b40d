import '../../theme/base.css';
import { mount } from 'svelte';
import { loadAhead } from '../../live/part.svelte';
import { startFlashing } from '../../live/phase';
import { session } from '../../live/session.svelte';
import { ward } from '../../live/ward.svelte';
import { beginPart } from '../../parts/begin';
import { claimPart, officePart, patientPart } from './parts';
import Ward from './Ward.svelte';

startFlashing(document.documentElement);
session.onTurn = () => ward.turned();
session.onLeft = () => ward.left();
session.start(document);
mount(Ward, { target: document.getElementById('page')! });
void loadAhead([patientPart, officePart, beginPart, claimPart]);
