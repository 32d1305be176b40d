// A small server that speaks the live interfaces from a scripted state, with the headers of the real ones.

import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { FakeDoor } from './fake-door.mjs';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain',
  '.webmanifest': 'application/manifest+json',
};
/** 14:07 UTC on a day in spring: what the pictures show. */
const WALL_AT_START_MS = Date.UTC(2027, 2, 4, 14, 7, 5);
const MONO_AT_START_MS = 9_000_000;

export class FakeServer {
  /** Turns the scripted state into the body of a snapshot; called anew for each, with the server's clocks. */
  #snapshot;
  #page;
  #http;
  #sockets;
  #timer;
  #started = performance.now();
  /** Commands that came: {path, body}. */
  commands = [];
  /** What pages told over their live connection. */
  said = [];
  /** What the next commands are answered with. */
  answer = { status: 200, body: {} };
  /** Carries a command out; what it returns is the answer, `{ refused: 409, error }` a refusal. `by`: the name of whoever is signed in. */
  onCommand = (_path, _body, _by) => undefined;
  /** What is asked beside the live view: `{ body }` for a path, with the server's clocks; undefined = not scripted. */
  told = () => undefined;
  /** False: only beats, so that what is shown ages. */
  refreshing = true;
  beating = true;
  refuseSockets = false;
  /** Sends initials in privacy mode too. */
  careless = false;
  /** Set by a case: files of the page that are not there. */
  missing = null;
  /** Set by a case to name another build. */
  build = null;
  wallKnown = true;
  trust = 'synchronised';

  constructor(page, snapshot) {
    this.#page = page;
    this.#snapshot = snapshot;
    this.door = new FakeDoor(page === 'centre');
  }

  now() {
    return MONO_AT_START_MS + (performance.now() - this.#started);
  }

  wall() {
    return this.wallKnown ? Math.round(WALL_AT_START_MS + (this.now() - MONO_AT_START_MS)) : null;
  }

  async start(port = 0) {
    this.#http = createServer((request, response) => void this.#serve(request, response));
    this.#sockets = new WebSocketServer({ noServer: true });
    this.#http.on('upgrade', (request, socket, head) => {
      if (!this.door.mayLook) {
        socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
        return;
      }
      if (this.refuseSockets || request.url !== '/api/v1/live') {
        socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (client) => {
        client.seq = 0;
        client.on('message', (data) => {
          const said = JSON.parse(String(data));
          this.said.push(said);
          if (said.type === 'curves') client.draws = said.on;
        });
        this.#send(client, this.snapshot());
      });
    });
    await new Promise((done) => this.#http.listen(port, '127.0.0.1', done));
    this.#timer = setInterval(() => this.#tick(), 1000);
    this.port = this.#http.address().port;
    return `http://127.0.0.1:${this.port}/`;
  }

  stop() {
    clearInterval(this.#timer);
    for (const client of this.#sockets.clients) client.terminate();
    this.#http.closeAllConnections();
    return new Promise((done) => this.#http.close(done));
  }

  /** Sends the whole state to everybody now, as changes do. */
  push() {
    const snapshot = this.snapshot();
    for (const client of this.#sockets.clients) {
      if (this.#page === 'centre') {
        this.#send(client, snapshot);
        continue;
      }
      for (const bed of snapshot.beds) this.#send(client, { type: 'bed', bed });
      for (const type of ['alarms', 'centre', 'site', 'problems', 'messages', 'outage', 'laboratory', 'signals', 'sound', 'curves']) {
        this.#send(client, { type, [type]: snapshot[type] });
      }
    }
  }

  /** Sends samples to whoever draws them. */
  sendFrame(frame) {
    for (const client of this.#sockets.clients) if (client.draws === true) client.send(frame);
  }

  /** Ends every connection, as a restart does. */
  cut() {
    for (const client of this.#sockets.clients) client.terminate();
  }

  /** The right to look ends, as it does when a session or a screen is forgotten. */
  endLooking() {
    this.door.person = null;
    this.door.screen = null;
    for (const client of this.#sockets.clients) client.close(4401);
  }

  /** Leaves one number out, as a lost message would. */
  skipSeq() {
    for (const client of this.#sockets.clients) client.seq += 1;
  }

  get clients() {
    return this.#sockets.clients.size;
  }

  snapshot() {
    const build = this.build ?? this.#build();
    const state = this.#snapshot(this.now(), this.wall());
    const hides = this.#page === 'post' && this.door.person === null && !this.careless;
    const shown = hides ? { ...state, beds: state.beds.map(withoutInitials) } : state;
    return { type: 'snapshot', seq: 0, build, ...this.#clock(), ...shown };
  }

  #clock() {
    return { now_ms: Math.round(this.now()), wall_ms: this.wall(), clock_trust: this.trust };
  }

  /** The id that the built page carries, so that it does not take this server for a newer one. */
  #build() {
    const html = readFileSync(join(DIST, this.#page, 'index.html'), 'utf8');
    return /name="vitalpost-build" content="([^"]*)"/.exec(html)[1];
  }

  #tick() {
    if (this.refreshing) this.push();
    if (!this.beating) return;
    for (const client of this.#sockets.clients) this.#send(client, { type: 'beat', ...this.#clock() });
  }

  #send(client, message) {
    client.send(JSON.stringify({ ...message, seq: client.seq }));
    client.seq += 1;
  }

  async #serve(request, response) {
    const reply = (status, type, body) => {
      response.writeHead(status, { 'content-type': type, 'content-security-policy': "default-src 'self'" });
      response.end(body);
    };
    const { pathname: path, search } = new URL(request.url, 'http://localhost');
    const json = ({ status = 200, body }) => reply(status, 'application/json', JSON.stringify(body));
    let text = '';
    for await (const part of request) text += part;
    const body = text === '' ? {} : JSON.parse(text);
    const proven = this.door.answer(request.method, path, body);
    if (proven !== undefined) {
      json(proven);
      return;
    }
    if (path.startsWith('/api/') && this.door.person === null && (request.method === 'POST' || !this.door.mayLook)) {
      json({ status: 401, body: { error: 'sign in first' } });
      return;
    }
    if (request.method === 'POST') {
      this.commands.push({ path, body });
      const { status } = this.answer;
      const carried = status < 300 ? this.onCommand(path, body, this.door.person.name) : undefined;
      // A case may let an answer take its time; the others are answered in the same moment.
      const said = carried instanceof Promise ? await carried : carried;
      if (said?.refused !== undefined) {
        json({ status: said.refused, body: { error: said.error } });
        return;
      }
      json({ status, body: said ?? this.answer.body });
      if (status < 300) this.push();
      return;
    }
    const told = this.told(path, this.now(), this.wall(), search);
    if (told !== undefined) {
      json(told);
      return;
    }
    if (path.startsWith('/api/')) {
      json({ body: this.snapshot() });
      return;
    }
    const file = normalize(path === '/' ? '/index.html' : path);
    try {
      if (this.missing?.test(path)) throw new Error('not there');
      reply(200, TYPES[extname(file)] ?? 'application/octet-stream', await readFile(join(DIST, this.#page, file)));
    } catch {
      reply(404, 'text/plain', 'not found');
    }
  }
}

function withoutInitials(bed) {
  return { ...bed, patient: { ...bed.patient, initials: '' } };
}
