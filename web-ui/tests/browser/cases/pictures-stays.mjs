// Pictures of discharge, transfer, merge, empty beds and devices.

import { SENIOR } from '../fake-door.mjs';
import { PHONE, shot } from '../with-page.mjs';
import { openBed } from './keys.mjs';
import { withStays } from './stays.mjs';

const TALL = { width: 1280, height: 1000 };
const PHONE_TALL = { ...PHONE, height: 1500 };
const panel = (page) => page.locator('[data-testid=panel]');

const form = (n, open, choose) => async (page) => {
  await openBed(page, n);
  await panel(page).getByRole('button', { name: open }).click();
  await panel(page).getByLabel(choose).first().check();
};

const shots = [
  ['empty-bed', {}, async () => {}],
  ['empty-bed-light-phone', { theme: 'light', viewport: PHONE_TALL, language: 'fr' }, async () => {}],
  ['empty-panel', {}, (page) => openBed(page, 3)],
  ['patient-acts', {}, (page) => openBed(page, 1)],
  ['admit', { viewport: TALL }, (page) => page.getByRole('button', { name: /^Admit a patient/ }).click()],
  ['identify', { viewport: TALL }, form(1, 'Admit', 'The same patient')],
  ['discharge', { viewport: TALL }, form(1, 'Discharge', 'Left against advice')],
  ['discharge-phone-fr', { viewport: PHONE_TALL, language: 'fr', theme: 'light' }, form(1, 'Sortie', 'Domicile')],
  ['transfer', { viewport: TALL }, form(1, 'To another bed', 'Bed 3')],
  ['swap', { viewport: TALL }, form(1, 'To another bed', 'Bed 2')],
  ['swap-phone-fr', { viewport: PHONE_TALL, language: 'fr' }, form(1, 'Vers un autre lit', 'Bed 2')],
  ['merge', { viewport: TALL }, form(4, 'Was here before', 'Mensah Kofi')],
  ['devices', {}, async (page) => {
    await page.locator('[data-testid=person] button.who').click();
    await page.getByRole('button', { name: 'Devices' }).click();
    await page.locator('[data-device=monitor-1]').getByRole('button', { name: 'Move' }).click();
    await page.getByLabel('Bed 2').check();
  }],
  ['devices-phone-fr', { viewport: PHONE_TALL, language: 'fr' }, async (page) => {
    await page.locator('[data-testid=person] button.who').click();
    await page.getByRole('button', { name: 'Appareils' }).click();
    await page.locator('[data-device=monitor-1]').getByRole('button', { name: 'Déplacer' }).click();
    await page.getByLabel('à aucun lit').check();
  }],
];

export const staysPictures = shots.map(([name, options, act]) => ({
  name: `picture stays-${name}`,
  run: (browser) =>
    withStays(browser, { who: SENIOR, ...options }, async ({ page }) => {
      await act(page);
      await page.waitForTimeout(300);
      await shot(page, `stays-${name}`);
    }),
}));
