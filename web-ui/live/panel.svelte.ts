// What stands in the panel beside the beds: a patient, or the results that are nobody's. The live view says only that
// something changed; the words are asked for here, and what could not be asked for is said to be old.

import { get, type GetUrl, type Got } from './api';
import { session } from './session.svelte';

const AGAIN_AFTER_MS = 4000;

/** `Url`: what it is asked at, with or without a query. `T`: what is answered there, where the document does not say it. */
export class Panel<Url extends GetUrl, T = Got<Url>> {
  /** What is shown; null before the first answer. */
  data = $state.raw<T | null>(null);
  /** Why what stands there may be old; null = it is the newest. */
  failed = $state.raw<string | null>(null);
  #wanted = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  /** Asks; an answer that was overtaken by a later question is dropped. Tries again until it is answered or left. */
  async load(url: Url | `${Url}?${string}`, withinMs?: number): Promise<void> {
    const mine = ++this.#wanted;
    clearTimeout(this.#retry);
    const answer = await get<GetUrl, T>(url as GetUrl, withinMs);
    if (mine !== this.#wanted) return;
    if (answer.body !== null) this.data = answer.body;
    this.failed = answer.ok ? null : answer.error;
    if (answer.ok) return;
    if (answer.status === 401 || answer.status === 403) {
      // Whoever stands there may not see it (any more): not a word of it stays.
      this.data = null;
      if (answer.status === 401) session.lost();
      else void session.refresh();
      return;
    }
    this.#retry = setTimeout(() => void this.load(url, withinMs), AGAIN_AFTER_MS);
  }

  /** Nobody waits for an answer any more; what stands there goes with whoever shows it. */
  stop(): void {
    this.#wanted += 1;
    clearTimeout(this.#retry);
  }

  /** Nobody looks any more. */
  leave(): void {
    this.stop();
    this.data = null;
    this.failed = null;
  }
}
