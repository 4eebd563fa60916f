// Cut-outs as small FITS files, as alert packets carry them.

import { encodeFits, Header } from '#libs/fits';

/** A square of pixels around a detection. */
export interface CutoutPixels {
  /** side [px] */
  readonly size: number;
  readonly data: Float32Array;
}

/** Linear world coordinates around the detection: its offset from the stamp's middle pixel [px], its position, and the matrix [deg/px]. */
export interface CutoutWcs {
  readonly dx: number;
  readonly dy: number;
  readonly raDeg: number;
  readonly decDeg: number;
  readonly cd: readonly [number, number, number, number];
}

export function encodeCutout(pixels: CutoutPixels, wcs?: CutoutWcs): Uint8Array {
  const header = new Header();
  header.set('BUNIT', 'electron');
  if (wcs) {
    header.set('CTYPE1', 'RA---TAN');
    header.set('CTYPE2', 'DEC--TAN');
    header.set('CRPIX1', (pixels.size >> 1) + wcs.dx + 1);
    header.set('CRPIX2', (pixels.size >> 1) + wcs.dy + 1);
    header.set('CRVAL1', wcs.raDeg);
    header.set('CRVAL2', wcs.decDeg);
    header.set('CD1_1', wcs.cd[0]);
    header.set('CD1_2', wcs.cd[1]);
    header.set('CD2_1', wcs.cd[2]);
    header.set('CD2_2', wcs.cd[3]);
  }
  return encodeFits([{ kind: 'image', shape: [pixels.size, pixels.size], data: pixels.data, header }]);
}
