// From the bytes of a device to the number on the screen, and from a cold tablet to the ward: on the real post.
//
// One clock for both ends: a simulator notes when it wrote a frame (CLOCK_BOOTTIME, in its truth log); the page notes when the
// frame with the number was drawn, by the wall clock. `bootWallMs` is what the wall shows when the machine's clock is 0.

import { MEASURED, Post } from './post.mjs';

/** A value of the last moment may still be on its way. */
const TAIL_MS = 2000;
/** Whoever is not painted by then is lost. */
const LOST_AFTER_MS = 5000;
/** Between two looks at the page's two clocks they may drift by this much; more is a clock that was set. */
const CLOCK_MS_MAX = 1;
/** A cold tablet: a quarter of this processor, a cable of the post. */
const SLOWER = 4;
const LAN = { offline: false, latency: 2, downloadThroughput: 12_500_000, uploadThroughput: 12_500_000 };

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const share = (values, part) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(part * values.length))];

/** Both figures, of one post. */
export async function measureDevice({ launch, programs, bootWallMs, quick, figure }) {
  const browser = await launch();
  const post = new Post();
  try {
    await post.start(programs);
    await byteToPixel({ post, browser, bootWallMs, values: quick ? 30 : 600, figure });
    await coldTablet({ post, browser, times: quick ? 2 : 9, figure });
  } finally {
    await browser.close();
    await post.stop();
  }
}

async function open(post, browser) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  await context.addCookies([post.cookie]);
  return context.newPage();
}

async function byteToPixel({ post, browser, bootWallMs, values, figure }) {
  const page = await open(post, browser);
  await page.goto(post.url);
  await page.locator('canvas[data-state=runs]').first().waitFor({ timeout: 60_000 });
  for (const bed of MEASURED) await page.waitForFunction((bed) => /^\d+$/.test(document.querySelector(`#bed-${bed} [data-slot=heart] [data-testid=digits]`)?.textContent ?? ''), bed);
  const wallAt = await page.evaluate(clocks);
  await page.evaluate(watch, MEASURED);
  const began = Date.now();
  await sleep((1000 * values) / MEASURED.length + TAIL_MS);
  const ended = Date.now();
  await sleep(TAIL_MS);
  const wallAtEnd = await page.evaluate(clocks);
  if (Math.abs(wallAtEnd - wallAt) > CLOCK_MS_MAX) throw new Error(`the clock of this machine was set while it was measured (${wallAtEnd - wallAt} ms)`);
  const painted = await page.evaluate(() => window.painted);
  await page.context().close();
  const { took, lost } = matched(post, painted, { bootWallMs, wallAt, began, ended });
  const all = took.length + lost;
  const how = `${took.length} of ${all} values, each seen on the screen; from a monitor's write of a frame to the picture drawn with its number, 6 monitors with a frame a second and 2 oximeters with curves, all programs on this machine`;
  figure('a byte of the device to its painted number, p50', share(took, 0.5), 'ms', null, how);
  figure('a byte of the device to its painted number, p95', share(took, 0.95), 'ms', { below: 170 }, 'the same; the goals of its two parts together: 20 ms in the post, 150 ms from there to the screen');
  figure('a byte of the device to its painted number, p99', share(took, 0.99), 'ms', null, 'the same');
  figure('values that were sent and never painted', lost, 'values', { below: 1 }, 'the same');
}

/** Each frame with another number than the one before, and the picture in which that number came. */
function matched(post, painted, { bootWallMs, wallAt, began, ended }) {
  const took = [];
  let lost = 0;
  for (const bed of MEASURED) {
    const drawn = painted.filter((one) => one.bed === bed).map(({ text, at }) => ({ text, wall: at + wallAt }));
    const sent = post.sent(bed).map(({ sentMs, rate }) => ({ rate, wall: sentMs + bootWallMs }));
    for (const [n, { rate, wall }] of sent.entries()) {
      if (n === 0 || rate === sent[n - 1].rate || wall < began || wall > ended) continue;
      const first = drawn.find((one) => one.text === rate && one.wall >= wall && one.wall - wall < LOST_AFTER_MS);
      if (first === undefined) lost += 1;
      else took.push(first.wall - wall);
    }
  }
  if (took.length === 0) throw new Error('no value of a device was seen on the screen');
  return { took, lost };
}

/** Run in the page: what the wall shows when the page's own clock is 0, from the moment at which its millisecond changes. */
function clocks() {
  const looks = Array.from({ length: 9 }, () => {
    const before = Date.now();
    let now = before;
    while (now === before) now = Date.now();
    return now - performance.now();
  });
  return looks.sort((a, b) => a - b)[4];
}

/** Run in the page: notes each number of these beds with the time of the frame after the one that holds it. */
function watch(beds) {
  window.painted = [];
  for (const bed of beds) {
    const digits = document.querySelector(`#bed-${bed} [data-slot=heart] [data-testid=digits]`);
    new MutationObserver(() => {
      const text = digits.textContent;
      requestAnimationFrame(() => requestAnimationFrame(() => window.painted.push({ bed, text, at: performance.now() })));
    }).observe(digits, { subtree: true, characterData: true, childList: true });
  }
}

/** Nothing of the page is in the browser: from the address to the first number of a bed. */
async function coldTablet({ post, browser, times, figure }) {
  const took = [];
  for (let n = 0; n < times; n += 1) {
    const page = await open(post, browser);
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.emulateNetworkConditions', LAN);
    await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
    await page.addInitScript(() => {
      const seen = new MutationObserver(() => {
        if (!/\d/.test(document.querySelector('[data-testid=digits]')?.textContent ?? '')) return;
        seen.disconnect();
        requestAnimationFrame(() => requestAnimationFrame(() => (window.wardPainted = performance.now())));
      });
      seen.observe(document, { subtree: true, childList: true, characterData: true });
    });
    await page.goto(post.url);
    await page.waitForFunction(() => window.wardPainted !== undefined);
    took.push(await page.evaluate(() => window.wardPainted));
    await page.context().close();
  }
  const how = `${times} fresh browsers with nothing kept, the processor slowed down ${SLOWER} times, 100 Mbit/s; from the address to the first number of a bed, 8 beds of a real post`;
  figure('first paint of the ward on a cold tablet, p50', share(took, 0.5), 'ms', { below: 1500 }, how);
  figure('first paint of the ward on a cold tablet, longest', Math.max(...took), 'ms', null, how);
}
