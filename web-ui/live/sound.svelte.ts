// Whether alarms can be heard on this screen, and the one place that makes them heard.
//
// A browser gives no sound before somebody has touched the page, and may take it away again; so what it says of itself is
// looked at twice a second, and its clock must go on. Whether a loudspeaker is switched on only a person can say. The post
// is told with the beats; of a screen that says nothing it believes that it is silent.

import { burst } from './burst';
import { Sounder, type Output, type Sounding } from './sounder';
import { Speaker } from './speaker';

/** `blocked`: it wants a touch. `failed`: it does not work. `unheard`: a person said that nothing is heard. */
export type Hearing = 'on' | 'blocked' | 'failed' | 'unheard';

/** What the clock of the sound may stand still, by the page's clock. */
const STANDS_STILL_MS_MAX = 2500;
/** What has failed is tried again after so long, also when nobody touches the screen. */
const AGAIN_AFTER_MS = 30_000;
/** A browser needs a moment to say whether it will give sound. */
const BEGIN_MS_MAX = 1000;
/** The post is told so often, in its beats, and when it changed. */
const TELL_EVERY_BEATS = 5;
const UNHEARD = 'vitalpost.sound.unheard';

export class Sound {
  hearing = $state<Hearing>('on');
  /** When a person heard the test sound, by the page's own clock; null = nobody has since the page was opened. */
  heardMs = $state<number | null>(null);
  /** The page shows that it is not live, or cannot be drawn: then it must not sound as if it were. */
  broken = false;
  #context: AudioContext | null = null;
  #speaker: Speaker | null = null;
  #sounder = new Sounder();
  #unheard = read();
  #begunMs = performance.now();
  /** `goes`: it has been seen to go on. */
  #clock = { atS: 0, movedMs: performance.now(), goes: false };
  #beats = 0;
  #told: boolean | null = null;
  /** A test sound. */
  #test: { endsAtS: number; stop(): void } | null = null;

  /** From now on each touch of `target` is one that lets sound on. */
  start(target: EventTarget): void {
    this.#open();
    for (const kind of ['pointerdown', 'pointerup', 'keydown']) target.addEventListener(kind, () => this.wake(), { capture: true });
  }

  /** Somebody touched the page: now a browser gives sound. */
  wake(): void {
    if (this.hearing === 'failed' && performance.now() - this.#begunMs > STANDS_STILL_MS_MAX) this.#open();
    if (this.#context?.state === 'running') return;
    this.#context?.resume().then(() => this.#judge(), () => this.#judge());
  }

  /** To be called whenever alarms changed, and twice a second. `isOff`: somewhere, until a person switches it on. */
  look(alarms: readonly (Sounding & { sounds: boolean })[], live: boolean, isOff: boolean): void {
    if (this.hearing === 'failed' && performance.now() - this.#begunMs > AGAIN_AFTER_MS) this.#open();
    this.#judge();
    const may = live && !this.broken && this.#speaker !== null && this.#context?.state === 'running';
    const sounding = alarms.filter((alarm) => alarm.sounds);
    this.#sounder.look(sounding, may ? this.#output() : null, isOff);
    if (this.#sounder.plays || !may) this.#endTest();
  }

  /** A beat of the post: what to tell it, or null. `anew`: the first one of a connection. */
  beat(anew: boolean): { type: 'sound'; on: boolean } | null {
    const on = this.hearing === 'on' && this.#clock.goes && this.#context?.state === 'running' && !this.broken;
    this.#beats = anew ? 0 : this.#beats + 1;
    if (this.#beats % TELL_EVERY_BEATS !== 0 && on === this.#told) return null;
    this.#told = on;
    return { type: 'sound', on };
  }

  /** Plays the most urgent burst once; nothing while an alarm is heard (that is test enough). */
  test(): void {
    this.wake();
    if (this.#sounder.plays) return;
    this.#endTest();
    this.#test = this.#speaker?.play(burst('high')) ?? null;
  }

  /** A person says whether they heard it. */
  answer(heard: boolean): void {
    this.#endTest();
    this.heardMs = heard ? performance.now() : null;
    this.#unheard = !heard;
    write(this.#unheard);
    this.#judge();
  }

  #endTest(): void {
    this.#test?.stop();
    this.#test = null;
  }

  #output(): Output {
    const [context, speaker] = [this.#context!, this.#speaker!];
    return { now: () => context.currentTime, play: (what, atS) => speaker.play(what, atS) };
  }

  #open(): void {
    this.#sounder.look([], null);
    this.#test = null;
    const old = this.#context;
    [this.#context, this.#speaker] = [null, null];
    old?.close().catch(() => {}); // it had failed
    this.#begunMs = performance.now();
    try {
      const context = new AudioContext();
      this.#speaker = new Speaker(context);
      this.#context = context;
      this.#clock = { atS: context.currentTime, movedMs: this.#begunMs, goes: false };
      context.onstatechange = () => this.#judge();
    } catch (error) {
      console.warn('this browser gives no sound', error);
    }
  }

  #judge(): void {
    const hearing = this.#judged();
    if (hearing !== null) this.hearing = hearing;
  }

  /** Null = nobody can know yet. */
  #judged(): Hearing | null {
    const now = performance.now();
    const context = this.#context;
    if (context === null) return 'failed';
    if (context.state !== 'running') {
      this.#clock.movedMs = now;
      if (context.state === 'closed') return 'failed';
      return now - this.#begunMs < BEGIN_MS_MAX && this.hearing === 'on' ? null : 'blocked';
    }
    if (context.currentTime !== this.#clock.atS) this.#clock = { atS: context.currentTime, movedMs: now, goes: true };
    if (now - this.#clock.movedMs > STANDS_STILL_MS_MAX) return 'failed';
    if (!this.#clock.goes) return null;
    return this.#unheard ? 'unheard' : 'on';
  }
}

function read(): boolean {
  try {
    return localStorage.getItem(UNHEARD) !== null;
  } catch {
    return false; // storage refused: what was said is known until the page is opened anew
  }
}

function write(unheard: boolean): void {
  try {
    if (unheard) localStorage.setItem(UNHEARD, 'yes');
    else localStorage.removeItem(UNHEARD);
  } catch {
    return; // as above
  }
}

export const sound = new Sound();
