import { lanczosEntry, lanczosTable } from '../lanczos.js';
import { checkResampling, type Resampling } from '../resample.js';

const ONE_PIXEL = 2 ** 32;
/** positions beyond are on no image */
const FARTHEST = 1e9;

/** Lanczos resampling in plain TypeScript, sums in Float64. */
export function resampleReference(options: Resampling): void {
  checkResampling(options);
  const { source, target, grid, order = 3, phases = 4096, conserveFlux = false } = options;
  const { fill = NaN, outsideBits = 0, badBits = 0 } = options;
  const { width, height, data } = source.image;
  const [variance, mask] = [source.variance?.data, source.mask?.data];
  const { width: outWidth, height: outHeight, data: out } = target.image;
  const [outVariance, outMask] = [target.variance?.data, target.mask?.data];
  const table = lanczosTable(order, phases);
  const entry = lanczosEntry(order);
  const taps = 2 * order;
  const { step, columns, sourceX, sourceY } = grid;
  for (let y = 0; y < outHeight; y++) {
    const j = Math.min(Math.floor(y / step), grid.rows - 2);
    const fy = y / step - j;
    const at = (v: Float64Array, i: number): number => v[j * columns + i]! * (1 - fy) + v[(j + 1) * columns + i]! * fy;
    const down = (v: Float64Array, i: number): number => {
      const k = j * columns + i;
      return (v[k + columns]! - v[k]! + (v[k + columns + 1]! - v[k + 1]!)) / (2 * step);
    };
    for (let i = 0; i * step < outWidth; i++) {
      const xStart = at(sourceX, i);
      const yStart = at(sourceY, i);
      const xStep = (at(sourceX, i + 1) - xStart) / step;
      const yStep = (at(sourceY, i + 1) - yStart) / step;
      const area = conserveFlux ? Math.abs(xStep * down(sourceY, i) - yStep * down(sourceX, i)) : 1;
      // positions as integers of 2^-32 px, like the kernel's: exact sums, and the same side of a pixel's edge
      const near = Math.abs(xStart) + Math.abs(yStart) + step * (Math.abs(xStep) + Math.abs(yStep)) < FARTHEST;
      const [sx0, sy0, dx, dy] = [xStart, yStart, xStep, yStep].map((v) => Math.floor(v * ONE_PIXEL + 0.5)) as [
        number,
        number,
        number,
        number,
      ];
      for (let m = 0; m < Math.min(step, outWidth - i * step); m++) {
        const p = y * outWidth + i * step + m;
        const sx = sx0 + m * dx;
        const sy = sy0 + m * dy;
        const wholeX = Math.floor(sx / ONE_PIXEL);
        const wholeY = Math.floor(sy / ONE_PIXEL);
        const left = wholeX - order + 1;
        const top = wholeY - order + 1;
        if (!(near && left >= 0 && top >= 0 && left + taps <= width && top + taps <= height)) {
          out[p] = fill;
          if (outVariance) outVariance[p] = Infinity;
          if (outMask) outMask[p] = outsideBits;
          continue;
        }
        const wx = Math.floor((sx / ONE_PIXEL - wholeX) * phases + 0.5) * entry;
        const wy = Math.floor((sy / ONE_PIXEL - wholeY) * phases + 0.5) * entry;
        let value = 0;
        let noise = 0;
        let bits = 0;
        for (let b = 0; b < taps; b++) {
          const row = (top + b) * width + left;
          const weight = table[wy + b]!;
          let rowValue = 0;
          for (let a = 0; a < taps; a++) rowValue += table[wx + a]! * data[row + a]!;
          value += weight * rowValue;
          if (variance) {
            let rowNoise = 0;
            for (let a = 0; a < taps; a++) rowNoise += table[wx + a]! ** 2 * variance[row + a]!;
            noise += weight * weight * rowNoise;
          }
          if (mask) for (let a = 0; a < taps; a++) bits |= mask[row + a]!;
        }
        const good = value - value === 0 && noise - noise === 0;
        out[p] = good ? area * value : fill;
        if (outVariance) outVariance[p] = good ? area * area * noise : Infinity;
        if (outMask) outMask[p] = good ? bits : bits | badBits;
      }
    }
  }
}
