// AlmagestCam: the camera of the simulated survey. Two detectors of 1024 x 1024 pixels of 0.4 arcsec, eight amplifiers each
// (4 across, 2 up), 8 prescan and 32 overscan columns. The size is configurable so that tests stay small.

import type { Box } from '#libs/image';
import type { Amplifier, Camera, Detector } from './camera.js';

export interface AlmagestCamOptions {
  readonly detectors?: number;
  /** side of a detector [px], a multiple of 8 */
  readonly size?: number;
}

const COLUMNS = 4;
const ROWS = 2;
const PRESCAN = 8;
const OVERSCAN = 32;
/** between neighbouring detectors [px] */
const GAP = 20;
/** where charge spills into the neighbouring pixels [e-] */
export const ALMAGEST_FULL_WELL = 95_000;
/** linear range given to users of the data, below the full well [e-] */
const SATURATION = 90_000;
const PIXEL_SCALE = 0.4;

/** Gains [e-/ADU] and read noise [e-] differ from channel to channel in a fixed way, as in a laboratory report. */
const gainOf = (detector: number, amplifier: number): number =>
  Math.round((1.62 + 0.05 * Math.sin(2.3 * amplifier + 1.1 * detector)) * 1000) / 1000;
const readNoiseOf = (detector: number, amplifier: number): number =>
  Math.round((5.6 + 0.6 * Math.cos(1.7 * amplifier + 0.4 * detector)) * 100) / 100;
const crosstalkOf = (victim: number): number[] =>
  Array.from({ length: COLUMNS * ROWS }, (_, aggressor) => {
    const distance = Math.abs(victim - aggressor);
    return distance === 0 ? 0 : distance === 1 ? 2e-4 : distance === 2 ? 4e-5 : 0;
  });

/** Bad columns and hot pixels found in the laboratory; fixed per detector. */
function defectsOf(id: number, size: number): Box[] {
  const half = size / 2;
  const at = (fraction: number): number => Math.floor(fraction * size);
  const columns: Box[] = [
    { x0: at(0.137 + 0.05 * id), y0: half, width: 1, height: half },
    { x0: at(0.631 - 0.08 * id), y0: 0, width: 2, height: Math.floor(half * 0.7) },
    { x0: at(0.862), y0: half, width: 1, height: Math.floor(half * 0.45) },
  ];
  const hot = Array.from({ length: 30 }, (_, i): Box => {
    // additive recurrence on the plastic number: fills the square evenly without a generator
    const u = (0.5 + (i + 31 * id + 1) * 0.7548776662466927) % 1;
    const v = (0.5 + (i + 31 * id + 1) * 0.5698402909980532) % 1;
    return { x0: at(u), y0: at(v), width: 1, height: 1 };
  });
  return [...columns, ...hot];
}

function amplifiersOf(id: number, size: number): Amplifier[] {
  const width = size / COLUMNS;
  const height = size / ROWS;
  const amplifiers: Amplifier[] = [];
  for (let row = 0; row < ROWS; row++)
    for (let column = 0; column < COLUMNS; column++) {
      const index = row * COLUMNS + column;
      const gain = gainOf(id, index);
      amplifiers.push({
        name: `C${row}${column}`,
        hdu: index + 1,
        rawBox: { x0: 0, y0: 0, width: PRESCAN + width + OVERSCAN, height },
        prescan: { x0: 0, y0: 0, width: PRESCAN, height },
        dataSection: { x0: PRESCAN, y0: 0, width, height },
        biasSection: { x0: PRESCAN + width, y0: 0, width: OVERSCAN, height },
        detectorBox: { x0: column * width, y0: row * height, width, height },
        flipX: column % 2 === 1,
        flipY: row === 1,
        gain,
        readNoise: readNoiseOf(id, index),
        saturation: Math.floor(SATURATION / gain),
        crosstalk: crosstalkOf(index),
      });
    }
  return amplifiers;
}

export function almagestCam(options: AlmagestCamOptions = {}): Camera {
  const { detectors: count = 2, size = 1024 } = options;
  const detectors = Array.from({ length: count }, (_, id): Detector => ({
    id,
    name: `D${id}`,
    width: size,
    height: size,
    pixelScale: PIXEL_SCALE,
    focalPlane: { x: (id - (count - 1) / 2) * (size + GAP), y: 0, rotationDeg: 0 },
    amplifiers: amplifiersOf(id, size),
    defects: defectsOf(id, size),
  }));
  return {
    name: 'AlmagestCam',
    detectors,
    filters: { 'u-sim': 'u', 'g-sim': 'g', 'r-sim': 'r', 'i-sim': 'i', 'z-sim': 'z', 'y-sim': 'y' },
    observatory: { longitudeDeg: -70.749417, latitudeDeg: -30.244639, heightM: 2663, mpcCode: 'X05' },
    nominalZeroPoints: { u: 25.9, g: 27.5, r: 27.4, i: 27.0, z: 26.4, y: 25.4 },
  };
}
