// Real and reference frames from other observatories. Truth: the values measured when the frames were collected, and the image
// assembled by the LSST pipelines.

import { afterAll, describe, expect, it } from '@jest/globals';
import { openFits } from '#libs/fits';
import { describeFrame, pasteAmplifier, rawFrameStorageClass, readCalibrated, readRaw } from './index.js';

const data = process.env['ALMAGEST_TEST_DATA'];
let notRun = 0;
const withData = (name: string, test: (folder: string) => Promise<void>): void => {
  it(name, async () => {
    if (data) await test(data);
    else notRun += 1;
  });
};
afterAll(() => {
  if (notRun > 0) process.stdout.write(`not run: ${notRun} tests need ALMAGEST_TEST_DATA\n`);
});

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

describe('frames of real cameras', () => {
  withData(
    'the ITL segments pasted by the described geometry equal the assembled image in every pixel',
    async (folder) => {
      const frame = await readRaw(`${folder}/1_raw_ccd/lsst_itl_amp_assembly/itl_spot.fits.gz`);
      expect(frame.amplifiers).toHaveLength(16);
      expect(frame.description).toMatchObject({ instrument: 'LSSTCam', detector: 11, visit: 2019110102212n });
      const { width, height } = frame.detector;
      const assembled = new Float32Array(width * height).fill(NaN);
      for (const { amplifier, data: raw, width: rawWidth } of frame.amplifiers)
        pasteAmplifier(raw, rawWidth, amplifier, assembled, width);
      const truth = await openFits(`${folder}/1_raw_ccd/lsst_itl_amp_assembly/itl_expected_assembled.fits.gz`);
      const { data: expected } = await truth.hdu(0).readImageAsFloat32();
      await truth.close();
      expect(expected).toHaveLength(4072 * 4000);
      let mismatches = 0;
      for (let i = 0; i < expected.length; i++) if (assembled[i] !== expected[i]) mismatches += 1;
      expect(mismatches).toBe(0);
    },
  );

  withData(
    'the Sinistro quadrants: overscan and sky as measured by hand, sky equal in electrons within 2 %',
    async (folder) => {
      const frame = await readRaw(`${folder}/1_raw_ccd/lco_sinistro_mef_raw/mef_raw_test_frame.fits`);
      expect(frame.detector).toMatchObject({ width: 1024, height: 1024 });
      expect(frame.description).toMatchObject({ kind: 'science', band: 'w', visit: 2021100700042n });
      // truth by hand: middle of UTSTART 01:55:17.144 and UTSTOP 01:56:52.119, plus 37 s (the file's MJD-OBS is 4.4 s early)
      expect(frame.description.mjdMidTai).toBeCloseTo(59495 + (3600 + 56 * 60 + 4.6315 + 37) / 86400, 8);
      const bias: number[] = [];
      const sky: number[] = [];
      for (const { amplifier, data: raw, width } of frame.amplifiers) {
        const values = (box: typeof amplifier.dataSection): number[] => {
          const list: number[] = [];
          for (let y = box.y0; y < box.y0 + box.height; y++)
            for (let x = box.x0; x < box.x0 + box.width; x++) list.push(raw[y * width + x]!);
          return list;
        };
        bias.push(median(values(amplifier.biasSection!)));
        sky.push((median(values(amplifier.dataSection)) - bias.at(-1)!) * amplifier.gain);
      }
      expect(bias).toEqual([2522, 2560, 2553, 2582]);
      expect(Math.max(...sky) / Math.min(...sky)).toBeLessThan(1.02);
      // quadrants 1 and 2 exchange 5e-4 and 6e-4 of their signal
      expect(frame.amplifiers[1]!.amplifier.crosstalk).toEqual([0.00053, 0, 0, 0]);
      const boxes = frame.amplifiers.map(({ amplifier }) => amplifier.detectorBox);
      expect(new Set(boxes.map(({ x0, y0 }) => `${x0},${y0}`)).size).toBe(4);
    },
  );

  withData('an amateur frame: pedestal as bias level, no overscan, one visit number per exposure', async (folder) => {
    const visits = new Set<bigint>();
    for (const n of [1, 2, 3, 4, 5]) {
      const { description, detector } = await describeFrame(
        `${folder}/3_coadd_astrometry/m13_amateur_dithers/M13_blue_000${n}.fits.gz`,
      );
      visits.add(description.visit);
      expect(detector).toMatchObject({ width: 1392, height: 1040 });
      expect(detector.amplifiers[0]).toMatchObject({ biasLevel: 500 });
      expect(detector.amplifiers[0]!.biasSection).toBeUndefined();
      expect(description).toMatchObject({ kind: 'science', exposureTime: 5 });
    }
    expect(visits.size).toBe(5);
    expect([...visits].every((visit) => visit < 2n ** 41n)).toBe(true);
  });

  withData(
    'ten DECam stamps: their own exposure times, not that of the common grid; a variance that fits the noise',
    async (folder) => {
      const visits = new Map<string, bigint>();
      for (const night of ['04', '18'])
        for (const letter of ['a', 'b', 'c', 'd', 'e']) {
          const name = `${night}${letter}`;
          const exposure = await readCalibrated(
            `${folder}/2_difference/sfft_decam_10exp/input_data/DEC-OBS${name}.mini.fits.gz`,
          );
          visits.set(name, exposure.info!.visit);
          expect(exposure).toMatchObject({
            width: 256,
            height: 256,
            info: { instrument: 'DECam', detector: 37, band: 'i' },
          });
          // centre of the stamp, known to lie at the transient: RA 318.10828, Dec -66.01573 at 0-based (130, 129)
          const sky = exposure.wcs!.pixelToSky(130, 129);
          expect(Math.abs(sky.raDeg - 318.10828) * Math.cos(1.1522) * 3600).toBeLessThan(0.6);
          expect(Math.abs(sky.decDeg + 66.01573) * 3600).toBeLessThan(0.6);
          const good = [...exposure.image].filter((_, i) => exposure.mask[i] === 0);
          const middle = median([...good]);
          const mad = 1.4826 * median(good.map((value) => Math.abs(value - middle)));
          const expected = Math.sqrt(median([...exposure.variance].filter(Number.isFinite)));
          // Lanczos resampling smooths the noise by some per cent; anything else means a wrong unit
          expect(mad / expected).toBeGreaterThan(0.75);
          expect(mad / expected).toBeLessThan(1.15);
        }
      expect(new Set(visits.values()).size).toBe(10);
      expect([...visits].filter(([name]) => name.startsWith('18')).every(([, visit]) => visit < 2017000000000n)).toBe(
        true,
      );
    },
  );

  withData('a raw frame survives its storage class', async (folder) => {
    const frame = await readRaw(`${folder}/1_raw_ccd/lco_sinistro_mef_raw/mef_raw_test_frame.fits`);
    const again = await rawFrameStorageClass.decode(await rawFrameStorageClass.encode(frame));
    expect(again.description.visit).toBe(frame.description.visit);
    expect(again.amplifiers.map(({ amplifier }) => amplifier)).toEqual(
      frame.amplifiers.map(({ amplifier }) => amplifier),
    );
    expect(again.amplifiers[3]!.data).toEqual(frame.amplifiers[3]!.data);
  });

  withData('a single CCD with overscan: sections of the header, sky and bias as measured by hand', async (folder) => {
    const frame = await readRaw(`${folder}/1_raw_ccd/saao_ste3_raw/a8280271.fits`);
    expect(frame.detector).toMatchObject({ width: 512, height: 520 });
    expect(frame.amplifiers[0]!.amplifier).toMatchObject({
      gain: 1.9,
      readNoise: 5,
      biasSection: { x0: 3, y0: 0, width: 10, height: 520 },
    });
  });
});
