// What a person asks the server to do. A button shows sending, done or failed as the server answered; nothing is
// assumed. What the alarm then looks like comes from the server alone.

const ANSWER_WITHIN_MS = 8000;

export type Progress = { state: 'sending' | 'done' } | { state: 'failed'; why: string };

export class Commands {
  /** By alarm: the last command's progress. */
  progress = $state.raw<Record<string, Progress>>({});

  /** Posts `{"by": name}`; true when the server took it. `noAnswer` words the failure to reach the server. */
  async send(key: string, url: string, by: string, noAnswer: string): Promise<boolean> {
    return this.give(key, url, { by }, noAnswer);
  }

  /** The same with any body. */
  async give(key: string, url: string, body: object, noAnswer: string): Promise<boolean> {
    if (this.progress[key]?.state === 'sending') return false;
    this.#set(key, { state: 'sending' });
    const why = await post(url, body, noAnswer);
    this.#set(key, why === null ? { state: 'done' } : { state: 'failed', why });
    return why === null;
  }

  /** True while something is under way: not a moment to reload the page. */
  busy(): boolean {
    return Object.values(this.progress).some((one) => one.state === 'sending');
  }

  /** Forgets what is no longer on the screen. */
  keep(keys: Set<string>): void {
    const kept = Object.entries(this.progress).filter(([key]) => keys.has(key));
    this.progress = Object.fromEntries(kept);
  }

  #set(key: string, progress: Progress): void {
    this.progress = { ...this.progress, [key]: progress };
  }
}

/** Null when done, else why not. */
async function post(url: string, body: unknown, noAnswer: string): Promise<string | null> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    if (response.ok) return null;
    const answer = (await response.json().catch(() => ({}))) as { error?: string };
    return answer.error ?? `${response.status} ${response.statusText}`;
  } catch {
    return noAnswer;
  }
}
