// The survey as data: everything that the renderer and the scorer need. A plan is plain JSON and may be sent to a worker thread.

import type { Camera } from '#libs/instruments';
import type { OrbitalElements } from './kepler.js';

export interface SurveyOptions {
  readonly seed: number;
  readonly bands?: readonly string[];
  readonly templatesPerBand?: number;
  /** nights of science visits */
  readonly nights?: number;
  /** per night and band */
  readonly visitsPerNight?: number;
  readonly snaps?: number;
  /** of one snap [s] */
  readonly exposureTime?: number;
  readonly detectors?: number;
  /** side of a detector [px] */
  readonly detectorSize?: number;
  readonly field?: { readonly raDeg: number; readonly decDeg: number };
  /** evening of the templates, YYYYMMDD (the date 12 hours before UTC midnight of the night) */
  readonly templateDay?: number;
  /** counts for the default field; scaled with the area of the camera unless given */
  readonly stars?: number;
  readonly galaxies?: number;
  readonly transients?: number;
  readonly variables?: number;
  readonly asteroids?: number;
  /** bias, dark and (per band) flat frames of each detector */
  readonly calibrationFrames?: number;
}

export type SourceKind = 'star' | 'galaxy' | 'variable' | 'transient' | 'asteroid';

interface Position {
  /** unique within the survey; truth tables refer to it */
  readonly id: string;
  /** ICRS at epoch 2016.0 [deg] */
  readonly raDeg: number;
  readonly decDeg: number;
}
export interface Star extends Position {
  /** [mas/yr], pmRa includes cos(dec) */
  readonly pmRa: number;
  readonly pmDec: number;
  /** mean AB magnitude by band */
  readonly mag: Readonly<Record<string, number>>;
  readonly variability?: {
    readonly type: 'sinusoid' | 'rrlyrae';
    readonly periodDays: number;
    /** full amplitude in the bluest band [mag] */
    readonly amplitude: number;
    readonly phase: number;
  };
}
export interface Galaxy extends Position {
  readonly mag: Readonly<Record<string, number>>;
  readonly profile: 'exponential' | 'deVaucouleurs';
  readonly halfLightArcsec: number;
  readonly axisRatio: number;
  readonly positionAngleDeg: number;
}
export interface Transient extends Position {
  readonly host: string | null;
  readonly explosionMjd: number;
  readonly riseDays: number;
  readonly fallDays: number;
  readonly peakMag: Readonly<Record<string, number>>;
}
export interface Asteroid {
  readonly id: string;
  readonly orbit: OrbitalElements;
  /** absolute magnitude and slope of the H, G system (V band) */
  readonly h: number;
  readonly g: number;
  /** colour relative to V by band */
  readonly colour: Readonly<Record<string, number>>;
  /** whether the orbit catalog has it */
  readonly known: boolean;
}

export interface PlannedVisit {
  readonly index: number;
  /** decimal string of a 41-bit integer: dayObs * 100000 + sequence */
  readonly visit: string;
  readonly dayObs: number;
  readonly sequence: number;
  readonly purpose: 'template' | 'science';
  readonly band: string;
  readonly physicalFilter: string;
  /** start of each snap, MJD TAI */
  readonly snapStartMjd: readonly number[];
  readonly exposureTime: number;
  /** middle of the visit, MJD TAI */
  readonly midpointMjd: number;
  readonly telescopeRaDeg: number;
  readonly telescopeDecDeg: number;
  readonly telescopeRotationDeg: number;
  readonly trueRaDeg: number;
  readonly trueDecDeg: number;
  readonly trueRotationDeg: number;
  readonly airmass: number;
  readonly seeingArcsec: number;
  readonly ellipticity1: number;
  readonly ellipticity2: number;
  /** e-/s of 1 nJy above the atmosphere at the field centre, clouds and extinction included */
  readonly electronsPerSecondPerNjy: number;
  /** [e-/s/px] at the field centre, and its slope across the field */
  readonly sky: number;
  readonly skySlopeX: number;
  readonly skySlopeY: number;
}

export interface CalibrationFrame {
  readonly index: number;
  readonly visit: string;
  readonly kind: 'bias' | 'dark' | 'flat';
  readonly band: string | null;
  readonly physicalFilter: string | null;
  readonly exposureTime: number;
  readonly startMjd: number;
  readonly dayObs: number;
  readonly sequence: number;
  readonly name: string;
}

export interface SurveyPlan {
  readonly seed: number;
  readonly camera: Camera;
  readonly bands: readonly string[];
  readonly field: { readonly raDeg: number; readonly decDeg: number };
  readonly visits: readonly PlannedVisit[];
  readonly calibrations: readonly CalibrationFrame[];
  readonly stars: readonly Star[];
  readonly galaxies: readonly Galaxy[];
  readonly transients: readonly Transient[];
  readonly asteroids: readonly Asteroid[];
}
