// Curves: comes after the first view.

import { Curves } from '../../../live/curves';
import { ward } from '../../../live/ward.svelte';

export { default as CurveStrip } from './CurveStrip.svelte';

export const curves = new Curves(() => ward.curves);
ward.draw(curves);
