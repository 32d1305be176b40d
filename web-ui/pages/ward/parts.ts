// What of the nurse's page comes after the first view, the most needed first.

import { Part } from '../../live/part.svelte';
import { screenSettings } from '../../text/language.svelte';

export const curvesPart = new Part(() => import('./curves'));
export const patientPart = new Part(() => import('./patient'));
export const bedPart = new Part(() => import('./bed'));
export const linesPart = new Part(async () => {
  await screenSettings.more();
  return import('./devices');
});
export const officePart = new Part(() => import('./people'));
export const logPart = new Part(() => import('./alarmlog'));
export const handoverPart = new Part(() => import('./handover'));
export const helpPart = new Part(() => import('./help'));
export const systemPart = new Part(async () => {
  await screenSettings.more();
  return import('./system');
});
/** It begins when it is here. */
export const kioskPart = new Part(async () => {
  const kiosk = await import('./kiosk');
  kiosk.startKiosk();
  return kiosk;
});
export const checkPart = new Part(() => import('./sound'));
export const claimPart = new Part(() => import('./claim'));
