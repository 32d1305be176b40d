// A real browser for the journeys, and what every one of them does with a page.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--autoplay-policy=no-user-gesture-required'];
export const TABLET = { width: 1280, height: 800 };
export const PHONE = { width: 360, height: 740 };
export const WALL = { width: 1920, height: 1080 };
/** Serial lines, a store that commits, a link to the centre: real seconds. */
export const SOON_MS = 30_000;
/** The sensor of one bed is off for half a minute in every two: whoever misses it waits for the next time. */
export const SENSOR_ROUND_MS = 150_000;
/** A press at the moment at which alarms change places means nothing (SETTLE_MS in live/ward.svelte.ts). */
export const SETTLED_MS = 700;
export const NOT_LIVE = '[data-testid=not-live]';
export const SHOTS = fileURLToPath(new URL('../shots-out/', import.meta.url));
mkdirSync(SHOTS, { recursive: true });

export const browser = await chromium.launch({ executablePath, args: FLAGS });
/** What pages complained of. */
export const faults = [];

export async function open(url, viewport = TABLET, language = 'en-GB') {
  const page = await (await browser.newContext({ viewport, locale: language })).newPage();
  page.setDefaultTimeout(SOON_MS);
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/WebSocket|ERR_|Failed to load resource|fetching the script/.test(message.text())) faults.push(message.text());
  });
  await page.goto(url);
  return page;
}

export async function signIn(page, name, password, digits = null) {
  await page.getByLabel('Sign-in name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  if (digits !== null) await page.getByLabel('Six digits').fill(digits);
  await page.locator('form button[type=submit]').click();
}

export async function until(what, found, within = SOON_MS) {
  const began = performance.now();
  for (;;) {
    const last = await found();
    if (last === true) return performance.now() - began;
    if (performance.now() - began > within) assert.fail(`${what}: ${JSON.stringify(last)} after ${within} ms`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

export const tile = (page, bed) => page.locator(`#bed-${bed}`);
export const digits = (page, bed, slot) => tile(page, bed).locator(`[data-slot=${slot}] [data-testid=digits]`);
export const panel = (page) => page.locator('[data-testid=panel]');
export const hasNumber = async (page, bed, slot = 'heart') => /^\d+$/.test(await digits(page, bed, slot).innerText());

/** What stands behind the person's name. */
export async function menu(page, words) {
  await page.locator('[data-testid=person] button.who').click();
  await page.getByRole('button', { name: words, exact: true }).click();
}

export function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}
