// What somebody typed for a handover: it waits when the screen signs them out meanwhile, and never goes to somebody else.

class Typed {
  words = $state<Record<string, string>>({});
  #whose: string | null = null;

  /** This person is in front of the page now. */
  of(person: string | null): void {
    if (person === null || person === this.#whose) return;
    this.#whose = person;
    this.words = {};
  }

  clear(): void {
    this.words = {};
  }
}

export const typed = new Typed();
