// Real frames through the command: ingest, run, figures. Truth: the values measured by hand when the frames were collected, the image
// assembled by the LSST pipelines, sqrt(5), and the transient of the SFFT test data at FITS pixel (130, 129).

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFits } from '#libs/fits';
import { almagest, dropDatabase } from './command.js';

const data = process.env['ALMAGEST_TEST_DATA'];

interface Ingested {
  readonly ingested: number;
  readonly refused: number;
  readonly files: readonly { readonly status: string; readonly file: string; readonly code?: string }[];
}
interface Figures {
  readonly amplifierSky: readonly {
    readonly value: {
      readonly amplifiers: readonly { readonly name: string; readonly sky: number }[];
      readonly spread: number;
      readonly seams: readonly { readonly step: number }[];
    };
  }[];
  readonly stacks: readonly {
    readonly value: {
      readonly frames: readonly { readonly matches: number; readonly shiftPx: readonly [number, number] }[];
      readonly hotPixels: number;
      readonly noiseRatio: number;
      readonly fwhmRatio: number;
    };
  }[];
  readonly detections: readonly {
    readonly value: readonly {
      readonly rank: number;
      readonly fitsX: number;
      readonly fitsY: number;
      readonly psfSnr: number;
      readonly reliability: number;
    }[];
  }[];
}
interface RunSummary {
  readonly figures: Figures;
  readonly failures: readonly { readonly reason: string }[];
  readonly leftOut: readonly unknown[];
  readonly files: readonly string[];
  readonly visits: readonly string[];
  readonly sets?: { readonly template: readonly string[]; readonly science: readonly string[] };
}

describe('real frames from the command line', () => {
  if (!data) {
    it('are not run without ALMAGEST_TEST_DATA', () => {
      process.stdout.write('not run: 5 tests need ALMAGEST_TEST_DATA\n');
      expect(data).toBeUndefined();
    });
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'almagest-real-'));
  const dataDir = join(folder, 'data');
  const run = (...args: string[]) => almagest<RunSummary>(['run', ...args], dataDir);
  let raw: Awaited<ReturnType<typeof almagest<Ingested>>>;
  let calibrated: typeof raw;

  beforeAll(async () => {
    const at = (path: string): string => join(data, path);
    raw = await almagest<Ingested>(
      [
        'ingest',
        at('1_raw_ccd/lco_sinistro_mef_raw'),
        at('1_raw_ccd/lsst_itl_amp_assembly/itl_spot.fits.gz'),
        at('3_coadd_astrometry/m13_amateur_dithers'),
        at('2_difference/sfft_decam_10exp/input_data/DEC-OBS04a.mini.fits.gz'),
      ],
      dataDir,
    );
    calibrated = await almagest<Ingested>(
      ['ingest', '--stage', 'calibrated', at('2_difference/sfft_decam_10exp/input_data')],
      dataDir,
    );
  });
  afterAll(async () => {
    await dropDatabase(dataDir);
    rmSync(folder, { recursive: true, force: true });
  });

  it('are taken in, and what is not a frame of that stage is refused with a code while the rest goes on', () => {
    expect(raw.exitCode).toBe(1);
    expect(raw.summary).toMatchObject({ ingested: 7, refused: 1 });
    expect(raw.summary.files.find(({ status }) => status === 'refused')).toMatchObject({ code: 'STAGE_MISMATCH' });
    expect(raw.lines).toContain('take it in with --stage calibrated');
    // beside the ten exposures lie nine convolution kernels
    expect(calibrated.exitCode).toBe(1);
    expect(calibrated.summary).toMatchObject({ ingested: 10, refused: 9 });
    expect(
      calibrated.summary.files
        .filter(({ code }) => code === 'UNKNOWN_INSTRUMENT')
        .every(({ file }) => /Kernel/.test(file)),
    ).toBe(true);
  });

  it('LCO Sinistro: four amplifiers to one detector, sky equal within 2 %', async () => {
    const out = join(folder, 'lco');
    const { summary, exitCode } = await run('assemble', '--instrument', 'LCOSinistro', '--out', out);
    expect(exitCode).toBe(0);
    const { amplifiers, spread, seams } = summary.figures.amplifierSky[0]!.value;
    expect(amplifiers).toHaveLength(4);
    // by hand 1920, 1906, 1894, 1884 e-, from medians of whole counts, stars included: 1 ADU is 0.3 %, the stars some more
    [1920, 1906, 1894, 1884].forEach((sky, k) => expect(Math.abs(amplifiers[k]!.sky / sky - 1)).toBeLessThan(0.015));
    expect(spread).toBeLessThan(0.02);
    // a flip or a level that is wrong makes steps of many per cent; the gains of the header are good to about 1 %
    expect(seams).toHaveLength(4);
    for (const { step } of seams) expect(Math.abs(step)).toBeLessThan(0.03);
    const file = await openFits(
      join(
        out,
        summary.files.find((name) => name.startsWith('postIsr'))!,
      ),
    );
    const { data: image, shape } = await file.hdu('IMAGE').readImageAsFloat32();
    await file.close();
    expect(shape).toEqual([1024, 1024]);
    expect(image.every(Number.isFinite)).toBe(true);
  });

  it('LSST ITL: sixteen segments assembled, every pixel that of the LSST pipelines', async () => {
    const out = join(folder, 'itl');
    const settings = ['isr.config.overscan.fit=none', 'isr.config.doInterpolate=false'];
    const { summary, exitCode } = await run(
      'assemble',
      '--instrument',
      'LSSTCam',
      '--out',
      out,
      ...settings.flatMap((setting) => ['--config', setting]),
    );
    expect(exitCode).toBe(0);
    const made = await openFits(
      join(
        out,
        summary.files.find((name) => name.startsWith('postIsr'))!,
      ),
    );
    const { data: image } = await made.hdu('IMAGE').readImageAsFloat32();
    await made.close();
    const truth = await openFits(join(data, '1_raw_ccd/lsst_itl_amp_assembly/itl_expected_assembled.fits.gz'));
    const { data: expected } = await truth.hdu(0).readImageAsFloat32();
    await truth.close();
    expect(expected).toHaveLength(4072 * 4000);
    let mismatches = 0;
    for (let p = 0; p < expected.length; p++) if (image[p] !== expected[p]) mismatches++;
    expect(mismatches).toBe(0);
  });

  it('M13: five frames aligned by their stars; noise falls as sqrt(5), the PSF stays', async () => {
    const { summary, exitCode } = await run('stack', '--instrument', 'Orion-SSDSI');
    expect(exitCode).toBe(0);
    const { frames, hotPixels, noiseRatio, fwhmRatio } = summary.figures.stacks[0]!.value;
    expect(frames).toHaveLength(5);
    // no guiding: the field drifts by some 11 px from frame to frame, the hot pixels do not
    const shifts = frames.map(({ shiftPx }) => shiftPx[0]).sort((a, b) => a - b);
    expect(shifts.at(-1)! - shifts[0]!).toBeGreaterThan(30);
    expect(hotPixels).toBeGreaterThan(20);
    expect(Math.abs(noiseRatio / Math.sqrt(5) - 1)).toBeLessThan(0.1);
    expect(fwhmRatio).toBeLessThanOrEqual(1.1);
  });

  it('DECam: five exposures of 2016 as template for five of 2018 show the transient, first of all', async () => {
    const out = join(folder, 'decam');
    const { summary, exitCode } = await run('difference', '--instrument', 'DECam', '--out', out);
    expect(exitCode).toBe(0);
    expect(summary.sets!.template).toHaveLength(5);
    expect(summary.sets!.template.every((visit) => visit.startsWith('2016'))).toBe(true);
    expect(summary.sets!.science.every((visit) => visit.startsWith('2018'))).toBe(true);
    const detections = summary.figures.detections[0]!.value;
    const transient = detections.find(({ fitsX, fitsY }) => Math.hypot(fitsX - 130, fitsY - 129) < 1);
    expect(transient).toBeDefined();
    expect(transient!.psfSnr).toBeGreaterThanOrEqual(15);
    expect(transient!.rank).toBe(1);
    expect(transient!.reliability).toBeGreaterThan(0.5);
    expect(detections.length).toBeLessThan(10);
    expect(readdirSync(out).some((name) => /^stackDifference_.*\.fits$/.test(name))).toBe(true);
  });
});
