// A page of an older build than the server reloads itself: at a calm moment, and once per build, so that a server that
// cannot hand out the build it names never makes the page reload in circles.

const KEY = 'vitalpost.reloaded-for';

/** The id that the build wrote into this page. */
export function ownBuild(): string | null {
  return document.querySelector('meta[name="vitalpost-build"]')?.getAttribute('content') ?? null;
}

/** True when the page should reload now. Remembers that it said so. */
export function shouldReload(own: string | null, server: string, calm: boolean, memory: Storage): boolean {
  const differs = own !== null && own !== 'development' && server !== 'none' && server !== own;
  if (!differs || !calm || memory.getItem(KEY) === server) return false;
  memory.setItem(KEY, server);
  return true;
}
