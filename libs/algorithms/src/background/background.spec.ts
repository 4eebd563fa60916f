import { describe, expect, it } from '@jest/globals';
import { openFits } from '#libs/fits';
import { seededRandom } from '../numeric/index.js';
import {
  BackgroundConfig,
  estimateBackground,
  evaluateBackground,
  evaluateBackgroundRms,
  restoreBackground,
  subtractBackground,
} from './index.js';

const data = process.env.ALMAGEST_TEST_DATA;
if (!data) console.log('not run: 1 test needs ALMAGEST_TEST_DATA');

describe('estimateBackground', () => {
  it('follows a smooth sky: within 5 standard errors of a cell everywhere', () => {
    const [width, height] = [300, 260];
    const random = seededRandom(3);
    const sky = (x: number, y: number): number => 500 + 0.1 * x + 30 * Math.cos(y / 90);
    const image = Float32Array.from({ length: width * height }, (_, k) => {
      return sky(k % width, Math.floor(k / width)) + 10 * random.normal();
    });
    const model = estimateBackground(
      { width, height, data: image },
      BackgroundConfig.parse({ meshSize: 32, filterSize: 1 }),
    );
    const level = evaluateBackground(model);
    // standard error of a cell: 10 / 32 = 0.31; curvature within a cell: 30 / 90^2 x 32^2 / 24 = 0.16
    for (let y = 20; y < height - 20; y += 7)
      for (let x = 20; x < width - 20; x += 7)
        expect(Math.abs(level[y * width + x]! - sky(x, y))).toBeLessThan(5 * 0.31 + 0.3);
    expect(Math.abs(model.globalRms - 10)).toBeLessThan(0.4);
  });
  it('is not moved by masked sources and fills cells that are all masked', () => {
    const n = 128;
    const image = new Float32Array(n * n).fill(100);
    const mask = new Int32Array(n * n);
    for (let y = 0; y < 64; y++)
      for (let x = 0; x < 64; x++) {
        image[y * n + x] = 5000;
        mask[y * n + x] = 32;
      }
    const model = estimateBackground(
      { width: n, height: n, data: image },
      BackgroundConfig.parse({ meshSize: 32 }),
      mask,
      32,
    );
    expect(Math.max(...model.level)).toBe(100);
  });
  it('restores the image after subtraction to float rounding, also from JSON text', () => {
    const n = 96;
    const random = seededRandom(9);
    const image = Float32Array.from({ length: n * n }, () => 1000 + 20 * random.normal());
    const before = image.slice();
    const model = estimateBackground({ width: n, height: n, data: image }, BackgroundConfig.parse({ meshSize: 32 }));
    subtractBackground(image, model);
    restoreBackground(image, JSON.parse(JSON.stringify(model)) as typeof model);
    for (let i = 0; i < image.length; i++) expect(Math.abs(image[i]! - before[i]!)).toBeLessThan(2e-4);
  });
  it('has an error for an image without usable pixels', () => {
    const plane = { width: 32, height: 32, data: new Float32Array(1024).fill(NaN) };
    expect(() => estimateBackground(plane, BackgroundConfig.parse({}))).toThrow(/enough unmasked pixels/);
  });
  if (data)
    it('equals SExtractor 2.8.6 on a real image: level to 5e-5 (0.5 % of the noise), scatter to 5e-4', async () => {
      const read = async (name: string) => {
        const file = await openFits(`${data}/3_coadd_astrometry/sep_sextractor/${name}`);
        const image = await file.hdus.find((hdu) => hdu.shape.length === 2)!.readImageAsFloat32();
        await file.close();
        return image;
      };
      const [image, back, rms] = [await read('image.fits'), await read('back.fits'), await read('rms.fits')];
      const [width, height] = image.shape as [number, number];
      const model = estimateBackground(
        { width, height, data: image.data },
        BackgroundConfig.parse({ meshSize: 64, statistic: 'mode' }),
      );
      const level = evaluateBackground(model);
      const scatter = evaluateBackgroundRms(model);
      let worstLevel = 0;
      let worstScatter = 0;
      for (let i = 0; i < level.length; i++) {
        worstLevel = Math.max(worstLevel, Math.abs(level[i]! / back.data[i]! - 1));
        worstScatter = Math.max(worstScatter, Math.abs(scatter[i]! / rms.data[i]! - 1));
      }
      expect(worstLevel).toBeLessThan(5e-5);
      expect(worstScatter).toBeLessThan(5e-4);
    });
});
