import { expect, it } from 'vitest';
import type { Observation } from '../../live/score';
import { cellText, csvOf, foundIn, groupsOf, linesOf, momentsOf, partLabel, pointsOf, trendUrl, type Bucket, type TrendAnswer } from '../../live/trend';
import type { Bed } from '../../live/types';

const bucket = (mean: string | null, lowest = mean, highest = mean, absent = 0): Bucket => ({ lowest, highest, mean, count: mean === null ? 0 : 4, absent });

function answer(...series: (Bucket | null)[][]): TrendAnswer {
  return {
    from_ms: 1_000_000, bucket_ms: 60_000, stretches: [], undated: [], undated_left_out: 0, unreadable: 0,
    series: series.map((buckets, n) => ({ device: `m${n}`, admission: null, buckets })),
  };
}

const bed = (...codes: string[]) =>
  ({ values: codes.map((code) => ({ code, unit: code.startsWith('temp') ? 'Cel' : '/min', kind: code.startsWith('nibp') ? 'intermittent' : 'continuous' })) }) as unknown as Bed;

it('what belongs together is drawn together, in the order of the tile, and nothing that a bed does not have', () => {
  const groups = groupsOf(bed('etco2', 'nibp_d', 'nibp_s', 'spo2', 'pr', 'temp', 'hr'));
  expect(groups.map(({ name, codes, spots }) => [name, codes.join(' '), spots])).toEqual([
    ['heart', 'hr pr', false], ['spo2', 'spo2', false], ['nibp', 'nibp_s nibp_d', true], ['temp', 'temp', false], ['etco2', 'etco2', false],
  ]);
  expect(groups[3]!.unit).toBe('°C');
  expect(partLabel('nibp_s', groups[2]!)).toBe('sys');
  expect(partLabel('spo2', groups[1]!)).toBe('SpO2');
});

it('I4 a bucket in which nothing was heard, and one without a number, are gaps of a line and never zero', () => {
  const [line] = linesOf('hr', answer([bucket('80', '78', '90'), null, bucket(null), bucket('0')]));
  expect([line!.mean, line!.lowest, line!.highest]).toEqual([[80, null, null, 0], [78, null, null, 0], [90, null, null, 0]]);
  expect(momentsOf(answer([]), 2)).toEqual([1030, 1090]);
});

it('a table says the mean, and the lowest and highest where they differ', () => {
  const heard = answer([bucket('80.26', '78', '90'), null, bucket(null, null, null, 3)], [bucket('84', '84', '84'), bucket('70'), null]);
  expect([0, 1, 2, 3].map((n) => cellText('hr', heard, n))).toEqual(['82.1 (78–90)', '70', '–', '']);
  expect(cellText('temp', answer([bucket('37')]), 0)).toBe('37.0');
  expect(cellText('hr', undefined, 0)).toBe('');
});

it('the post is asked for whoever lies there', () => {
  expect(trendUrl('bed 1', 'spo2', 5, 10, 360)).toBe('/api/v1/trend?bed=bed+1&value=spo2&of=patient&from_ms=5&to_ms=10&points=360');
});

it('as a file each device has its own lines, oldest first, with whose they are and never a number where there was none', () => {
  const heard = { hr: answer([bucket('80.26', '78', '90'), null], [null, bucket(null, null, null, 3)]), spo2: answer([null, bucket('97')]) };
  const file = csvOf({ ...bed('hr', 'spo2'), label: 'Bed 1' } as Bed, 'Mensah "Ama", PT-7', heard, []);
  expect(file.split('\r\n')).toEqual([
    'from_utc,seconds,bed,patient,value,unit,device,mean,lowest,highest,measured,without_number',
    '1970-01-01T00:16:40.000Z,60,Bed 1,"Mensah ""Ama"", PT-7",hr,/min,m0,80.26,78,90,4,0',
    '1970-01-01T00:17:40.000Z,60,Bed 1,"Mensah ""Ama"", PT-7",hr,/min,m1,,,,0,3',
    '1970-01-01T00:17:40.000Z,60,Bed 1,"Mensah ""Ama"", PT-7",spo2,/min,m0,97,97,97,4,0',
    '',
  ]);
  const formula = csvOf({ ...bed('temp'), label: '=1+1' } as Bed, '-5', { temp: answer([bucket('-2')]) }, []);
  expect(formula).toContain("Z,60,'=1+1,-5,temp,Cel,m0,-2,-2,-2,4,0");
});

const entry = (more: Partial<Observation>, findings: object): Observation =>
  ({ entry: 'e', at_ms: null, wall_ms: 1_005_000, by: 'Grace O.', withdrawn_by: null, ...more, findings }) as Observation;

it('what people measured stands at its time as points and lines of a file, and nothing that was taken back', () => {
  const entries = [
    entry({ wall_ms: null, at_ms: 7_000 }, { temp: '38.2', consciousness: 'A' }), entry({}, { dbp: '84', sbp: '132' }),
    entry({ withdrawn_by: 'Ama M.' }, { sbp: '60' }), entry({ wall_ms: 999_999 }, { sbp: '61' }), entry({ wall_ms: null }, { sbp: '62' }),
  ];
  const found = foundIn(entries, 1_000_000, 1_010_000, (atMs) => atMs + 1_000_000);
  expect(found.map(({ wall }) => wall)).toEqual([1_007_000, 1_005_000]);
  const group = (name: string) => ({ name, colour: '', codes: [], unit: '', spots: true });
  expect(pointsOf(group('nibp'), found)).toEqual([{ wall: 1_005_000, value: 132 }, { wall: 1_005_000, value: 84 }]);
  expect(pointsOf(group('temp'), found)).toEqual([{ wall: 1_007_000, value: 38.2 }]);
  const file = csvOf({ ...bed('hr'), label: 'Bed 1' } as Bed, 'Ama', { hr: answer([bucket('80')]) }, found);
  expect(file.split('\r\n').slice(2, 5)).toEqual([
    '1970-01-01T00:16:45.000Z,0,Bed 1,Ama,nibp_s,mm[Hg],by hand: Grace O.,132,132,132,1,0',
    '1970-01-01T00:16:45.000Z,0,Bed 1,Ama,nibp_d,mm[Hg],by hand: Grace O.,84,84,84,1,0',
    '1970-01-01T00:16:47.000Z,0,Bed 1,Ama,temp,Cel,by hand: Grace O.,38.2,38.2,38.2,1,0',
  ]);
});
