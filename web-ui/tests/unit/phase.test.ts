import { expect, it } from 'vitest';
import { phaseAt } from '../../live/phase';

/** How often a flash turned on within a minute, and the part of the time it was on. */
function flash(which: 'high' | 'medium') {
  const step = 5;
  const on = Array.from({ length: 60_000 / step }, (_, i) => phaseAt(i * step)[which] === 'on');
  const turned = on.filter((now, i) => now && on[i - 1] === false).length;
  return { hertz: turned / 60, duty: on.filter(Boolean).length / on.length };
}

it('HIGH flashes at 2 Hz, MEDIUM at 0.6 Hz, half on (IEC 60601-1-8: 1.4-2.8 and 0.4-0.8 Hz, 20-60 %)', () => {
  expect(flash('high').hertz).toBeCloseTo(2, 1);
  expect(flash('medium').hertz).toBeCloseTo(0.6, 1);
  for (const which of ['high', 'medium'] as const) expect(flash(which).duty).toBeCloseTo(0.5, 1);
});

it('says when it changes next', () => {
  for (const now of [0, 10, 249, 250, 833, 12_345]) {
    const { high, medium, nextMs } = phaseAt(now);
    expect(phaseAt(now + nextMs - 0.5)).toMatchObject({ high, medium });
    const after = phaseAt(now + nextMs + 0.5);
    expect([after.high, after.medium]).not.toEqual([high, medium]);
  }
});
