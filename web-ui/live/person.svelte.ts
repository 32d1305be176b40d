// Who acts on this screen: a name, asked once, kept for this browser session and forgotten after five idle minutes.

export const IDLE_MS = 5 * 60_000;
export const NAME_CHARS_MAX = 40;
const KEY = 'vitalpost.person';

class Person {
  name = $state<string | null>(sessionStorage.getItem(KEY));
  #idle: ReturnType<typeof setTimeout> | undefined;

  /** Counts idle time from now on; every touch and key begins it anew. */
  watch(target: EventTarget): void {
    const touched = () => {
      clearTimeout(this.#idle);
      this.#idle = setTimeout(() => this.forget(), IDLE_MS);
    };
    for (const kind of ['pointerdown', 'keydown']) target.addEventListener(kind, touched, { capture: true });
    touched();
  }

  is(name: string): void {
    this.name = name.trim().slice(0, NAME_CHARS_MAX);
    sessionStorage.setItem(KEY, this.name);
  }

  forget(): void {
    this.name = null;
    sessionStorage.removeItem(KEY);
  }
}

export const person = new Person();
