// A PSF given by its pixel stamps on a rectangular grid of positions, bilinear in between: what warps, coadds and
// differences carry. Sub-pixel shifts are Lanczos-5, good to 1e-3 of the peak for FWHM >= 2 px.
import { type FloatPlane, type Psf, type PsfRecord, registerPsfModel } from '#libs/image';
import { adaptiveMoments } from '../measurement/adaptive-moments.js';
import { lanczosWeights } from './lanczos.js';

export interface SampledPsfRecord extends PsfRecord {
  readonly model: 'sampled';
  readonly size: number;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** one array of size * size values per node, rows of nodes first */
  readonly kernels: readonly (readonly number[])[];
}

export class SampledPsf implements Psf {
  constructor(
    readonly size: number,
    private readonly nodesX: readonly number[],
    private readonly nodesY: readonly number[],
    private readonly kernels: readonly Float32Array[],
  ) {
    if (size % 2 === 0) throw new RangeError(`a PSF stamp needs an odd side, not ${size}`);
    if (kernels.length !== nodesX.length * nodesY.length)
      throw new RangeError(`${kernels.length} stamps for ${nodesX.length} x ${nodesY.length} positions`);
  }

  kernel(x: number, y: number): FloatPlane {
    const [i, fx] = locate(this.nodesX, x);
    const [j, fy] = locate(this.nodesY, y);
    const data = new Float32Array(this.size * this.size);
    const columns = this.nodesX.length;
    const add = (node: number, weight: number): void => {
      if (weight === 0) return;
      const source = this.kernels[node]!;
      for (let k = 0; k < data.length; k++) data[k]! += weight * source[k]!;
    };
    add(j * columns + i, (1 - fx) * (1 - fy));
    if (fx > 0) add(j * columns + i + 1, fx * (1 - fy));
    if (fy > 0) add((j + 1) * columns + i, (1 - fx) * fy);
    if (fx > 0 && fy > 0) add((j + 1) * columns + i + 1, fx * fy);
    return normalise({ width: this.size, height: this.size, data });
  }

  stamp(x: number, y: number): FloatPlane {
    return normalise(shiftPlane(this.kernel(x, y), x - Math.round(x), y - Math.round(y)));
  }

  shape(x: number, y: number): { readonly xx: number; readonly yy: number; readonly xy: number } {
    const middle = (this.size - 1) / 2;
    const { xx, yy, xy } = adaptiveMoments(this.kernel(x, y), middle, middle);
    return { xx, yy, xy };
  }

  toJSON(): SampledPsfRecord {
    return {
      model: 'sampled',
      size: this.size,
      x: this.nodesX,
      y: this.nodesY,
      kernels: this.kernels.map((kernel) => Array.from(kernel, (v) => Number(v.toPrecision(7)))),
    };
  }

  static fromJSON(record: PsfRecord): SampledPsf {
    const { size, x, y, kernels } = record as SampledPsfRecord;
    return new SampledPsf(
      size,
      x,
      y,
      kernels.map((kernel) => Float32Array.from(kernel)),
    );
  }
}

registerPsfModel('sampled', (record) => SampledPsf.fromJSON(record));

/** Evaluates `kernelAt` on a grid of about `spacing` pixels over an image. */
export function samplePsf(
  width: number,
  height: number,
  size: number,
  kernelAt: (x: number, y: number) => Float32Array,
  spacing = 256,
): SampledPsf {
  const nodes = (length: number): number[] => {
    const cells = Math.max(1, Math.round(length / spacing));
    return Array.from({ length: cells + 1 }, (_, i) => (i * (length - 1)) / cells);
  };
  const xs = nodes(width);
  const ys = nodes(height);
  return new SampledPsf(
    size,
    xs,
    ys,
    ys.flatMap((y) => xs.map((x) => kernelAt(x, y))),
  );
}

/** A PSF that is the same everywhere. */
export const constantPsf = (kernel: FloatPlane): SampledPsf =>
  new SampledPsf(kernel.width, [0], [0], [normalise({ ...kernel, data: kernel.data.slice() }).data]);

/** The plane moved by a fraction of a pixel (Lanczos-5), same size; content moves towards +x for positive dx. */
export function shiftPlane(plane: FloatPlane, dx: number, dy: number): FloatPlane {
  if (dx === 0 && dy === 0) return plane;
  const { width, height, data } = plane;
  const order = 5;
  const weights = new Float64Array(2 * order);
  const pass = (
    source: ArrayLike<number>,
    along: number,
    stride: number,
    lines: number,
    lineStride: number,
    d: number,
  ) => {
    const whole = Math.floor(-d);
    lanczosWeights(order, -d - whole, weights);
    const out = new Float64Array(source.length);
    for (let l = 0; l < lines; l++)
      for (let p = 0; p < along; p++) {
        let sum = 0;
        for (let k = 0; k < 2 * order; k++) {
          const q = p + whole - order + 1 + k;
          if (q >= 0 && q < along) sum += weights[k]! * source[l * lineStride + q * stride]!;
        }
        out[l * lineStride + p * stride] = sum;
      }
    return out;
  };
  const horizontal = dx === 0 ? data : pass(data, width, 1, height, width, dx);
  const both = dy === 0 ? horizontal : pass(horizontal, height, width, width, 1, dy);
  return { width, height, data: Float32Array.from(both) };
}

export function normalise(plane: FloatPlane): FloatPlane {
  let sum = 0;
  for (const v of plane.data) sum += v;
  for (let k = 0; k < plane.data.length; k++) plane.data[k]! /= sum;
  return plane;
}

function locate(nodes: readonly number[], position: number): readonly [number, number] {
  if (nodes.length === 1 || position <= nodes[0]!) return [0, 0];
  const last = nodes.length - 1;
  if (position >= nodes[last]!) return [last - 1, 1];
  let i = 0;
  while (position >= nodes[i + 1]!) i++;
  return [i, (position - nodes[i]!) / (nodes[i + 1]! - nodes[i]!)];
}
