// The browser tests: the built pages in Chromium against a scripted server. `npm run browser [-- parts of names]`; with
// `--pictures` the cases that only take pictures instead: they assert nothing.

import { existsSync, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { alarmLogCases, alarmLogPictures } from './cases/alarmlog.mjs';
import { axeCases } from './cases/axe.mjs';
import { budgetCases } from './cases/budget.mjs';
import { answerCases } from './cases/answers.mjs';
import { bedCases } from './cases/bed.mjs';
import { byHandCases } from './cases/by-hand.mjs';
import { curveCases } from './cases/curves.mjs';
import { dutyCases } from './cases/duty.mjs';
import { centreCases } from './cases/centre.mjs';
import { deviceCases } from './cases/devices.mjs';
import { handoverCases, handoverPictures } from './cases/handover.mjs';
import { fitCases } from './cases/fit.mjs';
import { helpCases } from './cases/help.mjs';
import { honestyCases } from './cases/honesty.mjs';
import { kioskCases } from './cases/kiosk.mjs';
import { signalPictures } from './cases/pictures-signals.mjs';
import { signalCases } from './cases/signals.mjs';
import { lineCases } from './cases/lines.mjs';
import { laboratoryCases } from './cases/laboratory.mjs';
import { messageCases } from './cases/messages.mjs';
import { nurseCases } from './cases/nurse.mjs';
import { officeCases } from './cases/office.mjs';
import { partCases } from './cases/parts.mjs';
import { perhapsCases } from './cases/perhaps.mjs';
import { peopleCases } from './cases/people.mjs';
import { pictureCases } from './cases/pictures.mjs';
import { peoplePictures } from './cases/pictures-people.mjs';
import { soundCases } from './cases/sound.mjs';
import { statePictures } from './cases/pictures-states.mjs';
import { staysPictures } from './cases/pictures-stays.mjs';
import { scanCases } from './cases/scan.mjs';
import { scoreCases } from './cases/scores.mjs';
import { scrollCases } from './cases/scroll.mjs';
import { snagCases } from './cases/snags.mjs';
import { staysCases } from './cases/stays.mjs';
import { systemCases, systemPictures } from './cases/system.mjs';
import { wholeCases } from './cases/whole.mjs';
import { SHOTS } from './with-page.mjs';

const CASE_MS_MAX = 90_000;
const SLOWEST_SHOWN = 5;
// A page that is starved of its processor says that it is not live, as it should; so one page more than processors, because each
// waits for half of its time.
const LANES = Math.min(4, availableParallelism() + 1);
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

if (!existsSync(executablePath)) {
  console.error(`no browser at ${executablePath}: install the package "chromium", or set CHROMIUM to its path`);
  process.exit(1);
}
for (const page of ['post', 'centre']) {
  if (!existsSync(here(`../../dist/${page}/index.html`))) {
    console.error(`dist/${page}/index.html is not there: run "npm run build" first`);
    process.exit(1);
  }
}
mkdirSync(SHOTS, { recursive: true });

const arguments_ = process.argv.slice(2);
const pictures = arguments_.includes('--pictures');
const wanted = arguments_.filter((one) => !one.startsWith('--'));
// The longest begin first, so that none of them is left alone at the end.
const all = [
  ...axeCases,
  ...budgetCases,
  ...honestyCases,
  ...nurseCases,
  ...peopleCases,
  ...officeCases,
  ...partCases,
  ...messageCases,
  ...laboratoryCases,
  ...staysCases,
  ...deviceCases,
  ...signalCases,
  ...soundCases,
  ...scoreCases,
  ...centreCases,
  ...answerCases,
  ...dutyCases,
  ...curveCases,
  ...bedCases,
  ...byHandCases,
  ...alarmLogCases,
  ...handoverCases,
  ...fitCases,
  ...pictureCases,
  ...perhapsCases,
  ...scrollCases,
  ...wholeCases,
  ...snagCases,
  ...helpCases,
  ...scanCases,
  ...lineCases,
  ...systemCases,
  ...kioskCases,
  ...peoplePictures,
  ...staysPictures,
  ...signalPictures,
  ...statePictures,
  ...alarmLogPictures,
  ...handoverPictures,
  ...systemPictures,
];
const cases = all.filter(({ name }) => name.startsWith('picture ') === pictures && (wanted.length === 0 || wanted.some((part) => name.includes(part))));
const browser = await chromium.launch({
  executablePath,
  // Sound without a touch, as on the screen of a ward; what a browser does that wants one has its own cases.
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--autoplay-policy=no-user-gesture-required'],
});
let passed = 0;
let failed = 0;
const took = [];

async function runCase({ name, run }) {
  const began = performance.now();
  const timeout = new Promise((_, giveUp) => {
    setTimeout(() => giveUp(new Error(`took longer than ${CASE_MS_MAX / 1000} s`)), CASE_MS_MAX).unref();
  });
  try {
    await Promise.race([run(browser), timeout]);
    passed += 1;
    console.log(`ok    ${name} (${seconds(performance.now() - began)})`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name}\n${error.stack ?? error}`);
  }
  took.push({ name, ms: performance.now() - began });
}

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/** A few run side by side, each with its own server and browser context. */
async function lane() {
  for (let next = cases.shift(); next !== undefined; next = cases.shift()) await runCase(next);
}
await Promise.all(Array.from({ length: LANES }, lane));

await browser.close();
const slowest = took.sort((one, other) => other.ms - one.ms).slice(0, SLOWEST_SHOWN);
if (slowest.length > 1) console.log(`slowest: ${slowest.map(({ name, ms }) => `${name} ${seconds(ms)}`).join(', ')}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
