import { describe, expect, it } from '@jest/globals';
import { roundGaussianPsf, seededRandom } from '#libs/algorithms';
import { type Exposure, heapAllocator, makeExposure } from '#libs/image';
import type { DataId, TaskContext } from '#libs/pipeline';
import { cdMatrix, makeTanWcs } from '#libs/sky';
import { ExposureStorage, TableStorage } from '../storage/index.js';
import { assembleTemplate } from '../templates/assemble-template.js';
import { makeWarp } from '../templates/make-warp.js';
import { skymapOf } from '../templates/skymap-config.js';
import { detectAndMeasure } from './detect-and-measure.js';
import { StampStorage } from './difference-storage.js';
import { getTemplate } from './get-template.js';
import { scoreReality } from './score-reality.js';
import { subtractImages } from './subtract-images.js';

const WIDTH = 250;
const HEIGHT = 240;
const SCALE = 0.2;
const ZERO = 2.5; // nJy per electron

function context<C>(config: C, dataId: DataId): TaskContext<C> {
  const silent = (): void => undefined;
  return {
    config,
    dataId,
    allocator: heapAllocator,
    log: { debug: silent, info: silent, warn: silent },
    metric: silent,
    cancelled: silent,
    seed: () => 1,
  };
}

interface SkyStar {
  readonly ra: number;
  readonly dec: number;
  readonly flux: number;
}

/** A calibrated visit: Gaussian stars at sky positions, white sky noise; transients are stars of one visit only. */
function visit(
  centre: SkyStar,
  stars: readonly SkyStar[],
  id: number,
  sigma: number,
  offset: { x: number; y: number },
  angle: number,
): Exposure {
  const wcs = makeTanWcs({
    crvalRaDeg: centre.ra,
    crvalDecDeg: centre.dec,
    cd: cdMatrix(SCALE, angle),
    crpix: { x: WIDTH / 2 + offset.x, y: HEIGHT / 2 + offset.y },
  });
  const exposure = makeExposure(WIDTH, HEIGHT);
  for (const { ra, dec, flux } of stars) {
    const { x, y } = wcs.skyToPixel(ra, dec);
    for (let j = Math.max(0, Math.floor(y - 12)); j <= Math.min(HEIGHT - 1, y + 12); j++)
      for (let i = Math.max(0, Math.floor(x - 12)); i <= Math.min(WIDTH - 1, x + 12); i++)
        exposure.image[j * WIDTH + i]! +=
          (flux * Math.exp((-0.5 * ((i - x) ** 2 + (j - y) ** 2)) / sigma ** 2)) / (2 * Math.PI * sigma ** 2);
  }
  const random = seededRandom(1000 + id);
  for (let p = 0; p < WIDTH * HEIGHT; p++) {
    exposure.variance[p] = 600 + exposure.image[p]!;
    exposure.image[p]! += Math.sqrt(exposure.variance[p]!) * random.normal();
  }
  return {
    ...exposure,
    wcs,
    psf: roundGaussianPsf(sigma),
    photoCalib: { scale: ZERO, scaleErr: 0 },
    info: {
      instrument: 'test',
      visit: BigInt(id),
      detector: 3,
      band: 'r',
      midpointMjdTai: 60000 + id,
      exposureTime: 30,
    },
  };
}

describe.each([
  { name: 'at RA 0', ra: 0, dec: 0.3 },
  { name: 'at dec -60', ra: 123.4, dec: -60 },
])('the difference-imaging Tasks $name', ({ ra, dec }) => {
  const skymap = skymapOf(makeWarp.config.parse({}).skymap);
  const centre = { ra, dec, flux: 0 };
  const frame = makeTanWcs({
    crvalRaDeg: ra,
    crvalDecDeg: dec,
    cd: cdMatrix(SCALE),
    crpix: { x: WIDTH / 2, y: HEIGHT / 2 },
  });
  const random = seededRandom(17);
  const place = (x: number, y: number, flux: number): SkyStar => {
    const sky = frame.pixelToSky(x, y);
    return { ra: sky.raDeg, dec: sky.decDeg, flux };
  };
  const transients = [place(70, 80, 6000), place(210, 90, 4000), place(120, 210, 9000)];
  const stars = Array.from({ length: 60 }, () => ({ x: random.uniform() * 290 - 20, y: random.uniform() * 280 - 20 }))
    .filter(({ x, y }) =>
      [
        [70, 80],
        [210, 90],
        [120, 210],
      ].every(([a, b]) => Math.hypot(x - a!, y - b!) > 18),
    )
    .map(({ x, y }) => place(x, y, 3000 * 10 ** (1.2 * random.uniform())));
  const offsets = [
    { x: 3.3, y: -4.1 },
    { x: -6.7, y: 2.9 },
    { x: 0.4, y: 7.6 },
  ];

  it('give the injected transients back: positions, fluxes in nJy, scores, ids, stamps', async () => {
    // patches of 4200 px are much for a test: a finer tiling, and several patches under the detector
    const settings = { ...skymap.config, patchInnerPx: 260, patchBorderPx: 10 };
    const fine = skymapOf(settings);
    const corners = [
      [0, 0],
      [WIDTH, 0],
      [WIDTH, HEIGHT],
      [0, HEIGHT],
    ].map(([x, y]) => frame.pixelToSky(x!, y!));
    const coadds: { dataId: DataId; get: () => Promise<Exposure> }[] = [];
    const visits = offsets.map((offset, k) => visit(centre, stars, k + 1, 1.7 + 0.1 * k, offset, 5 * k));
    for (const { tract, patch } of fine.findTractsPatches(corners)) {
      const warps: { dataId: DataId; get: () => Promise<Exposure> }[] = [];
      for (const [k, calexp] of visits.entries()) {
        const dataId = { visit: String(k + 1), detector: 3, tract, patch };
        try {
          const config = makeWarp.config.parse({ skymap: settings });
          const { warp } = await makeWarp.run({ calexp }, context(config, dataId));
          warps.push({ dataId, get: () => Promise.resolve(warp) });
        } catch (error) {
          expect(error).toMatchObject({ kind: 'noWork', code: 'NO_OVERLAP' });
        }
      }
      if (warps.length === 0) continue;
      const dataId = { tract, patch, band: 'r' };
      const { template } = await assembleTemplate.run({ warps }, context(assembleTemplate.config.parse({}), dataId));
      // through its file form, as between two jobs
      const bytes = await ExposureStorage.encode(template);
      coadds.push({ dataId, get: async () => ExposureStorage.decode(bytes) });
    }
    const dataId = { visit: '9', detector: 3, band: 'r' };
    const science = visit(centre, [...stars, ...transients], 9, 2.1, { x: 0, y: 0 }, 0);
    const { template } = await getTemplate.run(
      { calexp: science, coadds },
      context(getTemplate.config.parse({}), dataId),
    );
    const { difference, kernel } = await subtractImages.run(
      { science, template },
      context(subtractImages.config.parse({}), dataId),
    );
    expect(Math.abs(kernel.sum - 1)).toBeLessThan(0.02);
    const measured = await detectAndMeasure.run(
      { science, template, difference },
      context(detectAndMeasure.config.parse({}), dataId),
    );
    const { scored } = await scoreReality.run(
      { diaSource: measured.diaSource, features: measured.features },
      context(scoreReality.config.parse({}), dataId),
    );
    const table = await TableStorage.decode(await TableStorage.encode(scored));
    const rows = Array.from({ length: table.rowCount }, (_, row) => table.row(row));
    const reliable = rows.filter((row) => Number(row['reliability']) >= 0.5);
    expect(reliable).toHaveLength(3);
    for (const { ra: trueRa, dec: trueDec, flux } of transients) {
      const row = reliable.find(
        (candidate) =>
          Math.hypot(
            (((Number(candidate['ra']) - trueRa + 540) % 360) - 180) * Math.cos((trueDec * Math.PI) / 180),
            Number(candidate['dec']) - trueDec,
          ) *
            3600 <
          0.1,
      );
      expect(row).toBeDefined();
      const err = Number(row!['psfFluxErr']);
      expect(Math.abs(Number(row!['psfFlux']) - flux * ZERO)).toBeLessThan(4 * err);
      expect(Number(row!['scienceFlux'])).toBeGreaterThan(0.8 * flux * ZERO);
      expect(row).toMatchObject({ isDipole: false, isNegative: false, visit: 9n, detector: 3, band: 'r' });
    }
    const stamps = await StampStorage.decode(await StampStorage.encode(measured.stamps));
    expect(stamps).toEqual(measured.stamps);
    expect(stamps[0]!.diaSourceId).toBe(measured.diaSource.data('diaSourceId', 'long')[0]);
  }, 60_000);

  it('say NO_TEMPLATE where there is none', async () => {
    const science = visit(centre, [], 9, 2, { x: 0, y: 0 }, 0);
    await expect(
      Promise.resolve(
        getTemplate.run(
          { calexp: science, coadds: [] },
          context(getTemplate.config.parse({}), { visit: '9', detector: 3, band: 'r' }),
        ),
      ),
    ).rejects.toMatchObject({ kind: 'noWork', code: 'NO_TEMPLATE' });
  });
});
