import { describe, expect, it } from 'vitest';
import css from '../../theme/tokens.css?raw';

/** The tokens of a theme: the dark ones, overlaid by the light ones. */
function tokens(theme: 'dark' | 'light'): Record<string, string> {
  const blocks = [...css.matchAll(/(:root[^{]*)\{([^}]*)\}/g)];
  const wanted = blocks.filter(([, selector]) => /^:root\s*$/.test(selector!) || selector!.includes(`'${theme}'`));
  return Object.fromEntries(
    wanted.flatMap(([, , body]) => [...body!.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((match) => [match[1], match[2]])),
  );
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

const grounds = ['bg1', 'bg2'];
const numbers = ['heart', 'spo2', 'resp', 'nibp', 'temp', 'text', 'text-2', 'old'];
const words = ['text-3', 'live', 'clock-doubt'];

describe.each(['dark', 'light'] as const)('%s theme', (theme) => {
  const token = tokens(theme);
  const of = (ink: string, ground: string) => contrast(token[ink]!, token[ground]!);

  it('has every token', () => {
    expect(Object.keys(token).length).toBeGreaterThan(25);
  });
  it.each(numbers.flatMap((ink) => grounds.map((ground) => [ink, ground])))('number %s on %s: 7 to 1', (ink, ground) => {
    expect(of(ink!, ground!)).toBeGreaterThanOrEqual(7);
  });
  it.each(words.flatMap((ink) => grounds.map((ground) => [ink, ground])))('words %s on %s: 4.5 to 1', (ink, ground) => {
    expect(of(ink!, ground!)).toBeGreaterThanOrEqual(4.5);
  });
  // HIGH digits reach 5.9 on red: allowed because they are at least 24 px and bold.
  it.each(['high', 'medium', 'low'])('%s: both halves of the flash can be read', (priority) => {
    expect(of(`${priority}-text`, priority)).toBeGreaterThanOrEqual(4.5);
    expect(of(`${priority}-alt`, 'bg1')).toBeGreaterThanOrEqual(4.5);
  });
  it('edges of controls and the focus ring: 3 to 1', () => {
    for (const ground of grounds) {
      expect(of('control-line', ground)).toBeGreaterThanOrEqual(3);
      expect(of('focus', ground)).toBeGreaterThanOrEqual(3);
    }
    expect(of('overlay-text', 'overlay')).toBeGreaterThanOrEqual(7);
  });
});
