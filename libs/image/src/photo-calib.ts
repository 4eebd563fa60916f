/**
 * Photometric calibration of one exposure: flux [nJy] = scale * instFlux [e-].
 * AB magnitude = -2.5 log10(flux [nJy]) + 31.4.
 */
export interface PhotoCalib {
  /** nJy per electron */
  readonly scale: number;
  /** 1-sigma uncertainty of `scale` [nJy per electron] */
  readonly scaleErr: number;
}

/** AB magnitude of 1 nJy: 2.5 log10(3631e9) rounded as the LSST tables have it. */
export const NJY_AB_ZERO_POINT = 31.4;
export const njyToAbMag = (fluxNjy: number): number => NJY_AB_ZERO_POINT - 2.5 * Math.log10(fluxNjy);
export const abMagToNjy = (mag: number): number => 10 ** ((NJY_AB_ZERO_POINT - mag) / 2.5);
/** Zero point [mag]: the magnitude of one electron. */
export const zeroPointOf = (calib: PhotoCalib): number => njyToAbMag(calib.scale);
