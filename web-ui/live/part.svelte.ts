// A part of the page that the first view does not need. Its script comes when the page is idle, so that it is there when
// the server is not; and whoever opens it before that is told that it comes, or that it could not be loaded.
//
// A page of an older build asks for files that the server may not have any more, and some browsers never ask again for a
// script that failed once: where trying again does not help and the server answers, the whole page is loaded anew.

const AHEAD_AGAIN_AFTER_MS = 5000;
const AHEAD_AGAIN_AFTER_MS_MAX = 60_000;
const ANSWER_WITHIN_MS = 8000;

export class Part<T extends object> {
  /** What it exports; null = it is not here yet. */
  has = $state.raw<T | null>(null);
  failed = $state(false);
  #bring: () => Promise<T>;

  constructor(bring: () => Promise<T>) {
    this.#bring = bring;
  }

  /** Brings it; false when it could not be loaded. */
  async load(): Promise<boolean> {
    if (this.has !== null) return true;
    try {
      this.has = await this.#bring();
      this.failed = false;
    } catch (error) {
      console.warn('a part of the page could not be loaded', error);
      this.failed = true;
    }
    return this.has !== null;
  }

  /** A person asks once more. */
  async again(): Promise<void> {
    this.failed = false;
    if ((await this.load()) || !(await serverAnswers())) return;
    location.reload();
  }
}

async function serverAnswers(): Promise<boolean> {
  try {
    return (await fetch('/', { cache: 'no-store', signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })).ok;
  } catch {
    return false;
  }
}

/** Loads them one after the other while nothing else is to be done, again and again until each is here. */
export async function loadAhead(parts: Part<object>[]): Promise<void> {
  for (const part of parts) {
    await idle();
    for (let wait = AHEAD_AGAIN_AFTER_MS; !(await part.load()); wait = Math.min(2 * wait, AHEAD_AGAIN_AFTER_MS_MAX)) {
      await new Promise((done) => setTimeout(done, wait));
    }
  }
}

function idle(): Promise<unknown> {
  return new Promise((done) => {
    if ('requestIdleCallback' in window) requestIdleCallback(done, { timeout: AHEAD_AGAIN_AFTER_MS });
    else setTimeout(done, 1000);
  });
}
