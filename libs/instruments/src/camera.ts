// A camera as data: where every amplifier's pixels lie in the raw file and on the detector, and what they mean.

import type { Box } from '#libs/image';
import { InstrumentError } from './errors.js';

/**
 * One readout channel. Boxes count from 0. `dataSection`, `biasSection` and `prescan` are in the raw array of the amplifier's
 * HDU; `detectorBox` is in the assembled detector. A flip says that the raw axis runs against the detector's axis.
 */
export interface Amplifier {
  readonly name: string;
  /** index of the HDU that holds it */
  readonly hdu: number;
  readonly rawBox: Box;
  readonly dataSection: Box;
  /** overscan: clocked after the pixels, carries the bias level */
  readonly biasSection?: Box;
  readonly prescan?: Box;
  readonly detectorBox: Box;
  readonly flipX: boolean;
  readonly flipY: boolean;
  /** constant level to subtract where there is no overscan, from a PEDESTAL keyword [ADU] */
  readonly biasLevel?: number;
  /** [e-/ADU] */
  readonly gain: number;
  /** [e-] */
  readonly readNoise: number;
  /** counts above the bias level at which charge saturates [ADU] */
  readonly saturation: number;
  /** fraction of the signal of every amplifier of the detector (in their order) that appears in this one; 0 for itself */
  readonly crosstalk?: readonly number[];
  /** corrected = raw * (1 + c1 raw + c2 raw^2 ...), raw in ADU above bias; empty or absent when linear */
  readonly linearity?: readonly number[];
}

export interface Detector {
  readonly id: number;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** [arcsec/px] */
  readonly pixelScale: number;
  /** centre of the detector from the boresight, in pixels along the camera's axes, and rotation against them [deg] */
  readonly focalPlane: { readonly x: number; readonly y: number; readonly rotationDeg: number };
  readonly amplifiers: readonly Amplifier[];
  /** boxes of bad pixels in detector coordinates */
  readonly defects: readonly Box[];
}

export interface Observatory {
  /** east positive [deg] */
  readonly longitudeDeg: number;
  readonly latitudeDeg: number;
  readonly heightM: number;
  /** observatory code of the Minor Planet Center; 500 (geocentre) when the site has none */
  readonly mpcCode: string;
}

export interface Camera {
  readonly name: string;
  readonly detectors: readonly Detector[];
  /** physical filter name -> band */
  readonly filters: Readonly<Record<string, string>>;
  readonly observatory?: Observatory;
  /** a rough zero point, magnitude of 1 e-/s, per band: a starting point for photometric calibration only */
  readonly nominalZeroPoints?: Readonly<Record<string, number>>;
}

export function detectorOf(camera: Camera, id: number): Detector {
  const detector = camera.detectors.find((candidate) => candidate.id === id);
  if (!detector)
    throw new InstrumentError(
      'UNKNOWN_DETECTOR',
      `${camera.name} has no detector ${id}; it has ${camera.detectors.map((d) => d.id).join(', ')}`,
      id,
    );
  return detector;
}
