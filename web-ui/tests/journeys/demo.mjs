// The demo for journeys: a whole post and its centre with simulated devices, real programs all, and how to break them.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './screens.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const STARTS_WITHIN_MS = 300_000;

/** Builds where that is needed, starts, and reads from what it prints where everything is. */
export async function startDemo() {
  const folder = mkdtempSync(join(tmpdir(), 'vitalpost-journeys-'));
  const [nurse, doctor] = [await freePort(), await freePort()];
  const words = ['xtask', 'demo', '--dir', folder, '--port-nurse', String(nurse), '--port-doctor', String(doctor)];
  const demo = spawn('cargo', words, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let said = '';
  for (const stream of [demo.stdout, demo.stderr]) stream.on('data', (part) => (said += part));
  const found = (pattern) => pattern.exec(said)?.[1];
  const began = performance.now();
  while (!said.includes('Ctrl-C stops everything.')) {
    if (demo.exitCode !== null || performance.now() - began > STARTS_WITHIN_MS) throw new Error(`the demo does not start:\n${said}`);
    await new Promise((done) => setTimeout(done, 100));
  }
  const pid = (pattern) => Number(found(pattern));
  const monitors = [];
  const running = {
    nurseUrl: `http://127.0.0.1:${nurse}/`,
    doctorUrl: `http://127.0.0.1:${doctor}/`,
    nursePassword: found(/sign in as nurse \/ (\S+)/),
    doctorPassword: found(/sign in as dr\.demo, password: (.+)/),
    /** The six digits of the doctor's app. */
    sixDigits: () => run('cargo', ['xtask', 'demo-code', '--dir', folder]),
    pullCable: () => process.kill(lastPid('bed-2', /pull the cable of bed 2 +kill (\d+)/)),
    cutPower: () => process.kill(lastPid('post', /cut the post's power +kill -9 (\d+)/), 'SIGKILL'),
    stopCentre: () => process.kill(pid(/stop the centre +kill (\d+)/)),
    startAgain: () => process.kill(pid(/start again what stopped +kill -USR1 (\d+)/), 'SIGUSR1'),
    /** A key of the post's configuration; it counts from its next start. */
    configure(key, value) {
      const file = join(folder, 'vitalpost.toml');
      writeFileSync(file, `${key} = ${value}\n${readFileSync(file, 'utf8')}`);
    },
    /** An account with this role, which signs in with the nurse's password. */
    account: (id, name, role) => account(running, id, name, role),
    /** A Mindray monitor on the LAN that nobody has set up: where it is. */
    async startMonitor() {
      const monitor = await startMonitor();
      monitors.push(monitor.process);
      return monitor;
    },
    log: (name) => readFileSync(join(folder, 'logs', `${name}.log`), 'utf8'),
    async stop() {
      for (const monitor of monitors) monitor.kill();
      process.kill(pid(/start again what stopped +kill -USR1 (\d+)/), 'SIGINT');
      await new Promise((done) => (demo.exitCode === null ? demo.on('exit', done) : done()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  /** A program that was started again has another process. */
  function lastPid(name, first) {
    const again = [...said.matchAll(new RegExp(`^${name} started again, process (\\d+)`, 'gm'))].at(-1)?.[1];
    return again === undefined ? pid(first) : Number(again);
  }
  return running;
}

/** A Mindray monitor on the LAN, as it comes out of its carton: its process, and where it is. */
export async function startMonitor() {
  const words = ['device', 'mindray_pds', '--listen', '127.0.0.1:0', '--patient', 'generator:9:stable'];
  const monitor = spawn(join(ROOT, 'target/debug/vitalpost-simulators'), words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let told = '';
  for (const stream of [monitor.stdout, monitor.stderr]) stream.on('data', (part) => (told += part));
  for (;;) {
    const at = /(127\.0\.0\.1):(\d+)/.exec(told);
    if (at !== null) return { process: monitor, host: at[1], port: at[2] };
    if (monitor.exitCode !== null) throw new Error(`the monitor does not start:\n${told}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

async function account({ nurseUrl, nursePassword: password }, id, name, role) {
  const asked = async (path, body, cookie = '') => {
    const headers = { 'content-type': 'application/json', cookie };
    const answer = await fetch(new URL(path, nurseUrl), { method: 'POST', headers, body: JSON.stringify(body) });
    const told = await answer.json();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${told.error}`);
    return { told, cookie: answer.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ') };
  };
  const { cookie } = await asked('/api/v1/session', { person: 'matron', password });
  const { told } = await asked('/api/v1/people', { id, name, roles: [role] }, cookie);
  await asked('/api/v1/begin', { person: id, code: told.code, password });
}

function run(program, words) {
  return new Promise((done, failed) => {
    const child = spawn(program, words, { cwd: ROOT });
    let said = '';
    child.stdout.on('data', (part) => (said += part));
    child.on('exit', (code) => (code === 0 ? done(said.match(/\d{6}/)[0]) : failed(new Error(`${program} ${words.join(' ')} failed`))));
  });
}
