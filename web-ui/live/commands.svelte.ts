// What a person asks the server to do. A button shows sending, done or failed as the server answered; nothing is
// assumed. What the alarm then looks like comes from the server alone. Who acts, the server knows from the session: where
// nobody is signed in, that is asked for first, and the command goes on afterwards.

import { post, type Got, type PostUrl, type Sent } from './api';
import type { Action } from './roles';
import { session, type Want } from './session.svelte';

export type Progress = { state: 'sending' | 'done' } | { state: 'failed'; why: string };

/** What is wanted, and what a person has to be allowed for it; null = the server alone decides. */
export type Command = Want & { action: Action | null };

/** What is sent with a command; nothing, where nothing has to be. */
type Body<Url extends PostUrl> = {} extends Sent<Url> ? [body?: Sent<Url>] : [body: Sent<Url>];

export class Commands {
  /** By key of the command: the last one's progress. */
  progress = $state.raw<Record<string, Progress>>({});

  /** What the server answered when it took it; null when it did not. */
  async give<Url extends PostUrl>(command: Command, url: Url, ...[body]: Body<Url>): Promise<Got<Url, 'post'> | null> {
    const { key, action } = command;
    if (this.progress[key]?.state === 'sending') return null;
    for (let whose: string | null = null; ; ) {
      const turn = await session.need(command, action);
      const person = session.person?.id ?? null;
      if (turn === 'denied' && action !== null) return this.#failed(key, session.deniedWords(action));
      if (turn === 'left' || (whose !== null && whose !== person)) return this.#forget(key);
      whose = person;
      this.#set(key, { state: 'sending' });
      const answer = await post(url, body ?? ({} as Sent<Url>));
      if (answer.body !== null) {
        session.acted();
        this.#set(key, { state: 'done' });
        return answer.body;
      }
      if (answer.status !== 401) {
        return this.#failed(key, answer.status === 403 && action !== null ? session.deniedWords(action) : answer.error);
      }
      this.#forget(key);
      session.lost();
    }
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

  /** Somebody else is here now: what was refused to the one before says nothing to them. */
  forgetFailures(): void {
    this.progress = Object.fromEntries(Object.entries(this.progress).filter(([, one]) => one.state !== 'failed'));
  }

  #failed(key: string, why: string): null {
    this.#set(key, { state: 'failed', why });
    return null;
  }

  #forget(key: string): null {
    const { [key]: _, ...others } = this.progress;
    this.progress = others;
    return null;
  }

  #set(key: string, progress: Progress): void {
    this.progress = { ...this.progress, [key]: progress };
  }
}
