import { expect, it } from 'vitest';
import { worstFirst } from '../../live/bed-order.svelte';
import type { Alarm, Bed } from '../../live/types';

const beds = ['1', '2', '3', '4', '5'].map((id) => ({ id }) as Bed);
const alarm = (bed: string, priority: Alarm['priority'], phase: Alarm['phase'] = 'active') => ({ bed, priority, phase }) as Alarm;

it('what calls goes before what was acknowledged, and beds that are as urgent stay as they are set up', () => {
  const order = (...alarms: Alarm[]) => worstFirst(beds, alarms).map(({ id }) => id).join('');
  expect(order()).toBe('12345');
  expect(order(alarm('4', 'medium'), alarm('2', 'high', 'acknowledged'), alarm('5', 'low'))).toBe('45213');
  expect(order(alarm('3', 'high'), alarm('2', 'high'), alarm('5', 'low'), alarm('5', 'high'))).toBe('23514');
});
