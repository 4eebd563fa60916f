// Where this library's pixel loops run: a memory of the thread's own, of bounded size. Planes from anywhere are staged through it in tiles of
// rows, so that results do not depend on where planes live.
import { KernelArena, KernelContext } from '#libs/kernels';

/** staged planes of one tile together */
export const STAGING_BYTES = 512 * 1024 ** 2;
/** pixels of a tile of one plane, about */
const TILE_PIXELS = 2 ** 21;

let staging: { readonly arena: KernelArena; readonly kernels: KernelContext } | undefined;

function stagingOfThisThread(): NonNullable<typeof staging> {
  if (staging === undefined) {
    const arena = new KernelArena({ maximumBytes: STAGING_BYTES });
    staging = { arena, kernels: new KernelContext({ arena }) };
  }
  return staging;
}

/** Gives planes of the kernels' memory that `run` has asked for back when it has ended. */
export function withStagedPlanes(run: (kernels: KernelContext) => void): void {
  const { arena, kernels } = stagingOfThisThread();
  const mark = arena.mark();
  try {
    run(kernels);
  } finally {
    arena.release(mark);
  }
}

export interface RowTile {
  readonly y0: number;
  readonly y1: number;
  /** first and end row with the neighbourhood, within the image */
  readonly from: number;
  readonly to: number;
}

/** Calls `run` for tiles of whole rows with `halo` rows around them; its planes are given back after each. */
export function overRowTiles(
  width: number,
  height: number,
  halo: number,
  run: (tile: RowTile, kernels: KernelContext) => void,
): void {
  const rows = Math.max(64, Math.floor(TILE_PIXELS / Math.max(1, width)));
  for (let y0 = 0; y0 < height; y0 += rows) {
    const y1 = Math.min(height, y0 + rows);
    const tile = { y0, y1, from: Math.max(0, y0 - halo), to: Math.min(height, y1 + halo) };
    withStagedPlanes((kernels) => run(tile, kernels));
  }
}
