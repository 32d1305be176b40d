// The live connection: WebSocket first, polling where something on the way refuses it.
//
// L1 The first message of a connection is a snapshot; each further one counts `seq` up by one. Anything else (a gap,
//    a message that cannot be read or taken) closes the connection: the next one begins with a snapshot.
// L2 A connection that says nothing for QUIET_MS is dead, whatever the browser thinks of it.
// L3 Reconnecting waits 0.5 s doubling to 8 s, with jitter; a snapshot starts the row again.
// L4 Refused REFUSED_MAX times in a row: the snapshot is polled every POLL_MS ("slow link"), and the WebSocket is
//    tried on beside it.
// L5 The right to look has ended (close code 4401, or 401 to the poll): nothing is tried any more until `start`.

export const QUIET_MS = 10_000;
export const REFUSED_MAX = 3;
export const POLL_MS = 2000;
/** The close code of a connection whose right to look has ended. */
export const ENDED = 4401;
const WAIT_FIRST_MS = 500;
const WAIT_MOST_MS = 8000;
const POLL_TIMEOUT_MS = 4000;

interface Numbered {
  type: string;
  seq: number;
}

export interface LiveOptions<M extends Numbered> {
  socketUrl: string;
  snapshotUrl: string;
  /** `anew`: the first message of a connection, or the first polled snapshot after none came. */
  onMessage(message: M, anew: boolean): void;
  /** True while the snapshot is polled. */
  onSlowLink(slow: boolean): void;
  /** A connection broke on which something had been heard. */
  onLost?: () => void;
  /** L5. */
  onEnded?: () => void;
  /** A connection was refused: perhaps nobody may look here any more. A browser does not say why. */
  onRefused?: () => void;
  /** Bytes between the messages; they count for nothing (L1). */
  onFrame?: ((frame: ArrayBuffer) => void) | undefined;
  openSocket?: (url: string) => WebSocket;
  fetchJson?: (url: string) => Promise<unknown>;
  random?: () => number;
}

/** The n-th wait (0 = first) before connecting again, between 3/4 and 5/4 of its nominal length. */
export function reconnectWaitMs(attempt: number, random: number): number {
  const nominal = Math.min(WAIT_FIRST_MS * 2 ** attempt, WAIT_MOST_MS);
  return Math.round(nominal * (0.75 + 0.5 * random));
}

export class LiveConnection<M extends Numbered> {
  #socket: WebSocket | null = null;
  #seq: number | null = null;
  #attempt = 0;
  #refused = 0;
  #reconnect: ReturnType<typeof setTimeout> | undefined;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #poll: ReturnType<typeof setTimeout> | undefined;
  #polling = false;
  #polledLast = false;
  #stopped = true;

  constructor(private readonly options: LiveOptions<M>) {}

  /** Connects; where there is a connection already, a new one takes its place. */
  start(): void {
    this.stop();
    this.#stopped = false;
    this.#attempt = 0;
    this.#refused = 0;
    this.#connect();
  }

  /** Tells the server something; false when there is no connection on which something was heard. */
  say(message: object): boolean {
    if (this.#socket === null || this.#seq === null) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  stop(): void {
    this.#stopped = true;
    this.#stopPolling();
    clearTimeout(this.#reconnect);
    this.#drop();
  }

  #ended(): void {
    this.stop();
    this.options.onEnded?.();
  }

  #connect(): void {
    const open = this.options.openSocket ?? ((url: string) => new WebSocket(url));
    const socket = open(this.options.socketUrl);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#seq = null;
    this.#listen();
    socket.onmessage = (event: MessageEvent) => this.#heard(event.data);
    socket.onclose = (event?: CloseEvent) => (event?.code === ENDED ? this.#ended() : this.#lost());
  }

  /** L2: the time begins again. */
  #listen(): void {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#lost(), QUIET_MS);
  }

  #heard(data: unknown): void {
    if (data instanceof ArrayBuffer) {
      this.#listen();
      this.options.onFrame?.(data);
      return;
    }
    const message = read<M>(data);
    const anew = this.#seq === null;
    const inOrder = message !== null && (anew ? message.type === 'snapshot' : message.seq === this.#seq! + 1);
    if (!inOrder) {
      this.#lost();
      return;
    }
    try {
      this.options.onMessage(message, anew);
    } catch (error) {
      console.error('a message of the server could not be taken', error);
      this.#lost();
      return;
    }
    this.#seq = message.seq;
    this.#listen();
    if (anew) {
      this.#attempt = 0;
      this.#refused = 0;
      this.#stopPolling();
    }
  }

  #lost(): void {
    if (this.#socket === null || this.#stopped) return;
    if (this.#seq !== null) this.options.onLost?.();
    this.#refused = this.#seq === null ? this.#refused + 1 : 0;
    this.#drop();
    if (this.#refused > 0) this.options.onRefused?.();
    if (this.#stopped) return;
    if (this.#refused >= REFUSED_MAX) this.#startPolling();
    const wait = reconnectWaitMs(this.#attempt, (this.options.random ?? Math.random)());
    this.#attempt += 1;
    this.#reconnect = setTimeout(() => this.#connect(), wait);
  }

  #drop(): void {
    clearTimeout(this.#quiet);
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }

  #startPolling(): void {
    if (this.#polling) return;
    this.#polling = true;
    this.#polledLast = false;
    void this.#pollOnce();
  }

  #stopPolling(): void {
    if (!this.#polling) return;
    this.#polling = false;
    clearTimeout(this.#poll);
    this.options.onSlowLink(false);
  }

  async #pollOnce(): Promise<void> {
    const fetchJson = this.options.fetchJson ?? fetchSnapshot;
    try {
      const message = (await fetchJson(this.options.snapshotUrl)) as M;
      if (this.#polling) {
        this.options.onSlowLink(true);
        this.options.onMessage({ ...message, type: 'snapshot' }, !this.#polledLast);
        this.#polledLast = true;
      }
    } catch (error) {
      this.#polledLast = false;
      if (error instanceof NotAllowed && this.#polling) this.#ended();
      // Nothing came: the clock of the page runs out and says so; the next poll tries again.
    }
    if (this.#polling) this.#poll = setTimeout(() => void this.#pollOnce(), POLL_MS);
  }
}

/** The answer to a poll was 401. */
export class NotAllowed extends Error {}

async function fetchSnapshot(url: string): Promise<unknown> {
  const response = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(POLL_TIMEOUT_MS) });
  if (response.status === 401) throw new NotAllowed();
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.json();
}

function read<M extends Numbered>(data: unknown): M | null {
  if (typeof data !== 'string') return null;
  try {
    const message = JSON.parse(data) as M | null;
    const usable = typeof message?.type === 'string' && typeof message.seq === 'number';
    return usable ? message : null;
  } catch {
    return null;
  }
}
