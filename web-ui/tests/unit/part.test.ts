import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadAhead, Part } from '../../live/part.svelte';

const gone = () => Promise.reject(new TypeError('Failed to fetch dynamically imported module'));
let reload: ReturnType<typeof vi.spyOn>;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('requestIdleCallback', (call: () => void) => setTimeout(call, 1));
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  reload = vi.spyOn(location, 'reload').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('a part of the page', () => {
  it('is brought once, and says when it could not be', async () => {
    const bring = vi.fn().mockImplementationOnce(gone).mockResolvedValue({ Panel: 1 });
    const part = new Part<object>(bring);
    expect([await part.load(), part.failed, part.has]).toEqual([false, true, null]);
    expect([await part.load(), part.failed, part.has]).toEqual([true, false, { Panel: 1 }]);
    await part.load();
    expect(bring).toHaveBeenCalledTimes(2);
  });

  it('comes when it is tried again, without loading the page anew', async () => {
    const part = new Part<object>(vi.fn().mockImplementationOnce(gone).mockResolvedValue({}));
    await part.load();
    await part.again();
    expect([part.failed, reload.mock.calls.length]).toEqual([false, 0]);
  });

  it('that cannot come loads the page anew only where the server answers', async () => {
    const part = new Part<object>(gone);
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('down')));
    await part.again();
    expect([part.failed, reload.mock.calls.length]).toEqual([true, 0]);
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('', { status: 502 })));
    await part.again();
    expect(reload).toHaveBeenCalledTimes(0);
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('<!doctype html>')));
    await part.again();
    expect(reload).toHaveBeenCalledTimes(1);
  });

  it('is loaded ahead in its turn, and tried again more and more seldom until it is here', async () => {
    const tries: number[] = [];
    let up = false;
    const first = new Part<object>(() => {
      tries.push(Date.now());
      return up ? Promise.resolve({}) : gone();
    });
    const second = new Part<object>(() => Promise.resolve({}));
    void loadAhead([first, second]);
    await vi.advanceTimersByTimeAsync(250_000);
    const waits = tries.slice(1).map((at, n) => (at - tries[n]!) / 1000);
    expect(waits).toEqual([5, 10, 20, 40, 60, 60]);
    expect(second.has).toBeNull();
    up = true;
    await vi.advanceTimersByTimeAsync(61_000);
    expect([first.has, second.has]).toEqual([{}, {}]);
  });
});
