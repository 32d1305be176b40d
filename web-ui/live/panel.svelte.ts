// What stands in the panel beside the beds: a patient, or the results that are nobody's. The live view says only that
// something changed; the words are asked for here, and what could not be asked for is said to be old.

const ANSWER_WITHIN_MS = 8000;
const AGAIN_AFTER_MS = 4000;

export class Panel<T> {
  /** What is shown; null before the first answer. */
  data = $state.raw<T | null>(null);
  /** Why what stands there may be old; null = it is the newest. */
  failed = $state.raw<string | null>(null);
  #wanted = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  /** Asks; an answer that was overtaken by a later question is dropped. Tries again until it is answered or left. */
  async load(url: string, noAnswer: string): Promise<void> {
    const mine = ++this.#wanted;
    clearTimeout(this.#retry);
    const why = await this.#ask(url, mine, noAnswer);
    if (mine !== this.#wanted) return;
    this.failed = why;
    if (why !== null) this.#retry = setTimeout(() => void this.load(url, noAnswer), AGAIN_AFTER_MS);
  }

  /** Nobody looks any more. */
  leave(): void {
    this.#wanted += 1;
    clearTimeout(this.#retry);
    this.data = null;
    this.failed = null;
  }

  async #ask(url: string, mine: number, noAnswer: string): Promise<string | null> {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
      const answer = (await response.json()) as T & { error?: string };
      if (!response.ok) return answer.error ?? `${response.status} ${response.statusText}`;
      if (mine === this.#wanted) this.data = answer;
      return null;
    } catch {
      return noAnswer;
    }
  }
}
