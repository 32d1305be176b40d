// What a form that proves a person says when it was refused: why, and after too many tries for how long to wait.

import type { Answer } from './api';
import { session } from './session.svelte';

export class Refusal {
  why = $state<string | null>(null);
  busy = $state(false);
  #until = $state(0);
  /** Seconds until the next try; 0 = now. */
  readonly leftS = $derived(Math.max(0, Math.ceil((this.#until - session.now) / 1000)));

  /** Asks, and keeps why not; true when it went well. */
  async ask(question: () => Promise<Answer<unknown>>): Promise<Answer<unknown> | null> {
    if (this.busy || this.leftS > 0) return null;
    this.busy = true;
    this.why = null;
    const answer = await question();
    this.busy = false;
    if (answer.ok) return answer;
    if (answer.waitS !== null) {
      session.now = performance.now();
      this.#until = session.now + answer.waitS * 1000;
    }
    this.why = answer.error;
    return answer;
  }
}
