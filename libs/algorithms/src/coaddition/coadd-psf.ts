// The PSF of a weighted mean of exposures is the weighted mean of their PSFs where they contribute (Bosch et al. 2018, 3.3).
// Kept as samples on a grid. Cost: one PSF per input and grid point.
import { type Exposure, MaskBit, type Psf } from '#libs/image';
import { samplePsf, type SampledPsf } from '../warping/index.js';

/** One input's PSF and the cells of the coadd it reaches. */
export interface PsfContribution {
  readonly psf: Psf;
  readonly weight: number;
  readonly covers: (x: number, y: number) => boolean;
}

const COVERAGE_CELL = 64;

/** Remembers an exposure's PSF and where it has data, without keeping the pixels. */
export function psfContribution(exposure: Exposure, weight: number): PsfContribution | undefined {
  const { psf, width, height, mask } = exposure;
  if (!psf) return undefined;
  const columns = Math.ceil(width / COVERAGE_CELL);
  const rows = Math.ceil(height / COVERAGE_CELL);
  const covered = new Uint8Array(columns * rows);
  for (let y = 0; y < height; y += 4)
    for (let x = 0; x < width; x += 4)
      if ((mask[y * width + x]! & MaskBit.NO_DATA) === 0)
        covered[Math.floor(y / COVERAGE_CELL) * columns + Math.floor(x / COVERAGE_CELL)] = 1;
  const cell = (position: number, count: number): number =>
    Math.min(Math.max(Math.floor(position / COVERAGE_CELL), 0), count - 1);
  return { psf, weight, covers: (x, y) => covered[cell(y, rows) * columns + cell(x, columns)] === 1 };
}

export function coaddPsf(
  width: number,
  height: number,
  contributions: readonly PsfContribution[],
  spacing = 256,
): SampledPsf | undefined {
  if (contributions.length === 0) return undefined;
  const size = Math.max(...contributions.map(({ psf }) => psf.size));
  return samplePsf(
    width,
    height,
    size,
    (x, y) => {
      const here = contributions.filter(({ covers }) => covers(x, y));
      const out = new Float32Array(size * size);
      for (const { psf, weight } of here.length > 0 ? here : contributions) {
        const kernel = psf.kernel(x, y);
        const offset = (size - kernel.width) / 2;
        for (let j = 0; j < kernel.height; j++)
          for (let i = 0; i < kernel.width; i++)
            out[(j + offset) * size + i + offset]! += weight * kernel.data[j * kernel.width + i]!;
      }
      return out;
    },
    spacing,
  );
}
