import '../../theme/base.css';
import { mount, untrack } from 'svelte';
import { loadAhead } from '../../live/part.svelte';
import { startFlashing } from '../../live/phase';
import { session } from '../../live/session.svelte';
import { keepShell } from '../../live/shell';
import { sound } from '../../live/sound.svelte';
import { ward } from '../../live/ward.svelte';
import { beginPart } from '../../parts/begin';
import { screenSettings } from '../../text/language.svelte';
import { bedPart, checkPart, claimPart, curvesPart, handoverPart, helpPart, logPart, officePart, patientPart, linesPart, kioskPart, systemPart } from './parts';
import Ward from './Ward.svelte';

startFlashing(document.documentElement);
session.onTurn = () => ward.turned();
session.onLeft = () => ward.left();
await screenSettings.begin();
session.start(document);
sound.start(document);
// Beside what is drawn: what a page shows may fail, and what it sounds must not follow from that.
$effect.root(() => {
  $effect(() => {
    const { alarms, feed, signals } = ward;
    const live = feed.now !== null && feed.live;
    const isOff = signals.pauses.some(({ what }) => what === 'audio_off');
    untrack(() => sound.look(alarms, live, isOff));
  });
});
mount(Ward, { target: document.getElementById('page')! });
const kiosk = new URLSearchParams(location.search).has('kiosk') ? [kioskPart] : [];
void loadAhead([...kiosk, curvesPart, patientPart, bedPart, checkPart, officePart, logPart, handoverPart, helpPart, beginPart, claimPart, linesPart, systemPart]);
keepShell();
