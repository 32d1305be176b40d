// Which pages beside the beds the person who is signed in may open.

import { session } from '../../live/session.svelte';
import type { MenuPage } from '../../live/ward.svelte';

export function pagesFor(): MenuPage[] {
  const pages: MenuPage[] = [];
  if (session.may('hand_over')) pages.push('handover');
  if (session.may('see_alarm_log')) pages.push('alarm_log');
  if (session.may('bind')) pages.push('devices');
  if (session.may('see_lines')) pages.push('lines');
  if (session.may('see_lines')) pages.push('system');
  if (session.may('manage_people') || session.may('register_screen')) pages.push('people');
  if (session.may('review_emergency')) pages.push('emergencies');
  if (session.may('see_audit')) pages.push('audit');
  return pages;
}
