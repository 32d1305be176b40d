// The flash of unacknowledged alarms: one shared phase for the whole screen, as two attributes on the root that the
// style sheet turns into swapped colour pairs. HIGH 2 Hz, MEDIUM 0.6 Hz, half on, half off (IEC 60601-1-8).

export const HIGH_HALF_MS = 1000 / 2 / 2;
export const MEDIUM_HALF_MS = 1000 / 0.6 / 2;

export interface Phase {
  high: 'on' | 'off';
  medium: 'on' | 'off';
  /** Until the next of them changes. */
  nextMs: number;
}

/** The phase at `nowMs` of any clock that runs steadily. */
export function phaseAt(nowMs: number): Phase {
  const at = (half: number) => ({
    on: Math.floor(nowMs / half) % 2 === 0 ? ('on' as const) : ('off' as const),
    left: half - (nowMs % half),
  });
  const [high, medium] = [at(HIGH_HALF_MS), at(MEDIUM_HALF_MS)];
  return { high: high.on, medium: medium.on, nextMs: Math.min(high.left, medium.left) };
}

/** Flashes `root` until the returned function is called. */
export function startFlashing(root: HTMLElement): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const step = () => {
    const phase = phaseAt(performance.now());
    root.dataset['flashHigh'] = phase.high;
    root.dataset['flashMedium'] = phase.medium;
    timer = setTimeout(step, Math.ceil(phase.nextMs) + 1);
  };
  step();
  return () => clearTimeout(timer);
}
