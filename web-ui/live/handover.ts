// A handover as the post answers it (appliance/src/web/handover.rs).

export const SECTIONS = ['situation', 'background', 'assessment', 'recommendation'] as const;
export type Section = (typeof SECTIONS)[number];

export const TO_DO_CHARS_MAX = 200;
export const SHIFTS_H = [8, 12, 24] as const;

/** What one line is about, and its words and numbers in the order that belongs to `what`. */
export interface Line {
  section: Section;
  what: string;
  words: string[];
}

export interface SheetBed {
  bed: string;
  label: string;
  admission: string;
  lines: Line[];
  to_do: string;
}

/** `GET /api/v1/handover` */
export interface Drawn {
  draft: string;
  made_wall_ms: number | null;
  hours: number;
  clock: 'untrusted' | 'holdover' | 'synchronised';
  post: Line[];
  beds: SheetBed[];
}

/** One of `GET /api/v1/handovers`. */
export interface Listed {
  handover: string;
  by: string;
  by_id: string;
  made_wall_ms: number | null;
  offered_wall_ms: number | null;
  hours: number;
  /** It waits for somebody to take it over. */
  open: boolean;
  accepted: { by: string; wall_ms: number | null; changed: string[] } | null;
}

export type Why = 'patient' | 'alarm' | 'note' | 'unknown';

/** `GET /api/v1/handovers/{id}` */
export interface Kept extends Listed {
  post: Line[];
  beds: SheetBed[];
  /** While it is open: what has changed since, by bed. */
  changed: Record<string, Why[]>;
}

/** What was typed for whom; it is never said of somebody else who came into the bed. */
export function toDoOf(beds: SheetBed[], typed: Record<string, string>): Record<string, string> {
  const said = beds.map(({ bed, admission }) => [bed, (typed[typedKey(bed, admission)] ?? '').trim()] as const);
  return Object.fromEntries(said.filter(([, words]) => words !== ''));
}

export const typedKey = (bed: string, admission: string) => `${bed} ${admission}`;
