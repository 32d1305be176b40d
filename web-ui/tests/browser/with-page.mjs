// Opens one of the pages in a fresh browser context against a fresh server, and fails on anything the page complains of.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { centreState, timedCentre } from './centre-state.mjs';
import { FakeServer } from './fake-server.mjs';
import { timed } from './ward-state.mjs';

/** Longer than the page ignores presses for after its alarms have changed places. */
export const SETTLED_MS = 700;

export const TABLET = { width: 1280, height: 800 };
export const WALL = { width: 1920, height: 1080 };
export const PHONE = { width: 360, height: 800 };

/** `state` may be changed by the case while it runs; server.push() then sends it. */
export function withWard(browser, options, run) {
  const { state } = options;
  const server = new FakeServer('post', (now) => timed(state, now));
  return withPage(browser, server, { ready: '[data-testid=banner]', ...options }, (page) => run({ page, server, state }));
}

export function withCentre(browser, options, run) {
  const state = options.state ?? centreState();
  const server = new FakeServer('centre', (now, wall) => timedCentre(state, now, wall));
  return withPage(browser, server, { ready: '[data-testid=post]', ...options }, (page) => run({ page, server, state }));
}

async function withPage(browser, server, options, run) {
  const { viewport = TABLET, theme = 'dark', language = 'en', ready, setup, complains, settled = true, begun } = options;
  const context = await browser.newContext({ viewport, timezoneId: 'UTC', locale: 'en-GB' });
  await context.addInitScript(
    ([theme, language]) => {
      if (localStorage.getItem('vitalpost.theme') !== null) return;
      localStorage.setItem('vitalpost.theme', theme);
      localStorage.setItem('vitalpost.language', language);
    },
    [theme, language],
  );
  const page = await context.newPage();
  const heard = [];
  page.on('pageerror', (error) => heard.push(error.message));
  page.on('console', (message) => {
    // A refused connection is what some cases are about; everything else (the CSP above all) is a fault.
    const expected = /WebSocket|ERR_|Failed to load resource/.test(message.text()) || complains?.test(message.text());
    if (message.type() === 'error' && !expected) heard.push(message.text());
  });
  const url = await server.start();
  try {
    setup?.(server);
    await page.goto(url);
    // Before anything is asked of the page: a browser takes that for a touch, and lets sound on.
    await begun?.(server);
    await page.waitForSelector(ready);
    await page.evaluate(() => document.fonts.ready);
    // Where nobody presses anything there is nothing to wait for.
    if (settled) await page.waitForTimeout(SETTLED_MS);
    await run(page);
    assert.deepEqual(heard, [], 'the page complained');
  } finally {
    await context.close();
    await server.stop().catch(() => {});
  }
}

/** Where pictures go: `cargo xtask pictures` has its own folder. */
export const SHOTS = process.env.VITALPOST_PICTURES ?? fileURLToPath(new URL('../shots-out/', import.meta.url));

export function shot(page, name) {
  return page.screenshot({ path: join(SHOTS, `${name}.png`) });
}
