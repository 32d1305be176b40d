// Every page in three sizes, of a demo that it starts, and every state of a scripted server: `cargo xtask pictures`.
//
//     node tests/pictures/run.mjs --out FOLDER [--docs] [--no-states]
//
// With --docs the good ones go into docs/pictures, where README.md and docs have them from.

import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { startDemo } from '../journeys/demo.mjs';
import { Album, SIZES } from './album.mjs';
import { takeCentre } from './centre.mjs';
import { enterPost, takeBeds, takePost } from './post.mjs';

const words = process.argv.slice(2);
const out = resolve(words[words.indexOf('--out') + 1]);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
/** What docs show, and the picture it is. */
const DOCS = {
  ward: 'post-ward-tablet', bed: 'post-bed-tablet', centre: 'centre-tablet', 'not-live': 'states/state-not-live-dark',
  phone: 'states/ward-troubled-phone', ages: 'states/state-ages-dark',
};
const PATIENCE_MS = 30_000;
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--autoplay-policy=no-user-gesture-required'];

/** The states of web-ui/tests/browser, with the server that the browser tests have. */
function states() {
  const env = { ...process.env, VITALPOST_PICTURES: join(out, 'states') };
  const run = spawn('node', [here('../browser/run.mjs'), '--pictures'], { stdio: 'inherit', env });
  return new Promise((done) => run.on('exit', (code) => done(code === 0)));
}

async function demonstration(album) {
  const demo = await startDemo();
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  const faults = [];
  const open = async () => {
    const page = await (await browser.newContext({ viewport: SIZES.tablet, locale: 'en-GB' })).newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => faults.push(error.message));
    return page;
  };
  try {
    const post = await open();
    await enterPost(post, album, demo);
    await takeCentre(await open(), album, demo);
    await takeBeds(await open(), album, demo);
    await takePost(post, album);
  } finally {
    await browser.close();
    await demo.stop();
  }
  if (faults.length > 0) throw new Error(`the pages complained:\n${faults.join('\n')}`);
}

const album = new Album(out);
await demonstration(album);
const whole = words.includes('--no-states') || (await states());
if (words.includes('--docs')) album.give(DOCS, here('../../../docs/pictures/'));
console.log(`${album.sheet()} pictures: ${join(out, 'index.html')}`);
process.exit(whole ? 0 : 1);
