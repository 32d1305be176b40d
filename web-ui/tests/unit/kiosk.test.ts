import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BROKEN_MS, CURSOR_MS, FILLING_MS, HOME_AFTER_S, Kiosk, RELOAD_EVERY_MS, kioskOf } from '../../live/kiosk';

const state = { beats: 0 as number | null, away: false, homes: 0, reloads: 0, answers: true };
const locks: { release: () => void }[] = [];
let beating: ReturnType<typeof setInterval>;

function start(seconds = HOME_AFTER_S): void {
  const kiosk = new Kiosk(seconds, {
    beats: () => state.beats,
    isAway: () => state.away,
    home: () => ((state.homes += 1), (state.away = false)),
    answers: async () => state.answers,
    reload: () => (state.reloads += 1),
  });
  kiosk.start(document);
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'performance', 'Date', 'requestAnimationFrame', 'cancelAnimationFrame'] });
  Object.assign(state, { beats: 0, away: false, homes: 0, reloads: 0, answers: true });
  locks.length = 0;
  sessionStorage.clear();
  document.body.innerHTML = '<form><input id="name"></form><select id="language"></select>';
  beating = setInterval(() => state.beats !== null && (state.beats += 1), 1000);
  Object.defineProperty(navigator, 'wakeLock', {
    configurable: true,
    value: {
      request: async () => {
        const lock = new EventTarget();
        locks.push({ release: () => lock.dispatchEvent(new Event('release')) });
        return lock;
      },
    },
  });
});
afterEach(() => {
  clearInterval(beating);
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const press = () => document.body.dispatchEvent(new Event('pointerdown', { bubbles: true }));

describe('a kiosk', () => {
  it('is asked for in the address', () => {
    expect([kioskOf(''), kioskOf('?kiosk'), kioskOf('?kiosk=30'), kioskOf('?kiosk=soon'), kioskOf('?x=1')]).toEqual([null, 120, 30, 120, null]);
  });

  it('comes home two minutes after the last touch, and not before', async () => {
    start();
    state.away = true;
    await pass(100_000);
    press();
    await pass(119_000);
    expect(state.homes).toBe(0);
    await pass(2000);
    expect(state.homes).toBe(1);
  });

  it('does not leave a form that is being filled, and leaves one that was forgotten', async () => {
    start();
    state.away = true;
    document.getElementById('name')!.dispatchEvent(new Event('input', { bubbles: true }));
    await pass(FILLING_MS - 2000);
    expect(state.homes).toBe(0);
    await pass(3000);
    expect(state.homes).toBe(1);
    state.away = true;
    press();
    document.getElementById('language')!.dispatchEvent(new Event('input', { bubbles: true }));
    await pass(HOME_AFTER_S * 1000 + 1000);
    expect(state.homes, 'a choice outside a form is no form').toBe(2);
  });

  it('hides a resting cursor, and not from who works by keyboard', async () => {
    start();
    const hidden = () => document.documentElement.dataset.cursor === 'none';
    await pass(CURSOR_MS + 1000);
    expect(hidden()).toBe(true);
    document.dispatchEvent(Object.assign(new Event('pointermove'), { movementX: 3, movementY: 0 }));
    expect(hidden()).toBe(false);
    await pass(CURSOR_MS + 1000);
    document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Tab' }));
    expect(hidden()).toBe(false);
    await pass(60_000);
    expect(hidden()).toBe(false);
  });

  it('stays lit, also when the browser takes the light back', async () => {
    start();
    await pass(0);
    expect(locks.length).toBe(1);
    await pass(10_000);
    expect(locks.length, 'asked once').toBe(1);
    locks[0]!.release();
    await pass(1000);
    expect(locks.length).toBe(2);
  });

  it('cannot be zoomed by key or wheel', () => {
    start();
    const undone = (event: Event) => !document.dispatchEvent(event);
    expect(undone(new KeyboardEvent('keydown', { key: '+', ctrlKey: true, cancelable: true }))).toBe(true);
    expect(undone(new KeyboardEvent('keydown', { key: '+', cancelable: true }))).toBe(false);
    expect(undone(Object.assign(new Event('wheel', { cancelable: true }), { ctrlKey: true }))).toBe(true);
    expect(undone(Object.assign(new Event('wheel', { cancelable: true }), { ctrlKey: false }))).toBe(false);
  });

  it('loads itself anew when its beat stops while the post answers, and not in circles', async () => {
    start();
    await pass(BROKEN_MS + 5000);
    expect(state.reloads, 'it beats').toBe(0);
    clearInterval(beating);
    await pass(BROKEN_MS + 2000);
    expect(state.reloads).toBe(1);
    await pass(RELOAD_EVERY_MS - 2 * BROKEN_MS);
    expect(state.reloads).toBe(1);
    await pass(3 * BROKEN_MS);
    expect(state.reloads).toBe(2);
  });

  it('waits for a post that is gone, and expects no beat before the door', async () => {
    start();
    clearInterval(beating);
    state.answers = false;
    await pass(5 * BROKEN_MS);
    expect(state.reloads).toBe(0);
    Object.assign(state, { answers: true, beats: null });
    await pass(5 * BROKEN_MS);
    expect(state.reloads).toBe(0);
  });
});
