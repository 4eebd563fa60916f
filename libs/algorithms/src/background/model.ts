// A sky background as a mesh of levels, evaluated everywhere by a natural bicubic spline through the mesh centres
// (the interpolation of SExtractor, Bertin & Arnouts 1996, A&AS 117, 393). Units are those of the image. Cost: O(pixels).

import { AlgorithmError } from '../errors.js';

const { floor, max, min } = Math;

/** Plain data (JSON-able): the same model gives the same bits wherever it is restored. */
export interface BackgroundModel {
  readonly width: number;
  readonly height: number;
  /** side of a mesh cell [px]; the last cells may be cut by the image */
  readonly meshWidth: number;
  readonly meshHeight: number;
  readonly columns: number;
  readonly rows: number;
  /** level and scatter of each cell, row by row */
  readonly level: readonly number[];
  readonly rms: readonly number[];
  readonly globalLevel: number;
  readonly globalRms: number;
}

/** Second derivatives of the natural cubic spline through unit-spaced values. */
function splineCurvature(values: Float64Array, n: number, curvature: Float64Array, work: Float64Array): void {
  curvature[0] = 0;
  if (n > 1) curvature[n - 1] = 0;
  if (n < 3) return;
  work[0] = 0;
  for (let i = 1; i < n - 1; i++) {
    const pivot = 4 + work[i - 1]!;
    work[i] = -1 / pivot;
    const jump = 6 * (values[i + 1]! - 2 * values[i]! + values[i - 1]!);
    curvature[i] = (jump - curvature[i - 1]!) / pivot;
  }
  for (let i = n - 2; i > 0; i--) curvature[i]! += work[i]! * curvature[i + 1]!;
}

/** The mesh cell to the left of a pixel and the fraction of the way to the next; pixels outside the centres extrapolate. */
function cellOf(pixel: number, mesh: number, n: number): { i: number; t: number } {
  const at = (pixel + 0.5) / mesh - 0.5;
  const i = min(max(0, floor(at)), max(0, n - 2));
  return { i, t: at - i };
}

function evaluateMesh(model: BackgroundModel, mesh: readonly number[], target: Float32Array): Float32Array {
  const { width, height, columns, rows } = model;
  // curvature along y of every mesh column, once
  const along = new Float64Array(columns * rows);
  const work = new Float64Array(max(columns, rows));
  const column = new Float64Array(rows);
  const columnCurvature = new Float64Array(rows);
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < rows; j++) column[j] = mesh[j * columns + i]!;
    splineCurvature(column, rows, columnCurvature, work);
    for (let j = 0; j < rows; j++) along[j * columns + i] = columnCurvature[j]!;
  }
  const cellX = new Int32Array(width);
  const fractionX = new Float64Array(width);
  for (let x = 0; x < width; x++) {
    const { i, t } = cellOf(x, model.meshWidth, columns);
    cellX[x] = i;
    fractionX[x] = t;
  }
  const node = new Float64Array(columns);
  const curvature = new Float64Array(columns);
  for (let y = 0; y < height; y++) {
    const { i: j, t } = cellOf(y, model.meshHeight, rows);
    for (let i = 0; i < columns; i++) {
      if (rows === 1) node[i] = mesh[i]!;
      else {
        const lower = j * columns + i;
        const upper = lower + columns;
        const s = 1 - t;
        node[i] =
          s * mesh[lower]! + t * mesh[upper]! + ((s ** 3 - s) * along[lower]! + (t ** 3 - t) * along[upper]!) / 6;
      }
    }
    const o = y * width;
    if (columns === 1) {
      target.fill(node[0]!, o, o + width);
      continue;
    }
    splineCurvature(node, columns, curvature, work);
    for (let x = 0; x < width; x++) {
      const i = cellX[x]!;
      const u = fractionX[x]!;
      const s = 1 - u;
      target[o + x] =
        s * node[i]! + u * node[i + 1]! + ((s * s * s - s) * curvature[i]! + (u * u * u - u) * curvature[i + 1]!) / 6;
    }
  }
  return target;
}

/** The background level of every pixel. */
export const evaluateBackground = (
  model: BackgroundModel,
  target: Float32Array = new Float32Array(model.width * model.height),
): Float32Array => evaluateMesh(model, model.level, target);

/** The background scatter (1 sigma per pixel) of every pixel. */
export const evaluateBackgroundRms = (
  model: BackgroundModel,
  target: Float32Array = new Float32Array(model.width * model.height),
): Float32Array => evaluateMesh(model, model.rms, target);

/** Level and scatter near one pixel (nearest mesh cell). */
export function backgroundAt(model: BackgroundModel, x: number, y: number): { level: number; rms: number } {
  const i = min(model.columns - 1, max(0, floor((x + 0.5) / model.meshWidth)));
  const j = min(model.rows - 1, max(0, floor((y + 0.5) / model.meshHeight)));
  return { level: model.level[j * model.columns + i]!, rms: model.rms[j * model.columns + i]! };
}

/** image -= background, in place; `sign` +1 restores it. */
export function subtractBackground(image: Float32Array, model: BackgroundModel, sign: 1 | -1 = -1): void {
  if (image.length !== model.width * model.height)
    throw new AlgorithmError('SIZE_MISMATCH', 'the background model was made for an image of another size', {
      model: [model.width, model.height],
      pixels: image.length,
    });
  const level = evaluateBackground(model);
  for (let i = 0; i < image.length; i++) image[i]! += sign * level[i]!;
}

/** image += background: undoes `subtractBackground` (to Float32 rounding). */
export const restoreBackground = (image: Float32Array, model: BackgroundModel): void =>
  subtractBackground(image, model, 1);
