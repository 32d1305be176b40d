import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ENDED, LiveConnection, NotAllowed, POLL_MS, QUIET_MS, reconnectWaitMs } from '../../live/socket';

interface Message {
  type: string;
  seq: number;
}

class FakeSocket {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event?: { code: number }) => void) | null = null;
  closed = false;
  readyState: number = WebSocket.OPEN;
  sent: string[] = [];
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.closed = true;
  }
  say(message: unknown) {
    this.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) });
  }
}

function connection(fetchJson: () => Promise<unknown> = () => Promise.reject(new Error('down'))) {
  const sockets: FakeSocket[] = [];
  const heard: [string, boolean][] = [];
  const slow: boolean[] = [];
  const told: string[] = [];
  const live = new LiveConnection<Message>({
    socketUrl: 'ws://post/api/v1/live',
    snapshotUrl: '/api/v1/ward',
    onMessage: (message, anew) => heard.push([`${message.type} ${message.seq}`, anew]),
    onSlowLink: (on) => slow.push(on),
    onEnded: () => told.push('ended'),
    onRefused: () => told.push('refused'),
    openSocket: () => {
      sockets.push(new FakeSocket());
      return sockets.at(-1) as unknown as WebSocket;
    },
    fetchJson,
    random: () => 0.5,
  });
  live.start();
  const last = () => sockets.at(-1)!;
  return { live, sockets, heard, slow, told, last };
}

const snapshot = { type: 'snapshot', seq: 0 };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the live connection', () => {
  it('hands on a snapshot and what follows it in order', () => {
    const { heard, last } = connection();
    last().say(snapshot);
    last().say({ type: 'beat', seq: 1 });
    expect(heard).toEqual([['snapshot 0', true], ['beat 1', false]]);
  });

  it('says something to the server only while it is connected', () => {
    const { live, last } = connection();
    expect(live.say({ type: 'sound', on: true })).toBe(false);
    last().say(snapshot);
    expect(live.say({ type: 'sound', on: false })).toBe(true);
    expect(last().sent).toEqual(['{"type":"sound","on":false}']);
    const before = last();
    live.stop();
    expect(live.say({ type: 'sound', on: true })).toBe(false);
    expect(before.sent).toHaveLength(1);
  });

  it.each([
    ['a gap', { type: 'beat', seq: 2 }],
    ['a repeated number', { type: 'beat', seq: 0 }],
    ['no JSON', 'not json'],
    ['no message', 'null'],
  ])('%s closes it and brings a new snapshot', (_, bad) => {
    const { heard, sockets, last } = connection();
    last().say(snapshot);
    last().say(bad);
    expect(sockets[0]!.closed).toBe(true);
    expect(heard).toHaveLength(1);
    vi.advanceTimersByTime(500);
    expect(sockets).toHaveLength(2);
    last().say({ type: 'snapshot', seq: 40 });
    last().say({ type: 'beat', seq: 41 });
    expect(heard.at(-1)).toEqual(['beat 41', false]);
  });

  it('refuses a connection that does not begin with a snapshot', () => {
    const { heard, sockets, last } = connection();
    last().say({ type: 'beat', seq: 0 });
    expect(heard).toEqual([]);
    expect(sockets[0]!.closed).toBe(true);
  });

  it('closes it when the page cannot take a message, and does not call that live', () => {
    const quiet = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { live, sockets, last } = connection();
    vi.spyOn(live['options'], 'onMessage').mockImplementation(() => {
      throw new TypeError('of another version');
    });
    last().say(snapshot);
    expect(sockets[0]!.closed).toBe(true);
    expect(quiet).toHaveBeenCalledOnce();
  });

  it('takes a connection that says nothing for 10 s as dead', () => {
    const { sockets, last } = connection();
    last().say(snapshot);
    vi.advanceTimersByTime(QUIET_MS - 1);
    expect(sockets[0]!.closed).toBe(false);
    vi.advanceTimersByTime(1);
    expect(sockets[0]!.closed).toBe(true);
  });

  it('waits 0.5 s doubling to 8 s, and begins again after a snapshot', () => {
    const { sockets, last } = connection();
    const waits = [500, 1000, 2000, 4000, 8000, 8000];
    for (const wait of waits) {
      const before = sockets.length;
      last().onclose?.();
      vi.advanceTimersByTime(wait - 1);
      expect(sockets).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(sockets).toHaveLength(before + 1);
    }
    last().say(snapshot);
    last().onclose?.();
    vi.advanceTimersByTime(500);
    expect(sockets).toHaveLength(waits.length + 2);
  });

  it('spreads the waits of many screens', () => {
    expect([0, 0.5, 1].map((random) => reconnectWaitMs(0, random))).toEqual([375, 500, 625]);
    expect(reconnectWaitMs(50, 1)).toBe(10_000);
  });

  it('polls after three refusals, and stops when the socket works', async () => {
    let answers = 0;
    const { heard, slow, last } = connection(() => Promise.resolve({ type: 'snapshot', seq: 7, n: (answers += 1) }));
    for (const wait of [500, 1000]) {
      last().onclose?.();
      await vi.advanceTimersByTimeAsync(wait);
    }
    expect(answers).toBe(0);
    last().onclose?.();
    await vi.advanceTimersByTimeAsync(POLL_MS * 2 - 1);
    expect(answers).toBe(2);
    expect(slow.at(-1)).toBe(true);
    expect(heard).toEqual([['snapshot 7', true], ['snapshot 7', false]]);
    last().say(snapshot);
    expect(slow.at(-1)).toBe(false);
    await vi.advanceTimersByTimeAsync(POLL_MS * 3);
    expect(answers).toBe(2);
  });

  it('does not poll when connections only break', () => {
    const { slow, last } = connection(() => Promise.resolve(snapshot));
    for (let i = 0; i < 5; i += 1) {
      last().say(snapshot);
      last().onclose?.();
      vi.advanceTimersByTime(500);
    }
    expect(slow).toEqual([]);
  });

  it('L5: does not come back when the right to look has ended, until it is started anew', () => {
    const { live, sockets, told, last } = connection();
    last().say(snapshot);
    last().onclose?.({ code: ENDED });
    vi.advanceTimersByTime(60_000);
    expect([sockets.length, told]).toEqual([1, ['ended']]);
    live.start();
    expect(sockets).toHaveLength(2);
    last().onclose?.({ code: 1006 });
    expect(told).toEqual(['ended', 'refused']);
  });

  it('L5: a poll that may not look ends it too', async () => {
    const { sockets, told, last } = connection(() => Promise.reject(new NotAllowed()));
    for (const wait of [500, 1000, 0]) {
      last().onclose?.();
      await vi.advanceTimersByTimeAsync(wait);
    }
    const before = sockets.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect([told.filter((one) => one === 'ended').length, sockets.length]).toEqual([1, before]);
  });

  it('started anew takes the place of the connection before', () => {
    const { live, sockets, heard, last } = connection();
    last().say(snapshot);
    live.start();
    expect([sockets[0]!.closed, sockets.length]).toEqual([true, 2]);
    last().say(snapshot);
    expect(heard.at(-1)).toEqual(['snapshot 0', true]);
  });

  it('stops for good', () => {
    const { live, sockets, last } = connection();
    last().say(snapshot);
    live.stop();
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(1);
    expect(sockets[0]!.closed).toBe(true);
  });
});
