// Curves of made-up shape, sent ten times a second to whoever draws them.

const RATES = { pleth: 75, ecg_ii: 250, resp: 25 };
const LABELS = { pleth: 'Pleth', ecg_ii: 'II', resp: 'RESP' };

/** Height of a curve at a moment, in steps. */
const SHAPES = {
  pleth: (s) => 2000 * Math.max(0, Math.sin(8 * s)) + 400 * Math.sin(16 * s),
  ecg_ii: (s) => (s % 0.8 < 0.04 ? 1500 : 60 * Math.sin(8 * s)),
  resp: (s) => 500 * Math.sin(1.6 * s),
};

export function lane(number, bed, code) {
  return { lane: number, bed, device: `monitor-${bed}`, code, label: LABELS[code], rate_hz: RATES[code] };
}

/** A frame with these blocks: `[lane, first sample, samples]`. */
export function frame(...blocks) {
  const bytes = [Buffer.from([1, 0, blocks.length & 255, blocks.length >> 8])];
  for (const [number, first, samples] of blocks) {
    const block = Buffer.alloc(16 + 2 * samples.length);
    block.writeUInt32LE(number, 0);
    block.writeUInt16LE(samples.length, 4);
    block.writeBigUInt64LE(BigInt(first), 8);
    samples.forEach((sample, n) => block.writeInt16LE(Math.round(sample), 16 + 2 * n));
    bytes.push(block);
  }
  return Buffer.concat(bytes);
}

/** Sends the curves of `state` from now on; `skip(s)` leaves out as many seconds, `silent` lanes send nothing. */
export function play(server, state) {
  const next = new Map();
  const began = performance.now();
  const source = { silent: new Set(), skip: 0, end: () => clearInterval(timer) };
  const timer = setInterval(() => {
    const seconds = (performance.now() - began) / 1000 + source.skip;
    const blocks = state.curves.flatMap(({ lane: number, code, rate_hz }) => {
      const [from, to] = [next.get(number) ?? 0, Math.floor(seconds * rate_hz)];
      if (source.silent.has(number)) return [];
      const first = source.skip > 0 && to - from > rate_hz ? to - Math.floor(rate_hz / 10) : from;
      next.set(number, to);
      return [[number, first, Array.from({ length: to - first }, (_, n) => SHAPES[code]((first + n) / rate_hz))]];
    });
    server.sendFrame(frame(...blocks));
  }, 100);
  return source;
}
