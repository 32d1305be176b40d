// Notes about a patient, as the post answers them (appliance/src/web/nursing.rs).

export const NOTE_CHARS_MAX = 500;

export interface Note {
  note: string;
  /** When it was written; null when that was in an earlier boot. */
  at_ms: number | null;
  wall_ms: number | null;
  by: string;
  text: string;
  /** Who took it back; null = it counts. */
  withdrawn_by: string | null;
}
