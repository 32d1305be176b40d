// Times as people read them. Wall times come in as UTC from the server and are shown in the zone of this screen.

const two = (n: number) => String(n).padStart(2, '0');

/** `14:07`. */
export function clockText(wallMs: number): string {
  const at = new Date(wallMs);
  return `${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** `14:07:31`. */
export function clockSecondsText(wallMs: number): string {
  return `${clockText(wallMs)}:${two(new Date(wallMs).getSeconds())}`;
}

/** `12 345`: a count with its digits in threes. */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** `0:48`, `12:03`, `1 h 05`: how long something has lasted. */
export function elapsedText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)}`;
}

/** `7 s`, `12 min`, `3 h`, `2 d`: how old something is. */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 48 * 3600 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
}
