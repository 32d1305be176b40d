// Journeys: a box out of its carton, with a monitor and no account, until nurses work at it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMonitor } from './demo.mjs';
import { freePort, hasNumber, menu, NOT_LIVE, open, panel, SHOTS, signIn, tile, until } from './screens.mjs';

const POST = new URL('../../../target/debug/vitalpost', import.meta.url).pathname;
const PASSWORD = 'a lamp of clay and salt';
const PIN = '271946';
const BEDS = '[data-testid=bed]';

const folder = mkdtempSync(join(tmpdir(), 'vitalpost-first-start-'));
const [port, laboratoryPort] = [await freePort(), await freePort()];
let [post, said, screen, monitor] = [null, '', null, null];

function start() {
  post = spawn(POST, ['run', '--config', join(folder, 'vitalpost.toml')], { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [post.stdout, post.stderr]) stream.on('data', (part) => (said += part));
}

function configuration({ host, port: at }) {
  return `post = "hill"\nname = "Hill health post"\n[store]\npath = "${join(folder, 'store.redb')}"\n[web]\nlisten = "127.0.0.1:${port}"\n
[[bed]]\nid = "1"\nlabel = "Bed 1"\n
[[line]]\nid = "lan-1"\ntcp = "${host}:${at}"\nfamily = "mindray_pds"\ndevice = "monitor-1"\nbed = "1"\n
[[line]]\nid = "laboratory"\nlisten = "127.0.0.1:${laboratoryPort}"\nsenders = ["127.0.0.1"]\nfamily = "hl7"\nfield = "MSH-3"
[[line.source]]\nlocation = "LIS"\ndevice = "lis"\nresults = "laboratory"\n`;
}

/** A laboratory sends a result over MLLP; what the post answers. */
function sendResult(number, given) {
  const segments = [
    `MSH|^~\\&|LIS|HOSP|||20261130120000||ORU^R01|${number}|P|2.3.1`, `PID|1||PT-0042^^^LAB^MR||${given}`,
    `OBR|1||S-${number}|CRP`, 'OBX|1|NM|1988-5^CRP^LN||48|mg/L|0-5|H|||F',
  ];
  return new Promise((done, failed) => {
    const line = connect(laboratoryPort, '127.0.0.1', () => line.write(`\u000b${segments.join('\r')}\r\u001c\r`));
    line.on('data', (answer) => {
      line.end();
      done(String(answer));
    });
    line.on('error', failed);
  });
}

export const firstStartLog = () => said;

export function endFirstStart() {
  post?.kill('SIGKILL');
  monitor?.process.kill();
  rmSync(folder, { recursive: true, force: true });
}

export const firstStart = {
  async 'a box that nobody has claimed shows no bed, and the code of its console makes the first account'() {
    monitor = await startMonitor();
    writeFileSync(join(folder, 'vitalpost.toml'), configuration(monitor));
    start();
    await until('it prints the code', async () => /the code for it is \S+/.test(said) || said);
    screen = await open(`http://127.0.0.1:${port}/`);
    const go = screen.getByRole('button', { name: 'Make the account' });
    await screen.getByLabel('Claim code').fill('no such code');
    await screen.getByLabel('Your name').fill('Demo matron');
    await screen.getByLabel('Sign-in name').fill('matron');
    await screen.getByLabel('New password').fill(PASSWORD);
    await screen.getByLabel('The same password again').fill(PASSWORD);
    await screen.getByLabel('PIN for the screens').fill(PIN);
    await go.click();
    await screen.getByRole('alert').filter({ hasText: /code/ }).first().waitFor();
    assert.equal(await screen.locator(BEDS).count(), 0);
    await screen.getByLabel('Claim code').fill(/the code for it is (\S+)/.exec(said)[1]);
    await go.click();
    await screen.locator(BEDS).waitFor();
    await screen.locator('[data-testid=person]', { hasText: /Demo matron\s+senior nurse/ }).waitFor();
    await until('the monitor is heard', () => hasNumber(screen, 1));
    await screen.screenshot({ path: `${SHOTS}journey-first-start.png` });
  },
  async 'the screen becomes one of the ward, and a nurse gets an account and begins with the code of it'() {
    await menu(screen, 'People and screens');
    await screen.getByLabel('Name of this screen').fill("Tablet at the nurses' desk");
    await screen.getByRole('button', { name: 'Register this screen' }).click();
    await screen.getByText("This screen: Tablet at the nurses' desk").waitFor();
    await screen.getByRole('button', { name: 'Add a person' }).click();
    await screen.getByLabel('Name, as colleagues').fill('Demo nurse');
    await screen.getByLabel('Sign-in name').fill('nurse');
    await screen.locator('[data-testid=add-person]').getByLabel('nurse', { exact: true }).check();
    await screen.getByRole('button', { name: 'Add and show the code' }).click();
    const code = await screen.locator('[data-testid=code]').innerText();
    await screen.getByRole('button', { name: 'Done, take it off the screen' }).click();
    await screen.getByRole('button', { name: '‹ Beds' }).click();
    await screen.getByRole('button', { name: 'Sign out' }).click();
    await screen.locator('[data-testid=person]').getByRole('button', { name: 'Sign in' }).click();
    await screen.getByRole('button', { name: 'I have a code' }).click();
    await screen.getByLabel('Sign-in name').fill('nurse');
    await screen.getByLabel('Code', { exact: true }).fill(code);
    await screen.getByRole('button', { name: 'Next' }).click();
    await screen.getByText('Welcome, Demo nurse').waitFor();
    await screen.getByLabel('New password').fill(PASSWORD);
    await screen.getByLabel('The same password again').fill(PASSWORD);
    await screen.getByLabel('PIN for the screens').fill(PIN);
    await screen.getByRole('button', { name: 'Save and sign in' }).click();
    await screen.locator('[data-testid=person]', { hasText: /Demo nurse\s+nurse/ }).waitFor();
  },
  async 'on a screen of the ward everybody sees the values, and a PIN is enough to admit somebody by name'() {
    await screen.getByRole('button', { name: 'Sign out' }).click();
    await screen.locator('[data-testid=privacy]').waitFor();
    await until('values go on', () => hasNumber(screen, 1));
    await tile(screen, 1).locator('.open').click();
    await screen.locator('[data-testid=want]', { hasText: 'Bed 1: patient' }).waitFor();
    await screen.getByLabel('Demo nurse').check();
    await screen.getByLabel('PIN', { exact: true }).fill('000000');
    await screen.locator('[data-testid=sign-in]').getByRole('button', { name: 'Sign in', exact: true }).click();
    await screen.locator('[data-testid=sign-in]').getByRole('alert').waitFor();
    await screen.getByLabel('PIN', { exact: true }).fill(PIN);
    await screen.locator('[data-testid=sign-in]').getByRole('button', { name: 'Sign in', exact: true }).click();
    await panel(screen).getByRole('button', { name: /^Admit/ }).click();
    await panel(screen).getByLabel('A new patient').check();
    await panel(screen).getByLabel('Family name').fill('Mensah');
    await panel(screen).getByLabel('Given names').fill('Adwoa');
    await panel(screen).getByRole('button', { name: 'Save' }).click();
    await tile(screen, 1).locator('[data-testid=initials]', { hasText: 'A. M.' }).waitFor();
    await screen.keyboard.press('Escape');
  },
  async 'a result of the laboratory that fits nobody waits until a nurse says whose it is'() {
    assert.match(await sendResult(1, 'Mensah^A'), /MSA\|AA/);
    await screen.locator('[data-testid=unassigned]', { hasText: '1 laboratory result without a patient' }).click();
    const group = panel(screen).locator('[data-testid=group]').first();
    await group.getByText(/PT-0042/).waitFor();
    await group.getByRole('button', { name: 'Say whose it is' }).click();
    await group.getByLabel('Of the patient in').selectOption('1');
    await group.locator('[data-testid=read-back]', { hasText: 'Mensah Adwoa' }).waitFor();
    await group.getByRole('button', { name: "It is this patient's" }).click();
    await screen.locator('[data-testid=unassigned]').waitFor({ state: 'detached' });
    await tile(screen, 1).locator('.open').click();
    await panel(screen).locator('[data-testid=result]', { hasText: /CRP[^]*48/ }).waitFor();
    await screen.screenshot({ path: `${SHOTS}journey-laboratory.png` });
    await screen.keyboard.press('Escape');
    await screen.getByRole('button', { name: 'Sign out' }).click();
    await tile(screen, 1).locator('[data-testid=initials]').waitFor({ state: 'detached' });
  },
  async 'a screen on the wall comes home to its beds by itself'() {
    await screen.goto(`http://127.0.0.1:${port}/?kiosk=2`);
    await screen.locator(BEDS).waitFor();
    await screen.keyboard.press('?');
    await screen.locator('[data-testid=help]').waitFor();
    await screen.locator(BEDS).waitFor();
  },
  async 'a page that is opened while the box is gone says that it is not live, shows no number, and comes back'() {
    await screen.evaluate(() => navigator.serviceWorker.ready.then(() => true));
    await screen.reload();
    await screen.locator(BEDS).waitFor();
    post.kill('SIGKILL');
    await screen.locator(NOT_LIVE).waitFor();
    await screen.reload();
    await screen.locator(NOT_LIVE).waitFor();
    assert.equal(await screen.locator(BEDS).count(), 0);
    assert.doesNotMatch(await screen.locator('body').innerText(), /SpO2|A\. M\./);
    await screen.screenshot({ path: `${SHOTS}journey-box-gone.png` });
    start();
    await screen.locator(BEDS).waitFor();
    await until('values are back', () => hasNumber(screen, 1));
  },
};
