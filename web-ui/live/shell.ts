// The page's own files are kept in the browser (service-worker.js), where that is allowed: over HTTPS, or on the box itself.

/** The first minutes of a page belong to its values. */
const BEGIN_AFTER_MS = 10_000;

export function keepShell(): void {
  if (!('serviceWorker' in navigator)) return;
  setTimeout(() => {
    navigator.serviceWorker.register('/service-worker.js').catch((error: unknown) => console.warn('the page is not kept for when the box is gone', error));
  }, BEGIN_AFTER_MS);
}
