import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { encodeFits, Header, openFits } from '#libs/fits';
import { wcsFromHeader } from '#libs/sky';
import { cutOut, cutoutRequest, readPixels } from './exposures.js';
import { displayLimits, renderPng, stretch } from './render-png.js';

const WIDTH = 60;
const HEIGHT = 40;
/** a TAN image of 1 arcsec pixels around RA 0, Dec -60 (FITS Paper II); each pixel holds its own number */
function exposure(): Uint8Array {
  const header = Header.of({
    CTYPE1: 'RA---TAN',
    CTYPE2: 'DEC--TAN',
    CRPIX1: 31,
    CRPIX2: 21,
    CRVAL1: 0,
    CRVAL2: -60,
    CD1_1: -1 / 3600,
    CD1_2: 0,
    CD2_1: 0,
    CD2_2: 1 / 3600,
  });
  const shape = [WIDTH, HEIGHT];
  const image = Float32Array.from({ length: WIDTH * HEIGHT }, (_, i) => i);
  return encodeFits([
    { kind: 'image', shape: [], data: new Uint8Array(0) },
    { kind: 'image', name: 'IMAGE', shape, data: image, header },
    { kind: 'image', name: 'MASK', shape, data: new Int32Array(WIDTH * HEIGHT).fill(4) },
    { kind: 'image', name: 'VARIANCE', shape, data: new Float32Array(WIDTH * HEIGHT).fill(2) },
  ]);
}

describe('cut-outs', () => {
  it('hold the right pixels, and their WCS gives every pixel the position it had', async () => {
    const { fits, pixels } = await cutOut(exposure(), { raDeg: 0, decDeg: -60, sizeArcsec: 10 });
    expect([pixels.width, pixels.height]).toEqual([11, 11]);
    expect(pixels.data[5 + 11 * 5]).toBe(30 + WIDTH * 20);
    const file = await openFits(fits);
    const here = wcsFromHeader(file.hdu('IMAGE').header);
    const before = wcsFromHeader((await openFits(exposure())).hdu('IMAGE').header);
    for (const [x, y] of [
      [0, 0],
      [10, 3],
    ] as const) {
      const [cut, whole] = [here.pixelToSky(x, y), before.pixelToSky(x + 25, y + 15)];
      expect(cut.decDeg).toBeCloseTo(whole.decDeg, 12);
      expect(((cut.raDeg - whole.raDeg + 540) % 360) - 180).toBeCloseTo(0, 11);
    }
    expect((await file.hdu('MASK').readImage()).data[0]).toBe(4);
    expect((await readPixels(fits)).width).toBe(11);
  });

  it('end at the edges of the image and are refused off it', async () => {
    const corner = wcsFromHeader((await openFits(exposure())).hdu('IMAGE').header).pixelToSky(0, 0);
    const { pixels } = await cutOut(exposure(), { ...corner, sizeArcsec: 10 });
    expect([pixels.width, pixels.height]).toEqual([6, 6]);
    await expect(cutOut(exposure(), { raDeg: 90, decDeg: 60, sizeArcsec: 10 })).rejects.toMatchObject({
      code: 'OFF_IMAGE',
    });
    expect(() => cutoutRequest('10', undefined)).toThrow('dec must be a number');
    expect(() => cutoutRequest('400', '0')).toThrow('ra must be a number from 0 to 360');
  });
});

describe('PNG', () => {
  const star = (background: number, peak: number) => {
    const data = Float32Array.from({ length: 31 * 31 }, (_, i) => {
      const [x, y] = [i % 31, Math.floor(i / 31)];
      return background + ((i * 7919) % 13) - 6 + peak * Math.exp(-((x - 15) ** 2 + (y - 20) ** 2) / 8);
    });
    return { width: 31, height: 31, data };
  };

  it('shows sky dark, stars white, at any background, with row 0 at the bottom', () => {
    for (const background of [0, -500, 1e6]) {
      const grey = stretch(star(background, 500));
      expect(grey[15 + 31 * (30 - 20)]).toBeGreaterThan(200);
      const sky = [...grey.subarray(31 * 25)];
      expect(sky.reduce((sum, level) => sum + level, 0) / sky.length).toBeLessThan(100);
    }
  });

  it('keeps noise alone from looking like a source, and survives NaN and constants', () => {
    const { black, white, sigma } = displayLimits(star(0, 0));
    expect(white - black).toBeGreaterThanOrEqual(10 * sigma);
    expect(displayLimits({ data: new Float32Array(9).fill(NaN) })).toEqual({ black: 0, white: 1, sigma: 1 });
    for (const value of [NaN, 7, Infinity])
      expect(stretch({ width: 3, height: 3, data: new Float32Array(9).fill(value) })).toHaveLength(9);
  });

  it('enlarges by whole pixels and reduces to a maximum', async () => {
    expect(await sharp(await renderPng(star(0, 100), { minimum: 240 })).metadata()).toMatchObject({
      width: 248,
      height: 248,
      channels: 1,
    });
    const large = { width: 200, height: 100, data: new Float32Array(20_000) };
    expect(await sharp(await renderPng(large, { maximum: 50 })).metadata()).toMatchObject({ width: 50, height: 25 });
  });
});
