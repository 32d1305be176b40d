// Pictures of paused signals and of limits, to be looked at.

import { someone } from '../fake-door.mjs';
import { keepsSignals, limitRows } from '../signals-state.mjs';
import { alarm, stable, wardState } from '../ward-state.mjs';
import { PHONE, TABLET, shot, withWard } from '../with-page.mjs';

const SENIOR = someone('ama', 'Ama M.', 'senior_nurse');

function resting() {
  const state = wardState({
    beds: ['1', '2', '3', '4'].map((id) => stable(id)),
    alarms: [
      alarm(1, 'limit.spo2.low', 'high', { bed: '1', value: '84', limit: '90', sounds: false }),
      alarm(2, 'limit.rr.high', 'medium', { bed: '2', value: '34', limit: '30' }),
      alarm(3, 'probe_off.spo2', 'medium', { bed: '3', sounds: false, flashes: false }),
    ],
  });
  state.signals = {
    pauses: [
      { bed: '1', what: 'audio_paused', left: 94_000, by: 'Grace O.' },
      { bed: '3', what: 'alarm_paused', left: 61_000, by: 'Ama M.' },
    ],
    floods: [{ bed: '2', onsets: 14, within_s: 600 }],
  };
  return state;
}

export const signalPictures = [['tablet', TABLET], ['phone', PHONE]].flatMap(([size, viewport]) => [
  {
    name: `picture signals ${size}`,
    run: (browser) =>
      withWard(browser, { state: resting(), viewport }, async ({ page }) => {
        await shot(page, `signals-beds-${size}`);
        await page.locator('button[aria-expanded]').first().click();
        await page.locator('aside').waitFor();
        await shot(page, `signals-list-${size}`);
      }),
  },
  {
    name: `picture limits ${size}`,
    run: (browser) => {
      const state = resting();
      return withWard(browser, { state, viewport, setup: (server) => (server.door.person = SENIOR) }, async ({ page, server }) => {
        const rows = limitRows();
        rows[1] = { ...rows[1], own: true, wider: true, in_force: { low: '85', high: null } };
        keepsSignals(server, state, rows);
        await page.locator('#bed-1 button.open').click();
        await page.getByRole('button', { name: 'Alarm limits' }).click();
        await page.locator('[data-code=hr]').getByRole('button', { name: 'Change' }).click();
        await shot(page, `signals-limits-${size}`);
      });
    },
  },
]);
