import type { Header } from '#libs/fits';
import type { Wcs } from '#libs/sky';
import type { Camera, Detector } from './camera.js';

export type FrameKind = 'bias' | 'dark' | 'flat' | 'science' | 'calibrated';

/** What a frame's headers say, in the same words for every instrument. */
export interface RawDescription {
  readonly instrument: string;
  /** below 2^41: observing day * 100000 + number within the day */
  readonly visit: bigint;
  readonly dayObs: number;
  /** exposure within the visit, from 0, and how many there are */
  readonly snap: number;
  readonly snapCount: number;
  readonly detector: number;
  readonly kind: FrameKind;
  /** undefined for biases and darks */
  readonly physicalFilter?: string;
  readonly band?: string;
  /** middle of this exposure, MJD TAI */
  readonly mjdMidTai: number;
  /** [s] */
  readonly exposureTime: number;
  readonly boresightRaDeg?: number;
  readonly boresightDecDeg?: number;
  /** position angle of the detector's y axis, north through east [deg] */
  readonly rotationDeg?: number;
  readonly airmass?: number;
  /** first guess from the pointing, or the header's own WCS for calibrated frames; pixels of the assembled detector */
  readonly wcs?: Wcs;
}

/** The headers and shapes of a file: what a translator may look at. A `FitsFile` is one. */
export interface FrameHeaders {
  readonly hdus: readonly { readonly index: number; readonly header: Header; readonly shape: readonly number[] }[];
}

export interface TranslatedFrame {
  readonly description: RawDescription;
  readonly camera: Camera;
  readonly detector: Detector;
}

/** Knows one kind of file. `recognises` looks at headers only and never throws. */
export interface Translator {
  readonly instrument: string;
  recognises(frame: FrameHeaders): boolean;
  translate(frame: FrameHeaders): TranslatedFrame;
}
