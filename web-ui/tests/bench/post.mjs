// A real post with eight simulated devices, for what is measured from a device's bytes on: six monitors on the network send a
// frame a second, each with another heart rate; two oximeters on serial lines send curves.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const MEASURED = ['1', '2', '3', '4', '5', '6'];
const WITH_CURVES = ['7', '8'];
const STARTS_WITHIN_MS = 30_000;
/** Seconds of a patient before it begins again. */
const PATIENT_S = 3000;
const PASSWORD = 'measured and found good';

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

/** A heart rate that is another one each second and alarms nobody. It goes up and down by 2: a jump would have to be said twice. */
function patient(bed) {
  const rate = (s) => 70 + 2 * Math.abs(((s + 4 * Number(bed)) % 30) - 15);
  const rows = Array.from({ length: PATIENT_S }, (_, s) => `${s},${rate(s)},${rate(s)},16,97`);
  return `Time [s], HR, PULSE, RESP, SpO2\n${rows.join('\n')}\n`;
}

export class Post {
  #folder = mkdtempSync(join(tmpdir(), 'vitalpost-bench-'));
  #programs = [];
  #ports = {};
  #said = '';

  /** Starts all and claims the post; `programs` is the folder of the programs. Whatever becomes of it, it is to be stopped. */
  async start(programs) {
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}/`;
    const simulators = join(programs, 'vitalpost-simulators');
    for (const bed of [...MEASURED, ...WITH_CURVES]) writeFileSync(this.#path(`patient-${bed}.csv`), patient(bed));
    const played = (bed) => ['--patient', `bidmc:${this.#path(`patient-${bed}.csv`)}`, '--truth', this.#truth(bed)];
    for (const bed of MEASURED) {
      this.#ports[bed] = await freePort();
      this.#spawn(simulators, ['device', 'mindray_pds', '--listen', `127.0.0.1:${this.#ports[bed]}`, ...played(bed)]);
    }
    for (const bed of WITH_CURVES) this.#spawn(simulators, ['nonin', '--link', this.#path(`bed-${bed}`), '--format', '2', ...played(bed)]);
    writeFileSync(this.#path('vitalpost.toml'), this.#configuration(port));
    this.#spawn(join(programs, 'vitalpost'), ['run', '--config', this.#path('vitalpost.toml')]);
    const code = await this.#until(() => /the code for it is (\S+)/.exec(this.#said)?.[1]);
    await this.#until(() => fetch(this.url).then(({ ok }) => ok || undefined, () => undefined));
    const body = JSON.stringify({ code, person: 'matron', name: 'Matron', password: PASSWORD });
    const claimed = await fetch(`${this.url}api/v1/claim`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    if (!claimed.ok) throw new Error(`the post cannot be claimed: ${claimed.status} ${await claimed.text()}`);
    const [name, value] = claimed.headers.getSetCookie()[0].split(';')[0].split('=');
    this.cookie = { name, value, url: this.url };
  }

  #configuration(port) {
    const line = (id) => (WITH_CURVES.includes(id)
      ? `serial = "${this.#path(`bed-${id}`)}"\nfamily = "nonin"\nformat = "2"`
      : `tcp = "127.0.0.1:${this.#ports[id]}"\nfamily = "mindray_pds"`);
    const bed = (id) => `[[bed]]\nid = "${id}"\nlabel = "Bed ${id}"\n\n[[line]]\nid = "line-${id}"\n${line(id)}\ndevice = "device-${id}"\nbed = "${id}"\n`;
    const beds = [...MEASURED, ...WITH_CURVES].map(bed).join('\n');
    return `post = "bench"\nname = "Measured post"\n\n[store]\npath = "${this.#path('post.redb')}"\n\n[web]\nlisten = "127.0.0.1:${port}"\n\n${beds}`;
  }

  /** What this bed's monitor sent: `{ sentMs, rate }`, by the clock since the machine's start. */
  sent(bed) {
    const lines = readFileSync(this.#truth(bed), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    return lines.flatMap(({ sent_ns, values }) => (values.hr == null ? [] : [{ sentMs: sent_ns / 1e6, rate: values.hr }]));
  }

  async stop() {
    const ended = this.#programs.map((program) => new Promise((done) => (program.exitCode === null ? program.on('exit', done) : done())));
    for (const program of this.#programs) program.kill('SIGTERM');
    await Promise.all(ended);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #path(name) {
    return join(this.#folder, name);
  }

  #truth(bed) {
    return this.#path(`truth-${bed}.jsonl`);
  }

  #spawn(binary, words) {
    const program = spawn(binary, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [program.stdout, program.stderr]) stream.on('data', (part) => (this.#said += part));
    program.on('error', (error) => (this.#said += `${binary}: ${error.message}\n`));
    this.#programs.push(program);
  }

  async #until(found) {
    const began = performance.now();
    for (;;) {
      const what = await found();
      if (what !== undefined) return what;
      if (performance.now() - began > STARTS_WITHIN_MS) throw new Error(`the post does not start:\n${this.#said.slice(-4000)}`);
      await sleep(100);
    }
  }
}
