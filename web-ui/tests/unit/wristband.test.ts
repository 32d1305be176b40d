import { describe, expect, it } from 'vitest';
import { KEY_GAP_MS, Scanner } from '../../live/scanner';
import { CODE_CHARS_MAX, readCode } from '../../live/wristband';

const GSRN = '950110153000000014';
const SAID: [string, string, string | null][] = [
  ['a plain number', 'PT-0042', 'PT-0042'],
  ['letters of any script', 'م-17', 'م-17'],
  ['blanks and the end of the line', '  PT-0042\r\n', 'PT-0042'],
  ['a symbology prefix', ']A0PT-0042', 'PT-0042'],
  ['one of Code 128 that is not GS1', ']C0PT-0042', 'PT-0042'],
  ['GS1-128', `]C18018${GSRN}`, GSRN],
  ['GS1 DataMatrix with which band it is', `]d28018${GSRN}80192`, GSRN],
  ['GS1 QR with FNC1 between', `]Q38018${GSRN}\u001d80191`, GSRN],
  ['FNC1 as a camera gives it', `\u001d8018${GSRN}`, GSRN],
  ['as it is printed below the bars', `(8018)${GSRN}(8019)1`, GSRN],
  ['without any mark', `8018${GSRN}`, GSRN],
  ['a prefix and nothing else', ']C1', null],
];

describe('a wristband', () => {
  it.each(SAID)('of %s', (_, raw, id) => {
    const read = readCode(raw);
    expect(read?.kind === 'id' ? read.id : null).toBe(id);
  });

  it('whose check digit is wrong is shown, not taken', () => {
    expect(readCode(`]C18018${GSRN.slice(0, 17)}5`)).toEqual({ kind: 'doubtful', text: `${GSRN.slice(0, 17)}5`, fits: true, why: 'check_digit' });
  });

  it.each(['https://clinic.example/p/42', '{"id":42}', 'DOE^JANE', `]C110${GSRN}`, `]C18018${GSRN}99x`, 'a b', '-7'])('of another form is shown, not taken: %s', (raw) => {
    expect(readCode(raw)?.kind).toBe('doubtful');
  });

  it('has a bound, and nothing that cannot be seen', () => {
    const long = readCode('7'.repeat(CODE_CHARS_MAX + 1));
    expect(long).toMatchObject({ kind: 'doubtful', fits: false, why: 'too_long' });
    expect(readCode('7'.repeat(33))).toMatchObject({ kind: 'doubtful', fits: true });
    expect(readCode('7'.repeat(81))).toMatchObject({ kind: 'doubtful', fits: false });
    expect(readCode('x\u0000\u202ey')).toMatchObject({ kind: 'doubtful', text: 'x y' });
    expect(readCode(' \r\n')).toBe(null);
  });
});

describe('keys', () => {
  const type = (text: string, gap: number) => {
    const scanner = new Scanner();
    [...text].forEach((sign, at) => scanner.key(sign, 1000 + at * gap));
    return scanner.enter(1000 + text.length * gap);
  };
  it('of a scanner are one word at its Enter, and those of a person are none', () => {
    expect(type('PT-0042', 5)).toBe('PT-0042');
    expect(type('PT-0042', KEY_GAP_MS)).toBe('PT-0042');
    expect(type('PT-0042', KEY_GAP_MS + 1)).toBe(null);
    expect(type('123', 1)).toBe(null);
  });
  it('before a scan do not belong to it', () => {
    const scanner = new Scanner();
    scanner.key('x', 0);
    [...'4711'].forEach((sign, at) => scanner.key(sign, 500 + at));
    expect(scanner.enter(505)).toBe('4711');
    expect(scanner.enter(506)).toBe(null);
  });
  it('of a scan have a bound', () => {
    expect(type('7'.repeat(1000), 1)?.length).toBe(300);
  });
});
