import { beforeEach, describe, expect, it } from 'vitest';
import { shouldReload } from '../../live/build';
import { columns, narrowTiles } from '../../live/layout';
import { ageText, elapsedText } from '../../live/times';

describe('the grid', () => {
  it('has the columns of the brief', () => {
    const at = (width: number) => [1, 2, 3, 4, 6, 8, 9, 12, 16].map((beds) => columns(beds, width));
    expect(at(1904)).toEqual([1, 2, 3, 2, 3, 2, 3, 4, 4]);
    expect(at(1264)).toEqual([1, 2, 3, 2, 3, 2, 3, 3, 3]);
    expect(at(1584)).toEqual([1, 2, 3, 2, 3, 2, 3, 4, 4]);
    expect(at(378)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect(columns(0, 1264)).toBe(1);
  });
  it('knows where five numbers do not stand in a row', () => {
    expect([narrowTiles(8, 1264), narrowTiles(6, 1264), narrowTiles(16, 1904)]).toEqual([false, true, true]);
  });
});

describe('times', () => {
  it('as people read them', () => {
    expect([0, 48_900, 723_000, 3_900_000].map(elapsedText)).toEqual(['0:00', '0:48', '12:03', '1 h 05']);
    expect([-5, 7000, 60_000, 7_200_000, 200_000_000].map(ageText)).toEqual(['0 s', '7 s', '1 min', '2 h', '2 d']);
  });
});

describe('a page of another build', () => {
  beforeEach(() => sessionStorage.clear());
  it('reloads once, when it is calm', () => {
    expect(shouldReload('a', 'b', false, sessionStorage)).toBe(false);
    expect(shouldReload('a', 'b', true, sessionStorage)).toBe(true);
    expect(shouldReload('a', 'b', true, sessionStorage)).toBe(false);
    expect(shouldReload('a', 'c', true, sessionStorage)).toBe(true);
  });
  it('leaves the same build, an unknown one and the development page alone', () => {
    for (const [own, server] of [['a', 'a'], ['a', 'none'], ['development', 'b'], [null, 'b']] as const) {
      expect(shouldReload(own, server, true, sessionStorage)).toBe(false);
    }
  });
});
