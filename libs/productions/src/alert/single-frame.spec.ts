// isr, combineSnaps and characterize as Tasks on raw snaps made here: stars, sky, bias, flat, gain, two snaps, a cosmic ray.

import { describe, expect, it } from '@jest/globals';
import { Header } from '#libs/fits';
import { heapAllocator, makeExposure, MaskBit } from '#libs/image';
import { almagestCam, cutAmplifier, type RawFrame } from '#libs/instruments';
import { TaskFailure, type TaskContext } from '#libs/pipeline';
import { seededRandom } from '#libs/algorithms';
import { characterize } from './characterize.js';
import { combineSnaps } from './combine-snaps.js';
import { isr } from './isr.js';

const SIZE = 256;
const camera = almagestCam({ size: SIZE });
const detector = camera.detectors[0]!;
const sky = 150;
const stars = Array.from({ length: 25 }, (_, i) => ({
  x: 30 + 47 * (i % 5) + 0.37 * i,
  y: 28 + 46 * Math.floor(i / 5) + 0.21 * i,
  flux: 6000 + 900 * i,
}));

function rawSnap(snap: number): RawFrame {
  const random = seededRandom(100 + snap);
  const electrons = new Float32Array(SIZE * SIZE);
  for (let k = 0; k < electrons.length; k++) {
    const [x, y] = [k % SIZE, Math.floor(k / SIZE)];
    let light = sky;
    for (const star of stars) {
      const r2 = (x - star.x) ** 2 + (y - star.y) ** 2;
      if (r2 < 200) light += (star.flux / (2 * Math.PI * 2.5)) * Math.exp(-0.5 * (r2 / 2.5));
    }
    electrons[k] = random.poisson(light * response(k));
  }
  if (snap === 1) electrons[200 * SIZE + 77]! += 4000;
  const amplifiers = detector.amplifiers.map((amplifier) => {
    const { width, height } = amplifier.rawBox;
    const data = new Float32Array(width * height);
    cutAmplifier(electrons, SIZE, amplifier, data, width);
    for (let i = 0; i < data.length; i++)
      data[i] = Math.round(data[i]! / amplifier.gain + 1000 + (amplifier.readNoise / amplifier.gain) * random.normal());
    return { amplifier: { ...amplifier, crosstalk: [] }, width, height, data, header: new Header() };
  });
  return {
    description: {
      instrument: camera.name,
      visit: 2026112100001n,
      dayObs: 20261121,
      snap,
      snapCount: 2,
      detector: detector.id,
      kind: 'science',
      band: 'r',
      mjdMidTai: 61365.1 + snap / 4000,
      exposureTime: 15,
    },
    camera,
    detector: { ...detector, defects: [] },
    amplifiers,
    header: new Header(),
  };
}
const response = (k: number): number => 0.95 + 0.1 * ((k % SIZE) / SIZE);

function contextOf<C>(config: C): TaskContext<C> {
  const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined };
  return {
    config,
    dataId: { visit: '2026112100001', detector: detector.id },
    allocator: heapAllocator,
    log: quiet,
    metric: () => undefined,
    cancelled: () => undefined,
    seed: () => 1,
  } as unknown as TaskContext<C>;
}

describe('the single-frame Tasks', () => {
  it('take two raw snaps to sources with the right fluxes and positions', async () => {
    const flat = makeExposure(SIZE, SIZE);
    for (let k = 0; k < SIZE * SIZE; k++) flat.image[k] = response(k);
    const snaps = [];
    for (const snap of [0, 1]) {
      const made = await isr.run(
        { raw: rawSnap(snap), bias: undefined, dark: undefined, flat },
        contextOf(isr.config.parse({})),
      );
      snaps.push({ dataId: { snap }, value: made.exposure });
    }
    const { visitImage, snapDifference } = await combineSnaps.run(
      { snaps: snaps.reverse() },
      contextOf(combineSnaps.config.parse({})),
    );
    expect(visitImage.info?.exposureTime).toBe(30);
    expect(visitImage.mask[200 * SIZE + 77]! & MaskBit.CLIPPED).toBe(MaskBit.CLIPPED);
    expect(snapDifference).toBeDefined();
    const before = visitImage.image.slice();
    const { exposure, sources, background } = await characterize.run(
      { visitImage },
      contextOf(characterize.config.parse({})),
    );
    expect(visitImage.image).toEqual(before);
    expect(exposure.psf).toBeDefined();
    // two snaps of 150 e-; read noise leaves the level alone
    expect(Math.abs(background.globalLevel - 2 * sky)).toBeLessThan(2);
    const [x, y, flux] = ['x', 'y', 'psfInstFlux'].map((name) => sources.data(name, 'double'));
    for (const star of stars) {
      let best = -1;
      for (let i = 0; i < x!.length; i++) if (Math.hypot(x![i]! - star.x, y![i]! - star.y) < 0.3) best = i;
      expect(best).toBeGreaterThanOrEqual(0);
      // S/N of 12,000 e- and more: 80 and more; four sigma and half a percent
      expect(Math.abs(flux![best]! / (2 * star.flux) - 1)).toBeLessThan(0.055);
    }
    expect(sources.rowCount).toBeLessThanOrEqual(stars.length + 2);
  });
  it('fail in the right kinds: no snap is no work, three cannot be combined, an empty image is unprocessable', async () => {
    const config = combineSnaps.config.parse({});
    const kindOf = async (run: () => unknown): Promise<string> => {
      try {
        await run();
        return 'none';
      } catch (error) {
        return error instanceof TaskFailure ? error.kind : 'bug';
      }
    };
    const value = makeExposure(32, 32);
    const snap = (n: number) => ({ dataId: { snap: n }, value });
    expect(await kindOf(() => combineSnaps.run({ snaps: [] }, contextOf(config)))).toBe('noWork');
    expect(await kindOf(() => combineSnaps.run({ snaps: [snap(0), snap(1), snap(2)] }, contextOf(config)))).toBe(
      'unprocessable',
    );
    expect((await combineSnaps.run({ snaps: [snap(0)] }, contextOf(config))).visitImage).toBe(value);
    value.image.fill(NaN);
    expect(await kindOf(() => characterize.run({ visitImage: value }, contextOf(characterize.config.parse({}))))).toBe(
      'unprocessable',
    );
  });
});
