// Blends of point sources taken apart by fitting all of them at once: positions and fluxes of PSF models, image-wide.
// Block Gauss-Seidel on the residual image: each source in turn (brightest first) is put back, fitted (flux, dx, dy by unweighted
// least squares, as LSST's PsfFlux: no flux-dependent bias) and taken out again; then fluxes alone are iterated to the joint
// solution. Errors from A^-1 (M^T V M) A^-1 with the overlapping neighbours included. Deterministic; exact for stars.
// Cost: sources x stamp area x (sweeps x ~40).

import { z } from 'zod';
import type { Psf } from '#libs/image';
import { isFiniteNumber, choleskyInPlace, choleskySolveInPlace } from '../numeric/index.js';

const { abs, floor, hypot, max, min, round, sqrt } = Math;

export const PsfFitConfig = z.object({
  maxSweeps: z.int().min(1).default(8).meta({ description: 'passes over all sources that move positions' }),
  maxShift: z.number().positive().default(1.5).meta({
    unit: 'px',
    description: 'a source that walks farther from its peak is put back there and flagged',
  }),
  tolerance: z
    .number()
    .positive()
    .default(0.002)
    .meta({ unit: 'px', description: 'positions that move less are done' }),
  fluxSweeps: z.int().min(1).default(40).meta({ description: 'passes over all sources that change fluxes only' }),
});
export type PsfFitConfig = z.output<typeof PsfFitConfig>;

/** Sources fitted together, struct of arrays, in the order given. NaN where no usable pixel was left. */
export interface PsfFitResult {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly xErr: Float64Array;
  readonly yErr: Float64Array;
  readonly xyCov: Float64Array;
  readonly flux: Float64Array;
  readonly fluxErr: Float64Array;
  /** chi2 per pixel of the residuals in the PSF's core */
  readonly chi2: Float64Array;
  /** fraction of the PSF's power (sum m^2) on usable pixels */
  readonly usable: Float64Array;
  /** 1 where the position could not be fitted and is the start position */
  readonly centroidFailed: Uint8Array;
  /** the image minus all fitted models */
  readonly residual: Float32Array;
  /** models (unit flux) and the pixel of their first corner */
  readonly stamps: readonly PsfStamp[];
}

export interface PsfStamp {
  readonly x0: number;
  readonly y0: number;
  readonly size: number;
  readonly data: Float32Array;
}

export interface PsfFitImage {
  readonly width: number;
  readonly height: number;
  readonly image: Float32Array;
  readonly variance: Float32Array;
  /** 1 where a pixel must not be used */
  readonly bad: Uint8Array;
}

/** Fits PSF positions and fluxes of all sources of a background-subtracted image. `startFlux` may hold zeros. */
export function fitPointSources(
  input: PsfFitImage,
  psf: Psf,
  startX: ArrayLike<number>,
  startY: ArrayLike<number>,
  startFlux: ArrayLike<number>,
  config: PsfFitConfig,
  options: { readonly fixedPositions?: boolean } = {},
): PsfFitResult {
  const { width, height, variance, bad } = input;
  const n = startX.length;
  const x = Float64Array.from(startX);
  const y = Float64Array.from(startY);
  const flux = Float64Array.from(startFlux);
  const residual = input.image.slice();
  for (let i = 0; i < residual.length; i++) if (bad[i]! || !isFiniteNumber(residual[i]!)) residual[i] = 0;
  const stamps: PsfStamp[] = [];
  const centroidFailed = new Uint8Array(n);
  const place = (i: number): void => {
    const stamp = psf.stamp(x[i]!, y[i]!);
    const half = stamp.width >> 1;
    stamps[i] = { x0: round(x[i]!) - half, y0: round(y[i]!) - half, size: stamp.width, data: stamp.data };
  };
  for (let i = 0; i < n; i++) {
    place(i);
    if (flux[i] !== 0) addStamp(residual, width, height, stamps[i]!, -flux[i]!, bad);
  }
  const order = Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => flux[b]! - flux[a]! || a - b);
  const done = new Uint8Array(n);
  const sums = new Float64Array(9);
  if (!options.fixedPositions)
    for (let sweep = 0; sweep < config.maxSweeps; sweep++) {
      let active = 0;
      for (const i of order) {
        if (done[i]) continue;
        active++;
        const stamp = stamps[i]!;
        accumulate(residual, width, height, bad, stamp, sums);
        const [mm, mx, my, xx, yy, xy, rm, rx, ry] = sums as unknown as number[];
        if (!(mm! > 0)) {
          done[i] = 1;
          centroidFailed[i] = 1;
          continue;
        }
        // residual + f m = (f + df) m + f dx gx + f dy gy; gradients of the unit-flux model
        const f = flux[i]!;
        let df = rm! / mm!;
        let stepX = 0;
        let stepY = 0;
        if (!centroidFailed[i] && f > 0) {
          const a = xx! - (mx! * mx!) / mm!;
          const b = yy! - (my! * my!) / mm!;
          const c = xy! - (mx! * my!) / mm!;
          const u = rx! - (mx! * rm!) / mm!;
          const v = ry! - (my! * rm!) / mm!;
          const det = a * b - c * c;
          if (det > 1e-3 * a * b) {
            stepX = (b * u - c * v) / det / f;
            stepY = (a * v - c * u) / det / f;
            const length = hypot(stepX, stepY);
            if (length > 0.5) {
              stepX *= 0.5 / length;
              stepY *= 0.5 / length;
            }
            df = (rm! - f * (mx! * stepX + my! * stepY)) / mm!;
          }
        }
        addStamp(residual, width, height, stamp, f, bad);
        flux[i] = f + df;
        x[i]! += stepX;
        y[i]! += stepY;
        const lost = hypot(x[i]! - startX[i]!, y[i]! - startY[i]!) > config.maxShift;
        if (lost || !isFiniteNumber(x[i]!) || !isFiniteNumber(y[i]!)) {
          x[i] = startX[i]!;
          y[i] = startY[i]!;
          flux[i] = max(0, f);
          centroidFailed[i] = 1;
        }
        if (stepX !== 0 || stepY !== 0) place(i);
        addStamp(residual, width, height, stamps[i]!, -flux[i]!, bad);
        if (sweep > 1 && abs(stepX) < config.tolerance && abs(stepY) < config.tolerance) done[i] = 1;
      }
      if (active === 0) break;
    }
  const norm = new Float64Array(n);
  const fluxErr = new Float64Array(n).fill(NaN);
  for (let i = 0; i < n; i++) {
    accumulate(residual, width, height, bad, stamps[i]!, sums);
    norm[i] = sums[0]!;
    if (!(norm[i]! > 0)) flux[i] = NaN;
  }
  const fresh = new Uint8Array(n).fill(1);
  for (let sweep = 0; sweep < config.fluxSweeps; sweep++) {
    let largest = 0;
    for (const i of order) {
      if (!(norm[i]! > 0) || !fresh[i]) continue;
      const stamp = stamps[i]!;
      const { rm, mvm } = project(residual, variance, width, height, bad, stamp);
      const df = rm / norm[i]!;
      flux[i]! += df;
      addStamp(residual, width, height, stamp, -df, bad);
      const sigma = sqrt(mvm) / norm[i]!;
      fluxErr[i] = sigma;
      const change = abs(df) / sigma;
      if (change > largest) largest = change;
    }
    if (largest < 1e-3) break;
  }
  return { ...errorsOf(input, stamps, norm, flux, fluxErr, residual), x, y, flux, centroidFailed, residual, stamps };
}

/** Derivative of the model by the source's position: minus the fourth-order central difference along one axis. */
function slope(data: Float32Array, q: number, step: number, i: number, size: number): number {
  if (i > 1 && i < size - 2)
    return (8 * (data[q - step]! - data[q + step]!) - data[q - 2 * step]! + data[q + 2 * step]!) / 12;
  return 0.5 * ((i > 0 ? data[q - step]! : 0) - (i < size - 1 ? data[q + step]! : 0));
}

/** sums: mm, m gx, m gy, gx gx, gy gy, gx gy, r m, r gx, r gy over usable pixels; gx, gy from `slope`. */
function accumulate(
  residual: Float32Array,
  width: number,
  height: number,
  bad: Uint8Array,
  stamp: PsfStamp,
  sums: Float64Array,
): void {
  const { x0, y0, size, data } = stamp;
  let mm = 0;
  let mx = 0;
  let my = 0;
  let xx = 0;
  let yy = 0;
  let xy = 0;
  let rm = 0;
  let rx = 0;
  let ry = 0;
  const j0 = max(0, -y0);
  const j1 = min(size, height - y0);
  const i0 = max(0, -x0);
  const i1 = min(size, width - x0);
  for (let j = j0; j < j1; j++) {
    for (let i = i0; i < i1; i++) {
      const k = (y0 + j) * width + x0 + i;
      if (bad[k]) continue;
      const q = j * size + i;
      const m = data[q]!;
      const gx = slope(data, q, 1, i, size);
      const gy = slope(data, q, size, j, size);
      const r = residual[k]!;
      mm += m * m;
      mx += m * gx;
      my += m * gy;
      xx += gx * gx;
      yy += gy * gy;
      xy += gx * gy;
      rm += r * m;
      rx += r * gx;
      ry += r * gy;
    }
  }
  sums[0] = mm;
  sums[1] = mx;
  sums[2] = my;
  sums[3] = xx;
  sums[4] = yy;
  sums[5] = xy;
  sums[6] = rm;
  sums[7] = rx;
  sums[8] = ry;
}

function project(
  residual: Float32Array,
  variance: Float32Array,
  width: number,
  height: number,
  bad: Uint8Array,
  stamp: PsfStamp,
): { rm: number; mvm: number } {
  const { x0, y0, size, data } = stamp;
  let rm = 0;
  let mvm = 0;
  const j1 = min(size, height - y0);
  const i1 = min(size, width - x0);
  for (let j = max(0, -y0); j < j1; j++)
    for (let i = max(0, -x0); i < i1; i++) {
      const k = (y0 + j) * width + x0 + i;
      if (bad[k]) continue;
      const m = data[j * size + i]!;
      rm += m * residual[k]!;
      mvm += m * m * variance[k]!;
    }
  return { rm, mvm };
}

/** plane += scale * stamp on usable pixels. */
export function addStamp(
  plane: Float32Array,
  width: number,
  height: number,
  stamp: PsfStamp,
  scale: number,
  bad?: Uint8Array,
): void {
  const { x0, y0, size, data } = stamp;
  const j1 = min(size, height - y0);
  const i1 = min(size, width - x0);
  for (let j = max(0, -y0); j < j1; j++)
    for (let i = max(0, -x0); i < i1; i++) {
      const k = (y0 + j) * width + x0 + i;
      if (bad === undefined || !bad[k]) plane[k]! += scale * data[j * size + i]!;
    }
}

function errorsOf(
  input: PsfFitImage,
  stamps: readonly PsfStamp[],
  norm: Float64Array,
  flux: Float64Array,
  isolatedErr: Float64Array,
  residual: Float32Array,
) {
  const { width, height, variance, bad } = input;
  const n = stamps.length;
  const xErr = new Float64Array(n).fill(NaN);
  const yErr = new Float64Array(n).fill(NaN);
  const xyCov = new Float64Array(n).fill(NaN);
  const fluxErr = isolatedErr.slice();
  const chi2 = new Float64Array(n).fill(NaN);
  const usable = new Float64Array(n);
  const neighbours = neighbourLists(stamps);
  for (let i = 0; i < n; i++) {
    const { x0, y0, size, data } = stamps[i]!;
    let power = 0;
    for (let q = 0; q < data.length; q++) power += data[q]! * data[q]!;
    usable[i] = norm[i]! / power;
    if (!(norm[i]! > 0)) continue;
    const f = flux[i]!;
    // 3 x 3: flux, x, y
    const a = new Float64Array(9);
    const b = new Float64Array(9);
    const peak = data[(size >> 1) * size + (size >> 1)]!;
    let sum = 0;
    let count = 0;
    const g = new Float64Array(3);
    for (let j = max(0, -y0); j < min(size, height - y0); j++)
      for (let c = max(0, -x0); c < min(size, width - x0); c++) {
        const k = (y0 + j) * width + x0 + c;
        if (bad[k]) continue;
        const q = j * size + c;
        g[0] = data[q]!;
        g[1] = f * slope(data, q, 1, c, size);
        g[2] = f * slope(data, q, size, j, size);
        const v = variance[k]!;
        for (let r = 0; r < 3; r++)
          for (let s = 0; s <= r; s++) {
            const product = g[r]! * g[s]!;
            a[r * 3 + s]! += product;
            b[r * 3 + s]! += product * v;
          }
        if (g[0] > 0.1 * peak && v > 0) {
          sum += residual[k]! ** 2 / v;
          count++;
        }
      }
    chi2[i] = count > 0 ? sum / count : NaN;
    for (let r = 0; r < 3; r++)
      for (let s = r + 1; s < 3; s++) {
        a[r * 3 + s] = a[s * 3 + r]!;
        b[r * 3 + s] = b[s * 3 + r]!;
      }
    const covariance = f > 0 ? sandwich(a, b, 3) : undefined;
    if (covariance) {
      xErr[i] = sqrt(covariance[4]!);
      yErr[i] = sqrt(covariance[8]!);
      xyCov[i] = covariance[5]!;
    }
    const blended = blendedError(i, neighbours[i]!, stamps, norm, input);
    if (blended !== undefined) {
      const ratio = blended / fluxErr[i]!;
      fluxErr[i] = blended;
      if (ratio > 1) {
        xErr[i]! *= ratio;
        yErr[i]! *= ratio;
        xyCov[i]! *= ratio * ratio;
      }
    }
  }
  return { xErr, yErr, xyCov, fluxErr, chi2, usable };
}

/** A^-1 B A^-1, or undefined when A is singular. */
function sandwich(a: Float64Array, b: Float64Array, n: number): Float64Array | undefined {
  const l = a.slice();
  // unit diagonal for conditioning
  const scale = Float64Array.from({ length: n }, (_, i) => 1 / sqrt(a[i * n + i]!));
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) l[i * n + j]! *= scale[i]! * scale[j]!;
  if (!choleskyInPlace(l, n)) return undefined;
  const left = b.slice();
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) left[i * n + j]! *= scale[i]! * scale[j]!;
  choleskySolveInPlace(l, n, left, n);
  const turned = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) turned[j * n + i] = left[i * n + j]!;
  choleskySolveInPlace(l, n, turned, n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) turned[i * n + j]! *= scale[i]! * scale[j]!;
  return turned;
}

/** For every source the others whose stamps overlap its own, nearest first, at most eight. */
function neighbourLists(stamps: readonly PsfStamp[]): number[][] {
  const cell = max(8, ...stamps.slice(0, 1).map((stamp) => stamp.size));
  const grid = new Map<string, number[]>();
  const centre = (stamp: PsfStamp): [number, number] => [stamp.x0 + (stamp.size >> 1), stamp.y0 + (stamp.size >> 1)];
  stamps.forEach((stamp, i) => {
    const [x, y] = centre(stamp);
    const key = `${floor(x / cell)},${floor(y / cell)}`;
    const list = grid.get(key);
    if (list) list.push(i);
    else grid.set(key, [i]);
  });
  return stamps.map((stamp, i) => {
    const [x, y] = centre(stamp);
    const found: { k: number; d: number }[] = [];
    for (let dy = -1; dy <= 1; dy++)
      for (let dx = -1; dx <= 1; dx++)
        for (const k of grid.get(`${floor(x / cell) + dx},${floor(y / cell) + dy}`) ?? []) {
          if (k === i) continue;
          const [u, v] = centre(stamps[k]!);
          const d = hypot(u - x, v - y);
          if (d < 0.6 * stamp.size) found.push({ k, d });
        }
    return found
      .sort((p, q) => p.d - q.d || p.k - q.k)
      .slice(0, 8)
      .map(({ k }) => k);
  });
}

/** Flux error with the fluxes of the neighbours free; undefined when no neighbour matters. */
function blendedError(
  i: number,
  neighbours: readonly number[],
  stamps: readonly PsfStamp[],
  norm: Float64Array,
  input: PsfFitImage,
): number | undefined {
  const members = [i];
  for (const k of neighbours)
    if (norm[k]! > 0 && overlap(stamps[i]!, stamps[k]!, input).a > 0.02 * sqrt(norm[i]! * norm[k]!)) members.push(k);
  const n = members.length;
  if (n === 1) return undefined;
  const a = new Float64Array(n * n);
  const b = new Float64Array(n * n);
  for (let r = 0; r < n; r++)
    for (let s = 0; s <= r; s++) {
      const sums = overlap(stamps[members[r]!]!, stamps[members[s]!]!, input);
      a[r * n + s] = a[s * n + r] = sums.a;
      b[r * n + s] = b[s * n + r] = sums.b;
    }
  const covariance = sandwich(a, b, n);
  return covariance && covariance[0]! > 0 ? sqrt(covariance[0]!) : undefined;
}

function overlap(p: PsfStamp, q: PsfStamp, input: PsfFitImage): { a: number; b: number } {
  const { width, height, variance, bad } = input;
  const xa = max(0, p.x0, q.x0);
  const xb = min(width, p.x0 + p.size, q.x0 + q.size);
  const ya = max(0, p.y0, q.y0);
  const yb = min(height, p.y0 + p.size, q.y0 + q.size);
  let a = 0;
  let b = 0;
  for (let y = ya; y < yb; y++)
    for (let x = xa; x < xb; x++) {
      const k = y * width + x;
      if (bad[k]) continue;
      const product = p.data[(y - p.y0) * p.size + x - p.x0]! * q.data[(y - q.y0) * q.size + x - q.x0]!;
      a += product;
      b += product * variance[k]!;
    }
  return { a, b };
}
