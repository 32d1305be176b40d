// What a wristband's bar code or QR code says, as a scanner or a camera reads it. Pure: what is not surely an identifier is
// shown to the nurse, and never taken by itself.
//
// W1 A plain identifier: letters, digits and - . / _ , at most 32 of them.
// W2 GS1: application identifier 8018 (GSRN of the person cared for), 18 digits with a check digit that is right, perhaps
//    followed by 8019 (which of several bands). Marked by a symbology prefix (]C1, ]d2, ]Q3, ]e0, ]J1), by FNC1, or written "(8018)".
// W3 Anything else is words that somebody has to look at.

/** Longer than this is no wristband; a QR code holds thousands of signs. */
export const CODE_CHARS_MAX = 256;
/** What the field of a patient number holds (ward/patients.rs: WORD_CHARS_MAX). */
const FIELD_CHARS_MAX = 80;
const PLAIN = /^[\p{L}\p{N}][\p{L}\p{N}\-./_]{0,31}$/u;
const FNC1 = '\u001d';
const GS1_PREFIXES = [']C1', ']d2', ']Q3', ']e0', ']J1'];

export type Read =
  /** An identifier. */
  | { kind: 'id'; id: string; gs1: boolean }
  /** Not surely one. `text` = what can be shown and, where `fits`, be accepted; `why` = the reason. */
  | { kind: 'doubtful'; text: string; fits: boolean; why: 'form' | 'check_digit' | 'too_long' };

/** Null = there is nothing in it. */
export function readCode(raw: string): Read | null {
  const trimmed = raw.replace(/^[\s]+|[\s]+$/gu, '');
  if (trimmed === '') return null;
  if (trimmed.length > CODE_CHARS_MAX) return doubtful(trimmed.slice(0, FIELD_CHARS_MAX), 'too_long');
  const gs1Prefix = GS1_PREFIXES.some((prefix) => trimmed.startsWith(prefix));
  // The scanner's word about the kind of code: a bracket, a letter, a digit.
  const code = /^\][A-Za-z][0-9A-Za-z]./u.test(trimmed) ? trimmed.slice(3) : trimmed;
  const isGs1 = gs1Prefix || code.startsWith(FNC1) || code.startsWith('(8018)');
  const bare = code.startsWith(FNC1) ? code.slice(1) : code;
  // Many scanners leave out every mark; 22 digits with a right check digit are no chance.
  const unmarked = /^8018\d{18}$/.test(bare) && hasCheckDigit(bare.slice(4));
  if (isGs1 || unmarked) return gsrn(bare);
  return PLAIN.test(bare) ? { kind: 'id', id: bare, gs1: false } : doubtful(bare, 'form');
}

function gsrn(text: string): Read {
  const [, bracketed, plain] = /^(?:\(8018\)(\d{18})(?:\(8019\)\d{1,10})?|8018(\d{18})\u001d?(?:8019\d{1,10})?)\u001d?$/.exec(text) ?? [];
  const number = bracketed ?? plain;
  if (number === undefined) return doubtful(text, 'form');
  return hasCheckDigit(number) ? { kind: 'id', id: number, gs1: true } : doubtful(number, 'check_digit');
}

/** The last digit of a GS1 number: weights 3 and 1 from the right. */
function hasCheckDigit(number: string): boolean {
  const digits = [...number].map(Number);
  const last = digits.pop() ?? 0;
  const sum = digits.reverse().reduce((sum, digit, at) => sum + digit * (at % 2 === 0 ? 3 : 1), 0);
  return (10 - (sum % 10)) % 10 === last;
}

function doubtful(text: string, why: 'form' | 'check_digit' | 'too_long'): Read {
  // What cannot be seen cannot be looked at.
  const shown = text.replace(/\p{C}+/gu, ' ').trim();
  const fits = why !== 'too_long' && shown !== '' && shown.length <= FIELD_CHARS_MAX;
  return { kind: 'doubtful', text: shown.slice(0, FIELD_CHARS_MAX), fits, why };
}
