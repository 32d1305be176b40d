// What of the nurse's page comes after the first view, the most needed first.

import { Part } from '../../live/part.svelte';
import { screenSettings } from '../../text/language.svelte';

/** A part whose words come later too (LATER_WORDS in vite.config.ts). */
function withWords<T extends object>(load: () => Promise<T>): Part<T> {
  return new Part(async () => {
    await screenSettings.more();
    return load();
  });
}

export const curvesPart = new Part(() => import('./curves'));
export const patientPart = new Part(() => import('./patient'));
export const bedPart = new Part(() => import('./bed'));
export const linesPart = withWords(() => import('./devices'));
export const officePart = new Part(() => import('./people'));
export const logPart = new Part(() => import('./alarmlog'));
export const handoverPart = withWords(() => import('./handover'));
export const helpPart = new Part(() => import('./help'));
export const systemPart = withWords(() => import('./system'));
/** It begins when it is here. */
export const kioskPart = new Part(async () => {
  const kiosk = await import('./kiosk');
  kiosk.startKiosk();
  return kiosk;
});
export const checkPart = new Part(() => import('./sound'));
export const claimPart = new Part(() => import('./claim'));
