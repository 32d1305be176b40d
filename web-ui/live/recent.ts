// Who signed in at this screen of late, so that a nurse in gloves taps a name instead of typing it. Registered screens of
// the ward only: on a person's own device the browser itself remembers.

const KEY = 'vitalpost.recent';
const KEPT_MAX = 6;

export interface Recent {
  id: string;
  name: string;
}

export function recent(): Recent[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? kept.filter(isOne).slice(0, KEPT_MAX) : [];
  } catch {
    return []; // storage refused, or of another version: names are typed
  }
}

/** The newest first. */
export function remember({ id, name }: Recent): void {
  const kept = [{ id, name }, ...recent().filter((one) => one.id !== id)].slice(0, KEPT_MAX);
  keep(kept);
}

/** The screen is the ward's no more. */
export function forgetRecent(): void {
  keep([]);
}

function keep(kept: Recent[]): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    return; // as above
  }
}

function isOne(one: unknown): one is Recent {
  const { id, name } = (one ?? {}) as Partial<Recent>;
  return typeof id === 'string' && typeof name === 'string';
}
