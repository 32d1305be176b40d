// What a nurse and a doctor do in a shift, in a real browser, on the real programs with simulated devices: no answer is
// scripted. The journeys are one story: each goes on where the one before ended. `npm run journeys`.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { startDemo } from './demo.mjs';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--autoplay-policy=no-user-gesture-required'];
const TABLET = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 740 };
const WALL = { width: 1920, height: 1080 };
const HOUR_MS = 3_600_000;
/** Serial lines, a store that commits, a link to the centre: real seconds. */
const SOON_MS = 30_000;
/** By this test's clock, on a machine that does other things too; the page's own clock is in tests/browser/cases/honesty.mjs. */
const OVERLAY_MS = 6000;
/** The shortest that the post takes. */
const SILENCE_S = 30;
const NOT_LIVE = '[data-testid=not-live]';

const shots = fileURLToPath(new URL('../shots-out/', import.meta.url));
mkdirSync(shots, { recursive: true });

const demo = await startDemo();
const browser = await chromium.launch({ executablePath, args: FLAGS });
const faults = [];
let [ward, centre, bench, matron] = [null, null, null, null];

async function open(url, viewport = TABLET, language = 'en-GB') {
  const page = await (await browser.newContext({ viewport, locale: language })).newPage();
  page.setDefaultTimeout(SOON_MS);
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/WebSocket|ERR_|Failed to load resource|fetching the script/.test(message.text())) faults.push(message.text());
  });
  await page.goto(url);
  return page;
}

async function signIn(page, name, password, digits = null) {
  await page.getByLabel('Sign-in name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  if (digits !== null) await page.getByLabel('Six digits').fill(digits);
  await page.locator('form button[type=submit]').click();
}

/** After a sign-out or a power cut. */
async function signInAgain(name, password) {
  await ward.getByLabel('Sign-in name').waitFor({ timeout: 60_000 });
  await signIn(ward, name, password);
  await ward.locator('[data-testid=bed]').first().waitFor();
}

async function openHandover() {
  await ward.locator('[data-testid=person] button.who').click();
  await ward.getByRole('button', { name: 'Handover' }).click();
  await ward.locator('[data-testid=handover-bed]').first().waitFor();
}

const tile = (page, bed) => page.locator(`#bed-${bed}`);
const digits = (page, bed, slot) => tile(page, bed).locator(`[data-slot=${slot}] [data-testid=digits]`);

async function until(what, found, within = SOON_MS) {
  const began = performance.now();
  for (;;) {
    const last = await found();
    if (last === true) return performance.now() - began;
    if (performance.now() - began > within) assert.fail(`${what}: ${JSON.stringify(last)} after ${within} ms`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

const row = (page, part) => page.locator(`[data-testid=system-row][data-part=${part}]`);

/** The matron's screen, on the page that says how the post is. */
async function openSystem() {
  if (matron === null) matron = await open(demo.nurseUrl);
  await matron.getByLabel('Sign-in name').or(matron.locator('[data-testid=bed]').first()).first().waitFor();
  if (await matron.getByLabel('Sign-in name').isVisible()) await signIn(matron, 'matron', demo.nursePassword);
  await matron.locator('[data-testid=person] button.who').click();
  await matron.getByRole('button', { name: 'System and self-test' }).click();
  await row(matron, 'power').waitFor();
}

const journeys = {
  async 'a nurse signs in and sees six live beds with numbers and a curve'() {
    ward = await open(demo.nurseUrl);
    await signIn(ward, 'nurse', demo.nursePassword);
    await ward.locator('[data-testid=bed]').nth(5).waitFor();
    await until('six beds are live', async () => {
      const links = await ward.locator('[data-testid=bed]').evaluateAll((all) => all.map((one) => one.dataset.link));
      return links.every((link) => link === 'live') || links;
    });
    await until('a number of a monitor', async () => /^\d+$/.test(await digits(ward, 1, 'heart').innerText()));
    await ward.locator('canvas[data-state=runs]').first().waitFor();
    await ward.screenshot({ path: `${shots}journey-ward.png` });
  },
  async 'a sensor that falls off is said, never a number, and its alarm is acknowledged by name'() {
    await tile(ward, 2).getByText('SpO2 sensor off').waitFor({ timeout: 120_000 });
    assert.equal(await digits(ward, 2, 'spo2').innerText(), '-?-');
    // A press at the moment at which alarms change places means nothing (SETTLE_MS in live/ward.svelte.ts).
    await ward.waitForTimeout(700);
    await tile(ward, 2).getByRole('button', { name: 'Acknowledge' }).click();
    await tile(ward, 2).getByText('Acknowledged by Demo nurse').waitFor();
  },
  async 'a second screen shows the same, and what one acknowledged is acknowledged on both'() {
    const other = await open(demo.nurseUrl, PHONE);
    await signIn(other, 'nurse', demo.nursePassword);
    await tile(other, 2).getByText('Demo nurse').waitFor();
    assert.ok(await other.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is wider than a phone');
    await other.screenshot({ path: `${shots}journey-phone.png` });
    await other.context().close();
  },
  async 'a wall screen whose own clock jumps by an hour goes on as it was'() {
    const wall = await open(demo.nurseUrl, WALL);
    await signIn(wall, 'nurse', demo.nursePassword);
    for (const jump of [HOUR_MS, -HOUR_MS]) {
      await wall.clock.setSystemTime(Date.now() + jump);
      await wall.waitForTimeout(3000);
      await until('it is live', async () => (await wall.locator(NOT_LIVE).count()) === 0);
      await until('with numbers', async () => /^\d+$/.test(await digits(wall, 1, 'heart').innerText()));
      const shown = async (page) => (await tile(page, 2).innerText()).match(/\b\d+:\d\d\b/)?.[0];
      const seconds = (text) => text.split(':').reduce((sum, part) => 60 * sum + Number(part), 0);
      await until('as long ago as on the other screen', async () => {
        const [here, there] = [await shown(wall), await shown(ward)];
        return (here !== undefined && there !== undefined && Math.abs(seconds(here) - seconds(there)) <= 2) || [here, there];
      });
    }
    await wall.screenshot({ path: `${shots}journey-wall.png` });
    await wall.context().close();
  },
  async 'a doctor with six digits sees the alert, says so, and the nurse reads who it was'() {
    centre = await open(demo.doctorUrl);
    await signIn(centre, 'dr.demo', demo.doctorPassword, await demo.sixDigits());
    const alert = centre.locator('[data-testid=alert]', { hasText: 'Bed 2' }).first();
    await alert.waitFor();
    await alert.getByRole('button', { name: /^Seen/ }).click();
    await tile(ward, 2).getByText(/Seen Dr Demo/).waitFor();
    await centre.screenshot({ path: `${shots}journey-centre.png` });
  },
  async 'a patient is admitted by keyboard, and the wall says initials'() {
    await ward.keyboard.press('1');
    await ward.keyboard.press('Enter');
    const panel = ward.locator('[data-testid=panel]');
    await panel.getByRole('button', { name: /^Admit/ }).press('Enter');
    await panel.getByLabel('A new patient').press('Space');
    await panel.getByLabel('Family name').fill('Mensah');
    await panel.getByLabel('Given names').fill('Adwoa');
    await panel.getByLabel('Patient number').fill('PT-0042');
    await panel.getByRole('button', { name: 'Save' }).press('Enter');
    await panel.locator('[data-testid=identity]', { hasText: 'Mensah' }).waitFor();
    await ward.keyboard.press('Escape');
    await tile(ward, 1).locator('[data-testid=initials]', { hasText: 'A. M.' }).waitFor();
  },
  async 'the bed on the whole page has its trends, in a chart and as a table'() {
    await tile(ward, 1).locator('.open').click();
    await ward.getByRole('button', { name: 'Curves and trends' }).click();
    await ward.locator('[data-testid=trends][data-reads=false]').waitFor();
    await ward.getByRole('button', { name: '1 h' }).click();
    await ward.getByRole('button', { name: 'Table' }).click();
    const newest = ward.locator('[data-testid=trend-table] tbody tr').first().locator('td').first();
    await until('the newest line has a heart rate', async () => /^\d/.test(await newest.innerText()));
    await ward.screenshot({ path: `${shots}journey-bed.png` });
    await ward.getByRole('button', { name: '‹ Beds' }).click();
  },
  async 'the log of alarms names who acknowledged'() {
    await ward.locator('[data-testid=person] button.who').click();
    await ward.getByRole('button', { name: 'Alarm log' }).click();
    const log = ward.locator('[data-testid=sheet]');
    await log.getByText('SpO2 sensor off').first().click();
    await log.locator('li:visible').getByText(/Demo nurse/).first().waitFor();
    await ward.getByRole('button', { name: '‹ Beds' }).click();
  },
  async 'a technician adds a monitor while the post runs, compares its values, and the ward shows its numbers'() {
    await demo.account('tech', 'Demo technician', 'technician');
    const { host, port } = await demo.startMonitor();
    bench = await open(demo.nurseUrl);
    await signIn(bench, 'tech', demo.nursePassword);
    const menu = async (words) => {
      await bench.locator('[data-testid=person] button.who').click();
      await bench.getByRole('button', { name: words, exact: true }).click();
    };
    // The bed's own device goes to the workshop.
    await menu('Devices');
    const old = bench.locator('[data-testid=device]', { hasText: 'Bed 6' });
    await old.getByRole('button', { name: 'Move' }).click();
    await old.getByLabel('at no bed').check();
    await old.getByRole('button', { name: 'It stands there' }).click();
    await bench.locator('[data-testid=device]', { hasText: 'set up for: Bed 6' }).waitFor();
    await until('the bed is bare', async () => !/^\d/.test(await digits(ward, 6, 'heart').innerText()));
    await menu('Lines and monitors');
    await bench.getByRole('button', { name: 'Add a monitor' }).click();
    await bench.locator('[data-family=mindray_pds]').click();
    await bench.getByRole('button', { name: 'Next' }).click();
    await bench.getByLabel('Address', { exact: true }).fill(host);
    await bench.getByLabel('Port number').fill(port);
    await bench.locator('form').getByRole('button', { name: 'Try this port' }).click();
    await bench.locator('[data-testid=values]', { hasText: /HR\s*\d+/ }).waitFor();
    await bench.screenshot({ path: `${shots}journey-wizard.png` });
    await bench.getByRole('button', { name: 'They are the same' }).click();
    await bench.getByLabel('Name of the device').fill('monitor-new');
    await bench.getByLabel('Bed 6').check();
    await bench.getByRole('button', { name: 'Add it' }).click();
    await bench.getByText('monitor-new is heard from now on.').waitFor();
    await until('the ward shows its numbers', async () => /^\d+$/.test(await digits(ward, 6, 'heart').innerText()));
    await bench.getByRole('button', { name: 'Lines and monitors' }).click();
    const line = bench.locator('[data-line=monitor-new]');
    await line.getByText('added at this page').waitFor();
    await line.getByRole('button', { name: /^Record/ }).click();
    await line.getByLabel('30 s').check();
    await line.getByRole('button', { name: 'Begin' }).click();
    await bench.waitForTimeout(4000);
    await line.getByRole('button', { name: 'Stop' }).click();
    const [file] = await Promise.all([bench.waitForEvent('download'), line.getByRole('link', { name: /Take the file along/ }).click()]);
    assert.match(readFileSync(await file.path(), 'utf8'), /^# Capture[^]*!family mindray_pds\n!transport tcp\n[^]*@\d+\.\d{3}\n([0-9A-F]{2} )+/);
    await bench.screenshot({ path: `${shots}journey-lines.png` });
  },
  async 'the self-test measures the box, is signed by a person and printed'() {
    await openSystem();
    await until('the centre is measured', async () => (await row(matron, 'link').getAttribute('data-state')) === 'ok');
    await matron.screenshot({ path: `${shots}journey-system.png` });
    await matron.getByRole('button', { name: 'Self-test', exact: true }).click();
    await matron.getByRole('button', { name: 'Run the self-test' }).click();
    await matron.locator('[data-testid=running]').waitFor();
    await matron.locator('[data-testid=result]').waitFor();
    const figures = async (part) => (await row(matron, part).first().locator('.figures').innerText()).replace(/\s+/g, ' ');
    console.log(`      way to the centre: ${await figures('link')}; card: ${await figures('disk')}; first device: ${await figures('device')}`);
    assert.equal(await row(matron, 'link').getAttribute('data-found'), 'link_good');
    assert.match(await figures('link'), /^[\d.]+ ms to the centre and back longest [\d.]+ ms [1-9]\d* measured 0 lost$/);
    assert.match(await figures('disk'), /GB free.* ms to write longest .* ms/);
    await row(matron, 'device').filter({ hasText: 'monitor-new' }).waitFor();
    assert.equal(await row(matron, 'device').first().getAttribute('data-state'), 'ok');
    assert.match(await figures('device'), /heard [\d.]+ s ago [\d.]+ values\/s must be heard every 10 s/);
    assert.equal(await row(matron, 'output').getAttribute('data-found'), 'output_none');
    await matron.getByLabel('Remark').fill('set up on the bench');
    await matron.getByRole('button', { name: /^Sign as/ }).click();
    const kept = matron.locator('[data-testid=kept-test]');
    await kept.getByText('set up on the bench').waitFor();
    await matron.emulateMedia({ media: 'print' });
    assert.equal(await kept.locator('.signature').isVisible(), true);
    await matron.screenshot({ path: `${shots}journey-system-print.png`, fullPage: true });
    await matron.emulateMedia({ media: 'screen' });
  },
  async 'a cable that is pulled is said on the tile, and mends by itself'() {
    demo.pullCable();
    await until('the tile says it', async () => (await tile(ward, 2).getAttribute('data-link')) === 'lost');
    demo.startAgain();
    await until('live again', async () => (await tile(ward, 2).getAttribute('data-link')) === 'live', 60_000);
  },
  async 'a post without power is not live within seconds, and comes back with its patient and who acknowledged'() {
    demo.configure('same_patient_after_s', SILENCE_S);
    const overlay = ward.locator(NOT_LIVE).waitFor();
    const began = performance.now();
    demo.cutPower();
    await overlay;
    const took = performance.now() - began;
    console.log(`      the overlay stood after ${(took / 1000).toFixed(1)} s`);
    assert.ok(took <= OVERLAY_MS, `${took} ms`);
    assert.doesNotMatch((await ward.locator('body').innerText()).replace(await ward.locator(`${NOT_LIVE} .since`).innerText(), ''), /\d/);
    demo.startAgain();
    await ward.getByLabel('Sign-in name').or(ward.locator('[data-testid=bed]').first()).first().waitFor();
    if (await ward.getByLabel('Sign-in name').isVisible()) await signIn(ward, 'nurse', demo.nursePassword);
    await tile(ward, 1).locator('[data-testid=initials]', { hasText: 'A. M.' }).waitFor();
    await until('the beds are live', async () => (await tile(ward, 1).getAttribute('data-link')) === 'live');
  },
  async 'what a nurse wrote and handed over survives a power cut, and another takes it over'() {
    await tile(ward, 1).locator('.open').click();
    const notes = ward.locator('[data-testid=panel] [data-testid=notes]');
    await notes.getByRole('button', { name: 'Write a note' }).click();
    await notes.getByRole('textbox').fill('slept badly');
    await notes.getByRole('button', { name: 'Save the note' }).click();
    await notes.locator('[data-testid=note]', { hasText: 'slept badly' }).waitFor();
    await openHandover();
    const bed = ward.locator('[data-testid=handover-bed][data-bed="1"]');
    await bed.getByText('slept badly').waitFor();
    await bed.getByText('Mensah Adwoa').waitFor();
    await bed.getByRole('textbox').fill('turn at 16:00');
    await ward.locator('.sign .go').click();
    await ward.getByText('You handed this over yourself').waitFor();
    demo.cutPower();
    await ward.locator(NOT_LIVE).waitFor();
    demo.startAgain();
    await signInAgain('matron', demo.nursePassword);
    await openHandover();
    await ward.locator('[data-testid=handover-open]', { hasText: 'Demo nurse' }).getByRole('button', { name: 'Read it' }).click();
    await bed.getByText('What to do: turn at 16:00').waitFor();
    await bed.getByText('slept badly').waitFor();
    const state = ward.locator('[data-testid=handover-state]');
    await state.waitFor();
    // What alarmed since is told, and what alarms while it is read is told before anything is taken over.
    await until('it is taken over', async () => {
      const take = ward.getByRole('button', { name: 'Take over', exact: true });
      if ((await take.count()) > 0) await take.click();
      await ward.waitForTimeout(1500);
      return /Demo matron took over/.test(await state.innerText()) || (await state.innerText());
    });
    await ward.screenshot({ path: `${shots}journey-handover.png` });
    await ward.getByRole('button', { name: 'Sign out' }).first().click();
    await signInAgain('nurse', demo.nursePassword);
  },
  async 'a bed that was silent for long asks who lies there, also after a cut of power, and a nurse answers'() {
    const panel = ward.locator('[data-testid=panel]');
    await tile(ward, 2).locator('.open').click();
    await panel.getByRole('button', { name: /^Admit/ }).click();
    await panel.getByLabel('A new patient').check();
    await panel.getByLabel('Family name').fill('Okafor');
    await panel.getByLabel('Given names').fill('Ngozi');
    await panel.getByRole('button', { name: 'Save' }).click();
    const initials = tile(ward, 2).locator('[data-testid=initials]', { hasText: 'N. O.' });
    await initials.waitFor();
    await ward.keyboard.press('Escape');
    // Of a patient of whom nothing was heard there is nothing to confuse.
    await ward.waitForTimeout(3000);
    demo.pullCable();
    await until('the tile says it', async () => (await tile(ward, 2).getAttribute('data-link')) === 'lost');
    await ward.waitForTimeout((SILENCE_S + 3) * 1000);
    const asked = tile(ward, 2).locator('[data-testid=perhaps]');
    assert.equal(await asked.count(), 0, 'nothing is asked while nothing is measured');
    demo.startAgain();
    await asked.waitFor({ timeout: 60_000 });
    assert.equal(await initials.count(), 0, 'of nobody there are no initials');
    assert.equal(await tile(ward, 1).locator('[data-testid=perhaps]').count(), 0, 'the others are not asked about');
    demo.cutPower();
    await ward.locator(NOT_LIVE).waitFor();
    demo.startAgain();
    await ward.getByLabel('Sign-in name').or(ward.locator('[data-testid=bed]').first()).first().waitFor();
    if (await ward.getByLabel('Sign-in name').isVisible()) await signIn(ward, 'nurse', demo.nursePassword);
    await asked.waitFor();
    await ward.screenshot({ path: `${shots}journey-same-patient-ward.png` });
    await tile(ward, 2).locator('.open').click();
    assert.match(await panel.locator('[data-testid=perhaps-form]').innerText(), /Okafor Ngozi/);
    await ward.screenshot({ path: `${shots}journey-same-patient.png` });
    await panel.getByRole('button', { name: 'Yes, the same patient' }).click();
    await initials.waitFor();
    await panel.locator('[data-testid=merged]').waitFor();
    await ward.keyboard.press('Escape');
    demo.cutPower();
    await ward.locator(NOT_LIVE).waitFor();
    demo.startAgain();
    await ward.getByLabel('Sign-in name').or(ward.locator('[data-testid=bed]').first()).first().waitFor();
    if (await ward.getByLabel('Sign-in name').isVisible()) await signIn(ward, 'nurse', demo.nursePassword);
    await initials.waitFor();
    assert.equal(await asked.count(), 0, 'answered for good');
  },
  async 'the line that was added is still heard after the restart, and the technician takes it away'() {
    await until('its numbers are back', async () => /^\d+$/.test(await digits(ward, 6, 'heart').innerText()), 60_000);
    await bench.reload();
    await signIn(bench, 'tech', demo.nursePassword);
    await bench.locator('[data-testid=person] button.who').click();
    await bench.getByRole('button', { name: 'Lines and monitors' }).click();
    const line = bench.locator('[data-line=monitor-new]');
    await line.getByText('port open').waitFor();
    await line.getByRole('button', { name: /^Remove/ }).click();
    await line.getByRole('button', { name: 'Remove' }).click();
    await line.waitFor({ state: 'detached' });
    await until('nobody measures there', async () => !/^\d/.test(await digits(ward, 6, 'heart').innerText()));
    await bench.context().close();
  },
  async 'what was signed before the power went is still there, unchanged'() {
    await openSystem();
    await matron.getByRole('button', { name: 'Self-test', exact: true }).click();
    await matron.locator('[data-testid=kept]').click();
    const kept = matron.locator('[data-testid=kept-test]');
    await kept.getByText('set up on the bench').waitFor();
    assert.equal(await kept.getByText('was changed since it was signed').count(), 0);
    await matron.getByRole('button', { name: '‹ Beds' }).click();
  },
  async 'limits of one patient are set, and one that nobody may switch off is refused'() {
    await tile(ward, 1).locator('.open').click();
    await ward.getByRole('button', { name: 'Alarm limits' }).click();
    const limit = (code) => ward.locator(`[data-testid=limit][data-code=${code}]`);
    await limit('spo2').getByRole('button', { name: 'Change' }).click();
    await limit('spo2').getByLabel('Alarm below').fill('');
    await ward.keyboard.press('Enter');
    await ward.getByText('Limits not set: the lower limit of SpO2 cannot be switched off').waitFor();
    await limit('spo2').getByLabel('Alarm below').fill('85');
    await ward.keyboard.press('Enter');
    await limit('spo2').locator('[data-testid=wider]').waitFor();
    await ward.keyboard.press('Escape');
    await ward.keyboard.press('Escape');
  },
  async 'a patient is discharged, and another goes to the empty bed, with name and values'() {
    const panel = ward.locator('[data-testid=panel]');
    await tile(ward, 1).locator('.open').click();
    await panel.getByRole('button', { name: 'Discharge' }).click();
    await panel.getByLabel('Home').check();
    await panel.getByRole('button', { name: 'Discharge', exact: true }).click();
    await panel.locator('[data-testid=identity]', { hasText: 'Bed is empty' }).waitFor();
    await ward.keyboard.press('Escape');
    await tile(ward, 2).locator('.open').click();
    await panel.getByRole('button', { name: 'To another bed' }).click();
    await panel.getByLabel('Bed 1').check();
    await panel.getByRole('button', { name: 'Transfer', exact: true }).click();
    await panel.getByText('Okafor').first().waitFor();
    await ward.keyboard.press('Escape');
    await tile(ward, 1).locator('[data-testid=initials]', { hasText: 'N. O.' }).waitFor();
    await until('of the patient who came the numbers of this bed', async () => /^\d+$/.test(await digits(ward, 1, 'heart').innerText()));
  },
  async 'another language, read from right to left, keeps its numbers'() {
    await ward.getByRole('combobox', { name: 'Language' }).selectOption('ar');
    await until('right to left', async () => (await ward.evaluate(() => document.documentElement.dir)) === 'rtl');
    assert.match(await digits(ward, 1, 'heart').innerText(), /^\d+$/);
    await ward.screenshot({ path: `${shots}journey-arabic.png` });
    await ward.locator('footer select').selectOption('en');
  },
  async 'when doctors do not see the post, the nurse is told'() {
    demo.stopCentre();
    await ward.getByText('Doctors do not see this post').first().waitFor({ timeout: 60_000 });
    await openSystem();
    await until('the row says so', async () => (await row(matron, 'link').getAttribute('data-found')) === 'link_unreachable');
    assert.equal(await row(matron, 'link').getAttribute('data-state'), 'failed');
  },
};

let failed = 0;
for (const [name, journey] of Object.entries(journeys)) {
  const began = performance.now();
  const seconds = () => ((performance.now() - began) / 1000).toFixed(1);
  try {
    await journey();
    assert.deepEqual(faults.splice(0), [], 'the page complained');
    console.log(`ok    ${name} (${seconds()} s)`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name} (${seconds()} s)\n${error.stack}`);
    await ward?.screenshot({ path: `${shots}journey-failed.png` }).catch(() => {});
    console.log(`the end of the post's log:\n${demo.log('post').split('\n').slice(-12).join('\n')}`);
    break; // what follows goes on from here
  }
}
await browser.close();
await demo.stop();
console.log(`${Object.keys(journeys).length} journeys, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
