// Lines of the post, and how a technician adds one: what a trial hears is asked for again and again, and the server ends it
// when nobody asks any more.

import { get, post, type Said } from './api';
import { Commands } from './commands.svelte';
import { Panel } from './panel.svelte';

export type Line = Said<'LineNow'>;

export interface Way {
  /** Empty = all models of the family. */
  models: string;
  transport: 'serial' | 'tcp' | 'udp';
  plug: 'nine_pin' | 'lan' | 'serial_rj45' | 'usb' | 'wires' | 'bluetooth';
  cable: 'straight' | 'null_modem' | 'measure' | 'own' | 'network' | 'low_voltage' | 'none';
  /** On the LAN: the port number that its devices have. */
  port: number | null;
  steps: string[];
}

export interface Family {
  family: string;
  title: string;
  models: string;
  ways: Way[];
}

export interface Port {
  name: string;
  device: string;
  with: 'adapter' | 'socket' | 'board' | null;
  product: string | null;
  console: boolean;
  /** The line that has it. */
  line: string | null;
}

export interface Offer {
  families: Family[];
  /** Set up in the file alone. */
  others: { family: string; title: string }[];
  ports: Port[];
}

export type Verdict = 'nothing' | 'not_understood' | 'doubtful' | 'understood';

export interface Heard {
  family: string;
  verdict: Verdict;
  bytes: number;
  findings: number;
  skipped: number;
  bad_checksums: number;
  plays: boolean;
  values: { label: string; unit: string; value: string | null; reason: string | null }[];
  curves: string[];
}

export interface Trial {
  number: number;
  state: 'trying' | 'listening' | 'hearing' | 'heard' | 'nothing' | 'failed';
  port: string;
  at: number;
  tries: number;
  lasts_s: number;
  over: string;
  asks: boolean;
  heard: Heard[];
  tried: { over: string; asks: boolean; bytes: number; verdict: Verdict; refused: string | null }[];
  announced: { family: string; address: string; bed_label: string; line: string | null }[];
  found: { family: string; port: string; stable: boolean; device: string } | null;
  advice: 'damaged' | 'serial_not_understood' | 'serial_silent' | 'lan_not_understood' | 'lan_silent' | null;
  error: string | null;
}

const LOOK_EVERY_MS = 700;
const ENDED = 409;

class Fitting {
  readonly lines = new Panel<'/api/v1/lines'>();
  readonly offer = new Panel<'/api/v1/fitting', Offer>();
  readonly commands = new Commands();
  /** What is tried now, as it was last told. */
  trial = $state.raw<Trial | null>(null);
  /** Why it is not told any more; null = it is. */
  lost = $state.raw<string | null>(null);
  #looks: ReturnType<typeof setTimeout> | undefined;
  /** Counts trials: an answer about one before is of no use. */
  #which = 0;

  readonly load = {
    lines: () => void this.lines.load('/api/v1/lines'),
    offer: () => void this.offer.load('/api/v1/fitting'),
  };

  /** Tries a port, or hears the LAN; false when that was refused, for which `commands.progress` has the reason. */
  async begin(words: string, wish: { port: string; family: string | null } | { lan: true }): Promise<boolean> {
    this.leave();
    const mine = this.#which;
    const command = { key: 'trial', words, action: 'fit_lines' } as const;
    const answer = await this.commands.give(command, '/api/v1/fitting/trial', wish);
    if (answer === null) return false;
    if (mine !== this.#which) {
      // Whoever wanted it has gone on meanwhile.
      void post('/api/v1/fitting/trial/end', {});
      return false;
    }
    await this.#look(mine);
    return true;
  }

  /** Ends the trial; nothing of it stays. */
  end(): void {
    if (this.trial !== null && this.lost === null) void post('/api/v1/fitting/trial/end', {});
    this.leave();
    this.commands.keep(new Set());
  }

  /** Nobody looks any more: what was added has its own line now, or the server ends it by itself. */
  leave(): void {
    this.#which += 1;
    clearTimeout(this.#looks);
    this.trial = null;
    this.lost = null;
  }

  async #look(mine: number): Promise<void> {
    const answer = await get<'/api/v1/fitting/trial', Trial>('/api/v1/fitting/trial');
    if (mine !== this.#which) return;
    if (answer.body !== null) this.trial = answer.body;
    this.lost = answer.ok ? null : answer.error;
    if (answer.status === ENDED || answer.status === 401 || answer.status === 403) return;
    this.#looks = setTimeout(() => void this.#look(mine), LOOK_EVERY_MS);
  }
}

export const fitting = new Fitting();
