// The source catalog of one exposure as a Table.

import type { Column, ColumnType } from '#libs/table';
import { Table } from '#libs/table';
import { MaskBit } from '#libs/image';
import type { ApertureCorrection } from '../aperture-correction/aperture-correction.js';
import { apertureCorrectionAt } from '../aperture-correction/aperture-correction.js';
import type { SourceMeasurements } from './measure-sources.js';

export interface SourceTableOptions {
  readonly correction: ApertureCorrection;
  readonly calibrationRadius: number;
  /** 1 for the stars that made the PSF */
  readonly isPsfStar: Uint8Array;
}

/**
 * One row per source (children of blends, no rows for parents). `id` runs from 1; `parent` is the id of the brightest source of the
 * same blend, 0 for isolated ones. The aperture correction is applied to the PSF flux and its error.
 */
export function sourceTable(measured: SourceMeasurements, options: SourceTableOptions): Table {
  const { fit, count: n } = measured;
  const columns: Column[] = [];
  const add = <T extends ColumnType>(
    name: string,
    type: T,
    data: Column<T>['data'],
    unit: string | undefined,
    description: string,
  ): void => {
    columns.push({ name, type, data, ...(unit && { unit }), description } as Column);
  };
  const correction = Float64Array.from({ length: n }, (_, i) =>
    apertureCorrectionAt(options.correction, fit.x[i]!, fit.y[i]!),
  );
  const times = (values: Float64Array): Float64Array => values.map((value, i) => value * correction[i]!);
  const calibration = measured.apertureRadii.indexOf(options.calibrationRadius);
  const flag = (name: string, test: (i: number) => boolean, description: string): void =>
    add(
      name,
      'boolean',
      Uint8Array.from({ length: n }, (_, i) => (test(i) ? 1 : 0)),
      undefined,
      description,
    );
  const core = (bits: number) => (i: number) => (measured.coreBits[i]! & bits) !== 0;
  add(
    'id',
    'long',
    BigInt64Array.from({ length: n }, (_, i) => BigInt(i + 1)),
    undefined,
    'running number from 1',
  );
  add(
    'parent',
    'long',
    BigInt64Array.from({ length: n }, (_, i) => (measured.blendSize[i]! > 1 ? BigInt(measured.primary[i]! + 1) : 0n)),
    undefined,
    'id of the brightest source of the same blend; 0 when isolated',
  );
  add('blendSize', 'int', measured.blendSize, undefined, 'number of sources in the footprint');
  add('x', 'double', fit.x, 'pixel', 'column of the centre (PSF fit); first pixel is 0');
  add('y', 'double', fit.y, 'pixel', 'row of the centre (PSF fit); first pixel is 0');
  add('xErr', 'double', fit.xErr, 'pixel', '1-sigma error of x');
  add('yErr', 'double', fit.yErr, 'pixel', '1-sigma error of y');
  add('x_y_Cov', 'double', fit.xyCov, 'pixel**2', 'covariance of x and y');
  add(
    'snr',
    'double',
    fit.flux.map((f, i) => f / fit.fluxErr[i]!),
    undefined,
    'PSF flux over its error',
  );
  add('detectionSnr', 'double', measured.detectionSnr, undefined, 'peak of the matched filter');
  add('psfInstFlux', 'double', times(fit.flux), 'electron', 'PSF flux, aperture corrected');
  add('psfInstFluxErr', 'double', times(fit.fluxErr), 'electron', '1-sigma error of psfInstFlux');
  add('apCorr', 'double', correction, undefined, 'aperture correction applied to psfInstFlux');
  add('psfChi2', 'double', fit.chi2, undefined, 'chi2 per pixel in the core of the PSF');
  add('psfUsable', 'double', fit.usable, undefined, 'fraction of the PSF’s power on usable pixels');
  add('apInstFlux', 'double', measured.apertureFlux[calibration]!, 'electron', 'flux in the calibration aperture');
  add('apInstFluxErr', 'double', measured.apertureFluxErr[calibration]!, 'electron', '1-sigma error of apInstFlux');
  measured.apertureRadii.forEach((radius, r) => {
    const name = String(radius).replace('.', 'p');
    add(`apInstFlux_${name}`, 'double', measured.apertureFlux[r]!, 'electron', `flux within ${radius} px`);
    add(`apInstFluxErr_${name}`, 'double', measured.apertureFluxErr[r]!, 'electron', `error of apInstFlux_${name}`);
  });
  add('ixx', 'double', measured.xx, 'pixel**2', 'adaptive second moment');
  add('iyy', 'double', measured.yy, 'pixel**2', 'adaptive second moment');
  add('ixy', 'double', measured.xy, 'pixel**2', 'adaptive second moment');
  add('extendedness', 'double', measured.extendedness, undefined, '1 extended, 0 point-like, NaN unknown');
  add('isPsfStar', 'boolean', options.isPsfStar, undefined, 'made the PSF model');
  flag('flag_saturated', core(MaskBit.SAT), 'a pixel of the core is saturated');
  flag('flag_edge', core(MaskBit.EDGE | MaskBit.NO_DATA), 'the core touches the edge or pixels without data');
  flag('flag_bad', core(MaskBit.BAD), 'a pixel of the core is defective');
  flag('flag_cr', core(MaskBit.CR), 'a cosmic ray in the core');
  flag('flag_interpolated', core(MaskBit.INTRP), 'a pixel of the core was interpolated');
  flag('flag_suspect', core(MaskBit.SUSPECT), 'a pixel of the core may be non-linear');
  flag('flag_centroid', (i) => fit.centroidFailed[i] === 1, 'the position is that of the peak');
  flag('flag_psfFlux', (i) => !Number.isFinite(fit.flux[i]!) || !(fit.usable[i]! > 0.5), 'PSF flux not trustworthy');
  flag('flag_apFlux', (i) => Number.isNaN(measured.apertureFlux[calibration]![i]!), 'aperture leaves the image');
  flag('flag_shape', (i) => measured.shapeFailed[i] === 1, 'adaptive moments did not converge');
  flag('flag_crowded', (i) => measured.crowded[i] === 1, 'most of the light at the centre is not its own');
  return new Table(columns, n, 'source');
}
