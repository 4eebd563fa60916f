// Truth: effects put in here by their formulas and taken out again (the way of LSST's isrMock), and real frames.

import { describe, expect, it } from '@jest/globals';
import { gunzipSync } from 'node:zlib';
import { readFile } from 'node:fs/promises';
import { openFits } from '#libs/fits';
import { makeExposure, MaskBit, type Exposure } from '#libs/image';
import { readRaw } from '#libs/instruments';
import { median, seededRandom } from '../numeric/index.js';
import {
  assembleDetector,
  combineFrames,
  CombineConfig,
  correctCrosstalk,
  fitOverscan,
  growMask,
  interpolatePixels,
  IsrConfig,
  makeMasterFlat,
  removeInstrumentSignature,
  type RawAmplifier,
} from './index.js';

const data = process.env.ALMAGEST_TEST_DATA;
if (!data) console.log('not run: 2 tests need ALMAGEST_TEST_DATA');

const [W, H] = [40, 30];
/** two amplifiers side by side, the second read backwards in both axes; 4 prescan and 12 overscan columns */
const amplifierOf = (index: number, crosstalk?: number[]) => ({
  name: `A${index}`,
  dataSection: { x0: 4, y0: 0, width: W, height: H },
  biasSection: { x0: 4 + W, y0: 0, width: 12, height: H },
  detectorBox: { x0: index * W, y0: 0, width: W, height: H },
  flipX: index === 1,
  flipY: index === 1,
  gain: 1.5 + 0.2 * index,
  readNoise: 5,
  saturation: 30000,
  ...(crosstalk && { crosstalk }),
});

/** raw arrays [ADU] of a detector image [e-], with bias level per row and crosstalk */
function toRaw(electrons: (x: number, y: number) => number, crosstalk = 0): RawAmplifier[] {
  const width = 4 + W + 12;
  const amplifiers = [0, 1].map((i) =>
    amplifierOf(i, crosstalk ? [i === 0 ? 0 : crosstalk, i === 1 ? 0 : crosstalk] : undefined),
  );
  const signals = amplifiers.map((amplifier) =>
    Float64Array.from({ length: W * H }, (_, k) => {
      const [u, v] = [k % W, Math.floor(k / W)];
      const x = amplifier.detectorBox.x0 + (amplifier.flipX ? W - 1 - u : u);
      const y = amplifier.flipY ? H - 1 - v : v;
      return electrons(x, y) / amplifier.gain;
    }),
  );
  return amplifiers.map((amplifier, a) => {
    const pixels = new Float32Array(width * H);
    for (let v = 0; v < H; v++)
      for (let u = 0; u < width; u++) {
        const inside = u >= 4 && u < 4 + W;
        const k = v * W + u - 4;
        pixels[v * width + u] =
          1000 + 100 * a + 0.5 * v + (inside ? signals[a]![k]! + crosstalk * signals[1 - a]![k]! : 0);
      }
    return { amplifier, pixels, width };
  });
}
const scene = (x: number, y: number): number => 200 + 3 * x + 2 * y + (x === 25 && y === 12 ? 9000 : 0);
const exact = IsrConfig.parse({ overscan: { smoothRows: 0 } });

describe('assembleDetector', () => {
  it('undoes flips, gain, per-row bias and crosstalk to float rounding', () => {
    const { exposure } = assembleDetector(toRaw(scene, 2e-3), 2 * W, H, exact);
    for (let y = 0; y < H; y++)
      for (let x = 0; x < 2 * W; x++)
        expect(Math.abs(exposure.image[y * 2 * W + x]! / scene(x, y) - 1)).toBeLessThan(2e-6);
  });
  it('leaves NO_DATA where no amplifier is, and marks saturation and NaN', () => {
    const raw = toRaw((x, y) => (x === 5 && y === 5 ? 60000 : x === 6 && y === 8 ? NaN : 100));
    const { exposure, amplifiers } = assembleDetector(raw, 2 * W + 3, H, exact);
    const at = (x: number, y: number): number => exposure.mask[y * exposure.width + x]!;
    expect(at(2 * W + 1, 3)).toBe(MaskBit.NO_DATA);
    expect(at(5, 5)).toBe(MaskBit.SAT);
    expect(at(6, 8)).toBe(MaskBit.UNMASKEDNAN);
    expect(amplifiers[0]!.saturatedPixels).toBe(1);
  });
  it('refuses raw arrays that are too small', () => {
    const raw = toRaw(scene);
    expect(() => assembleDetector([{ ...raw[0]!, pixels: raw[0]!.pixels.slice(0, 100) }], 2 * W, H, exact)).toThrow(
      /too small/,
    );
  });
});

describe('fitOverscan', () => {
  it('is not fooled by the trail of a bright star in the overscan', () => {
    const raw = toRaw(() => 100)[0]!;
    const random = seededRandom(4);
    const pixels = raw.pixels.map((value) => value + 3 * random.normal());
    for (let u = 4 + W; u < 4 + W + 6; u++) pixels[15 * raw.width + u]! += 4000 / (u - 3 - W);
    const fit = fitOverscan(pixels, raw.width, raw.amplifier, exact.overscan);
    // twelve columns less two skipped and six with the trail: standard error 3 / sqrt(4..10)
    expect(Math.abs(fit.rows[15]! - (1000 + 7.5))).toBeLessThan(4);
    expect(Math.abs(fit.noise - 3)).toBeLessThan(2);
  });
});

describe('correctCrosstalk', () => {
  it('inverts (1 + C) exactly, for four channels', () => {
    const random = seededRandom(8);
    const truth = [0, 1, 2, 3].map(() => Float32Array.from({ length: 50 }, () => 1000 * random.uniform()));
    const matrix = [0, 1, 2, 3].map((a) => [0, 1, 2, 3].map((b) => (a === b ? 0 : 1e-3 * (1 + a - 0.5 * b))));
    const mixed = truth.map((own, a) =>
      own.map((value, i) => value + truth.reduce((sum, other, b) => sum + matrix[a]![b]! * other[i]!, 0)),
    );
    correctCrosstalk(mixed, matrix);
    mixed.forEach((signal, a) =>
      signal.forEach((value, i) => expect(Math.abs(value - truth[a]![i]!)).toBeLessThan(3e-4)),
    );
  });
});

describe('removeInstrumentSignature', () => {
  it('is the inverse of flat, dark and bias, and keeps the variance of the photons', () => {
    const [width, height] = [2 * W, H];
    const bias = makeExposure(width, height);
    const dark = makeExposure(width, height);
    const flat = makeExposure(width, height);
    for (let i = 0; i < width * height; i++) {
      bias.image[i] = 3 + (i % 7);
      dark.image[i] = 0.1 * (i % 5);
      flat.image[i] = 0.9 + 0.02 * (i % 11);
    }
    const raw = toRaw((x, y) => {
      const i = y * width + x;
      return scene(x, y) * flat.image[i]! + 20 * dark.image[i]! + bias.image[i]!;
    });
    const { exposure } = removeInstrumentSignature(
      { width, height, amplifiers: raw, darkTime: 20, defects: [{ x0: 30, y0: 10, width: 2, height: 3 }] },
      { bias, dark, flat },
      exact,
    );
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const i = y * width + x;
        if ((exposure.mask[i]! & MaskBit.BAD) !== 0) continue;
        expect(Math.abs(exposure.image[i]! / scene(x, y) - 1)).toBeLessThan(1e-5);
        const photons = scene(x, y) * flat.image[i]! + 20 * dark.image[i]!;
        expect(exposure.variance[i]! / ((photons + 25) / flat.image[i]! ** 2)).toBeCloseTo(1, 4);
      }
    expect(exposure.mask[11 * width + 31]! & MaskBit.INTRP).toBe(MaskBit.INTRP);
    // a linear scene is interpolated exactly
    expect(exposure.image[11 * width + 31]! / scene(31, 11)).toBeCloseTo(1, 3);
  });
  it('makes dead pixels of a dark flat BAD instead of dividing by them', () => {
    const flat = makeExposure(2 * W, H);
    flat.image.fill(1);
    flat.image[100] = 0;
    flat.image[101] = NaN;
    const { exposure } = removeInstrumentSignature(
      { width: 2 * W, height: H, amplifiers: toRaw(scene), darkTime: 1 },
      { flat },
      exact,
    );
    expect(exposure.mask[100]! & exposure.mask[101]! & MaskBit.BAD).toBe(MaskBit.BAD);
    expect(exposure.image.every(Number.isFinite)).toBe(true);
  });
});

describe('masks and interpolation', () => {
  it('grows saturation by one pixel in all directions, cut at the border', () => {
    const exposure = makeExposure(5, 5);
    exposure.mask[0] = MaskBit.SAT;
    exposure.mask[18] = MaskBit.SAT;
    growMask(exposure, MaskBit.SAT, 1);
    expect(exposure.mask.filter((bits) => bits !== 0).length).toBe(4 + 9);
  });
  it('interpolates along the short side of a bad column and leaves an image without good pixels alone', () => {
    const exposure = makeExposure(9, 9);
    for (let i = 0; i < 81; i++) exposure.image[i] = i % 9;
    for (let y = 0; y < 9; y++) {
      exposure.image[y * 9 + 4] = 999;
      exposure.mask[y * 9 + 4] = MaskBit.BAD;
    }
    interpolatePixels(exposure, MaskBit.BAD);
    for (let y = 0; y < 9; y++) expect(exposure.image[y * 9 + 4]).toBeCloseTo(4, 5);
    const dead = makeExposure(4, 4);
    dead.mask.fill(MaskBit.BAD);
    expect(interpolatePixels(dead, MaskBit.BAD)).toBe(0);
  });
});

describe('master calibrations', () => {
  const frame = (level: number, seed: number): Exposure => {
    const random = seededRandom(seed);
    const exposure = makeExposure(20, 20);
    for (let i = 0; i < 400; i++) {
      exposure.image[i] = level + 5 * random.normal();
      exposure.variance[i] = 25;
    }
    return exposure;
  };
  it('average with a variance of sigma^2 / n and without the cosmic ray', () => {
    const frames = Array.from({ length: 9 }, (_, i) => frame(100, i + 1));
    frames[4]!.image[42] = 5000;
    const master = combineFrames(
      frames,
      frames.map(() => 1),
      CombineConfig.parse({}),
    );
    expect(Math.abs(master.image[42]! - 100)).toBeLessThan(5 * (5 / Math.sqrt(8)));
    expect(Math.abs(median(master.variance) - 25 / 9)).toBeLessThan(0.5);
  });
  it('scales flats of different brightness to median 1', () => {
    const flats = [1000, 2000, 4000].map((level) => {
      const exposure = makeExposure(20, 20);
      exposure.image.fill(level).fill(level * 1.2, 200);
      exposure.variance.fill(level);
      return exposure;
    });
    const master = makeMasterFlat(flats, CombineConfig.parse({}));
    expect(master.image[300]! / master.image[10]!).toBeCloseTo(1.2, 5);
    flats[0]!.image.fill(0);
    expect(() => makeMasterFlat(flats, CombineConfig.parse({}))).toThrow(/no light/);
  });
});

if (data)
  describe('real frames', () => {
    const load = async (path: string): Promise<Uint8Array> => {
      const bytes = await readFile(`${data}/${path}`);
      return new Uint8Array(path.endsWith('.gz') ? gunzipSync(bytes) : bytes);
    };
    const detectorOf = (frame: Awaited<ReturnType<typeof readRaw>>) => ({
      width: frame.detector.width,
      height: frame.detector.height,
      amplifiers: frame.amplifiers.map(({ amplifier, data: pixels, width }) => ({ amplifier, pixels, width })),
      defects: frame.detector.defects,
      darkTime: frame.description.exposureTime,
    });
    it('the four amplifiers of an LCO Sinistro frame see the same sky within 2 %', async () => {
      const frame = await readRaw(await load('1_raw_ccd/lco_sinistro_mef_raw/mef_raw_test_frame.fits'));
      const { exposure } = removeInstrumentSignature(detectorOf(frame), {}, IsrConfig.parse({}));
      expect([exposure.width, exposure.height]).toEqual([1024, 1024]);
      const levels = frame.detector.amplifiers.map(({ detectorBox: box }) => {
        const values: number[] = [];
        for (let y = box.y0; y < box.y0 + box.height; y++)
          for (let x = box.x0; x < box.x0 + box.width; x++) values.push(exposure.image[y * exposure.width + x]!);
        return median(values);
      });
      expect(Math.max(...levels) / Math.min(...levels)).toBeLessThan(1.02);
      expect(exposure.mask.every((bits) => (bits & MaskBit.NO_DATA) === 0)).toBe(true);
    });
    it('the sixteen segments of an LSST ITL sensor assemble pixel for pixel', async () => {
      const frame = await readRaw(await load('1_raw_ccd/lsst_itl_amp_assembly/itl_spot.fits.gz'));
      const config = IsrConfig.parse({
        overscan: { fit: 'none' },
        doInterpolate: false,
        doCrosstalk: false,
        doLinearity: false,
        doDefects: false,
      });
      const { exposure } = removeInstrumentSignature(detectorOf(frame), {}, config);
      const file = await openFits(await load('1_raw_ccd/lsst_itl_amp_assembly/itl_expected_assembled.fits.gz'));
      const expected = await file.hdus.find((hdu) => hdu.shape.length === 2)!.readImageAsFloat32();
      expect(expected.shape).toEqual([exposure.width, exposure.height]);
      let different = 0;
      for (let i = 0; i < expected.data.length; i++) if (expected.data[i] !== exposure.image[i]) different++;
      expect(different).toBe(0);
    });
  });
