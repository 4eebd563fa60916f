import { describe, expect, it } from '@jest/globals';
import { Header } from '#libs/fits';
import { wcsFromHeader } from '#libs/sky';
import {
  decodeExposure,
  encodeExposure,
  makeExposure,
  MaskBit,
  registerPsfModel,
  restorePsf,
  type Exposure,
  type Psf,
} from './index.js';

const toy = (width: number): Psf => ({
  size: 1,
  stamp: () => ({ width: 1, height: 1, data: Float32Array.of(1) }),
  kernel: () => ({ width: 1, height: 1, data: Float32Array.of(1) }),
  shape: () => ({ xx: width, yy: width, xy: 0 }),
  toJSON: () => ({ model: 'toy', width }),
});
registerPsfModel('toy', (record) => toy(record.width as number));

describe('the FITS form of an exposure', () => {
  it('returns every bit: pixels with NaN and infinities, mask, facts, WCS, PSF, 64-bit visit', async () => {
    const planes = makeExposure(7, 5);
    for (let i = 0; i < 35; i++) {
      planes.image[i] = Math.fround(Math.sin(i) * 10 ** (i % 9));
      planes.variance[i] = i;
      planes.mask[i] = i * 3;
    }
    planes.image[3] = NaN;
    planes.variance[4] = Infinity;
    planes.mask[6] = MaskBit.HIGH_VARIANCE;
    const wcs = wcsFromHeader(
      Header.of({
        CTYPE1: 'RA---TAN',
        CTYPE2: 'DEC--TAN',
        CRPIX1: 3,
        CRPIX2: 2,
        CRVAL1: 359.99,
        CRVAL2: -60,
        CD1_1: -1e-4,
        CD1_2: 1e-6,
        CD2_1: 2e-6,
        CD2_2: 1e-4,
      }),
    );
    const exposure: Exposure = {
      ...planes,
      wcs,
      psf: toy(2.5),
      xy0: { x: 100, y: -3 },
      photoCalib: { scale: 0.1 + 0.2, scaleErr: 1e-5 },
      info: {
        instrument: 'T',
        visit: 2n ** 60n + 1n,
        detector: 3,
        band: 'r',
        midpointMjdTai: 61000.123456789,
        exposureTime: 30,
      },
      metadata: { SEEING: 1.25, note: 'two words', ok: true, OBSERVER: 'Åsa' },
    };
    const back = await decodeExposure(encodeExposure(exposure));
    expect(back.image).toEqual(exposure.image);
    expect(back.mask).toEqual(exposure.mask);
    expect(back.variance).toEqual(exposure.variance);
    for (const key of ['xy0', 'photoCalib', 'info', 'metadata'] as const) expect(back[key]).toEqual(exposure[key]);
    expect(back.psf!.shape(0, 0).xx).toBe(2.5);
    expect(back.wcs!.pixelToSky(6, 4)).toEqual(wcs.pixelToSky(6, 4));
  });
  it('reads an exposure without extras, and says what a file lacks', async () => {
    const bare = await decodeExposure(encodeExposure(makeExposure(2, 2)));
    expect(bare.psf ?? bare.wcs ?? bare.info).toBeUndefined();
    const { encodeFits } = await import('#libs/fits');
    const file = encodeFits([{ kind: 'image', shape: [1, 1], data: new Float32Array(1) }]);
    await expect(decodeExposure(file)).rejects.toThrow(/no IMAGE extension/);
  });
});

describe('restorePsf', () => {
  it('names the models it knows when asked for another', () => {
    expect(() => restorePsf({ model: 'unheard' })).toThrow(/"unheard"; known: .*toy/);
  });
});
