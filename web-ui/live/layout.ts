// How many columns the grid of beds has: fixed by the number of beds and the width of the screen, never by what the
// beds show. (4 = 2x2, 6 = 3x2, 8 = 2x4, 9 = 3x3, 12 = 4x3, 16 = 4x4 where there is room for it.)

const TILE_MIN_PX = 380;

export function columns(beds: number, widthPx: number): number {
  const room = Math.max(1, Math.floor(widthPx / TILE_MIN_PX));
  const wanted =
    beds <= 2 ? beds : beds === 3 ? 3 : beds <= 4 ? 2 : beds <= 6 ? 3 : beds <= 8 ? 2 : beds <= 9 ? 3 : 4;
  return Math.max(1, Math.min(wanted, room));
}

/** True where a tile is too narrow for five numbers in a row, so that it needs more height (Tile.svelte: 520 px). */
export function narrowTiles(beds: number, widthPx: number): boolean {
  return widthPx / columns(beds, widthPx) <= 540;
}
