// A scanner that types: its keys come faster than any finger's, and end with Enter. Pure; time is an argument.

/** No finger types two keys so close to one another, again and again; a scanner takes 1 to 20 ms. */
export const KEY_GAP_MS = 35;
/** So many fast keys are no chance. */
export const SCAN_CHARS_MIN = 4;
const SCAN_CHARS_MAX = 300;

export class Scanner {
  #text = '';
  #last = -Infinity;

  /** A key with a sign came; how many have come fast one after the other, with this one. */
  key(sign: string, atMs: number): number {
    const fast = atMs - this.#last <= KEY_GAP_MS;
    this.#text = fast ? (this.#text + sign).slice(0, SCAN_CHARS_MAX) : sign;
    this.#last = atMs;
    return this.#text.length;
  }

  /** Enter came; what was scanned, null where a person typed. */
  enter(atMs: number): string | null {
    const scanned = atMs - this.#last <= KEY_GAP_MS && this.#text.length >= SCAN_CHARS_MIN ? this.#text : null;
    this.#text = '';
    return scanned;
  }
}
