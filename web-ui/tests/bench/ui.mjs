// What the nurse's page costs on a scripted server, and how soon a device's number is on it from a real post:
// `cargo xtask bench ui`. Writes figures as that command reads them.
//
// A browser without a graphics chip draws by software in its own process; the page's own work is its renderer's.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { lane, play } from '../browser/curves-state.mjs';
import { FakeServer } from '../browser/fake-server.mjs';
import { firstView, isWords } from '../browser/cases/budget.mjs';
import { stable, timed, wardState } from '../browser/ward-state.mjs';
import { measureDevice } from './device.mjs';

const words = process.argv.slice(2);
const quick = words.includes('--quick');
const after = (word) => words[words.indexOf(word) + 1];
const out = after('--out');
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--autoplay-policy=no-user-gesture-required'];

const SETTLE_MS = 8000;
const MEASURE_MS = quick ? 3000 : 30_000;
const CHANGES = quick ? 20 : 300;
/** A shift has so many seconds; each is all beds anew and a beat. */
const SHIFT_S = quick ? 200 : 12 * 3600;

const figures = [];
const figure = (name, value, unit, goal, how) => {
  figures.push({ name, value, unit, goal, how });
  console.log(`${name}: ${value.toFixed(2)} ${unit}`);
};
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const share = (values, part) => values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(part * values.length))];

function bundle() {
  const dist = fileURLToPath(new URL('../../dist/post/', import.meta.url));
  const folder = `${dist}assets/`;
  const first = firstView(folder, readFileSync(`${dist}index.html`, 'utf8'));
  const files = readdirSync(folder);
  const words = files.filter((file) => file.startsWith('_words-'));
  const code = files.filter((file) => /\.(js|css)$/.test(file) && !isWords(file));
  const kB = (files) => files.reduce((sum, file) => sum + gzipSync(readFileSync(folder + file)).length, 0) / 1000;
  figure('scripts and style of the first view', kB([...first]), 'kB', { below: 70 }, 'gzip; what a browser has to have before it draws');
  figure("scripts and style of all of the nurse's page", kB(code), 'kB', { below: 200 }, 'gzip; without words');
  figure('words of the longest language', Math.max(...words.map((file) => kB([file]))), 'kB', { below: 16 }, 'gzip; of the first view: a screen loads the language that it speaks, and the words of other parts with them');
}

/** A ward with two curves at each bed, in a fresh browser. */
async function withWard(beds, viewport, run) {
  const state = wardState({ beds: Array.from({ length: beds }, (_, n) => stable(String(n + 1))) });
  state.curves = state.beds.flatMap(({ id }, n) => [lane(10 * n + 1, id, 'ecg_ii'), lane(10 * n + 2, id, 'pleth')]);
  const server = new FakeServer('post', (now) => timed(state, now));
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  try {
    const page = await (await browser.newContext({ viewport, locale: 'en-GB' })).newPage();
    await page.goto(await server.start());
    await page.waitForSelector('[data-testid=bed]');
    const source = play(server, state);
    await page.locator('canvas[data-state=runs]').first().waitFor();
    await sleep(quick ? 500 : SETTLE_MS);
    await run({ page, browser, server, state, source });
    source.end();
  } finally {
    await browser.close();
    await server.stop();
  }
}

/** Seconds of processor time by kind of process. */
async function processorTime(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const sum = (kind) => processInfo.filter(({ type }) => type === kind).reduce((all, { cpuTime }) => all + cpuTime, 0);
  return { renderer: sum('renderer'), gpu: sum('GPU') };
}

async function cost(beds, viewport, where, most) {
  await withWard(beds, viewport, async ({ page, browser }) => {
    await page.evaluate(() => {
      window.strokes = 0;
      const { stroke } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.stroke = function count(...all) {
        window.strokes += 1;
        return stroke.apply(this, all);
      };
    });
    const seen = await page.locator('canvas:visible').count();
    const [before, strokes, began] = [await processorTime(browser), await page.evaluate(() => window.strokes), performance.now()];
    await sleep(MEASURE_MS);
    const [after, drawn, seconds] = [await processorTime(browser), await page.evaluate(() => window.strokes), (performance.now() - began) / 1000];
    const how = `${beds} beds, ${seen} curves to be seen, ${viewport.width} x ${viewport.height}, numbers once a second`;
    figure(`processor time of the page, ${where}`, (100 * (after.renderer - before.renderer)) / seconds, '% of a core', { below: most }, how);
    figure(`processor time of software drawing, ${where}`, (100 * (after.gpu - before.gpu)) / seconds, '% of a core', null, `${how}; a graphics chip takes this`);
    figure(`draws of each curve, ${where}`, (drawn - strokes) / seconds / seen, '1/s', { at_least: 28 }, how);
  });
}

async function latency() {
  await withWard(8, { width: 1280, height: 800 }, async ({ page, server, state }) => {
    server.refreshing = false;
    await page.evaluate(() => {
      const digits = document.querySelector('#bed-1 [data-slot=heart] [data-testid=digits]');
      window.painted = new Map();
      new MutationObserver(() => {
        const text = digits.textContent;
        // The frame after the one that holds the change: then it has been painted.
        requestAnimationFrame(() => requestAnimationFrame(() => window.painted.set(text, performance.timeOrigin + performance.now())));
      }).observe(digits, { subtree: true, characterData: true, childList: true });
    });
    const sent = new Map();
    for (let n = 0; n < CHANGES; n += 1) {
      const text = String(40 + n);
      state.beds[0].values[0] = { ...state.beds[0].values[0], value: text };
      sent.set(text, performance.timeOrigin + performance.now());
      server.push();
      await sleep(60 + (n % 7) * 11);
    }
    await sleep(300);
    const painted = new Map(await page.evaluate(() => [...window.painted]));
    const took = [...sent].flatMap(([text, at]) => (painted.has(text) ? [painted.get(text) - at] : []));
    const how = `${took.length} of ${CHANGES} changes, each seen on the screen; 8 beds with curves`;
    figure('a number sent to painted, p50', share(took, 0.5), 'ms', { below: 50 }, how);
    figure('a number sent to painted, p95', share(took, 0.95), 'ms', { below: 150 }, how);
    figure('a number sent to painted, p99', share(took, 0.99), 'ms', null, how);
  });
}

async function memory() {
  await withWard(8, { width: 1280, height: 800 }, async ({ page, server, state }) => {
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    /** The least of some looks: what was garbage a moment ago is no growth. */
    const measure = async () => {
      let heap = Infinity;
      for (let n = 0; n < 6; n += 1) {
        await session.send('HeapProfiler.collectGarbage');
        await sleep(400);
        const { metrics } = await session.send('Performance.getMetrics');
        heap = Math.min(heap, metrics.find(({ name }) => name === 'JSHeapUsedSize').value / 1e6);
      }
      return { heap, nodes: await page.evaluate(() => document.querySelectorAll('*').length) };
    };
    const second = async (n) => {
      for (const [m, bed] of state.beds.entries()) bed.values[0] = { ...bed.values[0], value: String(60 + ((n + m) % 40)) };
      server.push();
      // As fast as the page takes it, and no faster.
      if (n % 20 === 0) await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
    };
    // The first hour fills what the page remembers, and the browser learns the page.
    for (let n = 0; n < SHIFT_S / 12; n += 1) await second(n);
    const before = await measure();
    for (let n = 0; n < SHIFT_S; n += 1) await second(n);
    const after = await measure();
    const how = `${SHIFT_S} s of eight beds' numbers, one after the other as fast as the page takes them, after a first hour and garbage collections`;
    figure('memory of the page grown in a shift', Math.max(0, after.heap - before.heap), 'MB', { below: 1 }, how);
    figure('elements of the page grown in a shift', Math.max(0, after.nodes - before.nodes), 'elements', { below: 1 }, how);
  });
}

const launch = () => chromium.launch({ executablePath, args: FLAGS });
await measureDevice({ launch, programs: after('--programs'), bootWallMs: Number(after('--boot-wall-ms')), quick, figure });
bundle();
await cost(8, { width: 1280, height: 800 }, 'tablet', 20);
await cost(16, { width: 1920, height: 1080 }, 'wall', 25);
await latency();
await memory();
writeFileSync(out, JSON.stringify(figures, null, 2));
