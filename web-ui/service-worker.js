// Keeps the page's own files, so that a screen that is opened or reloaded while the box is gone says so in its own words (I4).
// Nothing of /api is ever kept or answered from here: what is live comes from the box, or not at all.
//
// The build writes its id and its files into this one (vite.config.ts).

const BUILD = '';
const FILES = [];

/** A box that does not answer within this is gone; what it sends is always taken before what is kept. */
const ANSWER_WITHIN_MS = 4000;

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(BUILD).then((kept) => kept.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  const others = caches.keys().then((names) => Promise.all(names.filter((name) => name !== BUILD).map((name) => caches.delete(name))));
  event.waitUntil(others.then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin || pathname.startsWith('/api/')) return;
  if (request.mode === 'navigate') event.respondWith(page(request));
  else if (pathname.startsWith('/assets/')) event.respondWith(file(request));
});

async function page(request) {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    if (answer.ok) return answer;
  } catch {
    // The box is gone.
  }
  return (await caches.match('/')) ?? Response.error();
}

/** Files whose names change with what is in them. */
async function file(request) {
  const known = await caches.match(request);
  if (known !== undefined) return known;
  const answer = await fetch(request);
  if (answer.ok) (await caches.open(BUILD)).put(request, answer.clone());
  return answer;
}
