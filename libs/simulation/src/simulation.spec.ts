import { describe, expect, it } from '@jest/globals';
import { openFits } from '#libs/fits';
import { ALMAGEST_FULL_WELL, almagestCam, pasteAmplifier, readRaw } from '#libs/instruments';
import { angularSeparationDeg } from '#libs/sky';
import { bleed } from './detector-model.js';
import { deVaucouleursRadius, drawSources, exponentialRadius, galaxyPoints, type SceneSource } from './scene.js';
import {
  addPointSource,
  encodeVisitFrame,
  enclosedFlux,
  makeMoffat,
  nominalWcs,
  orbitCatalog,
  planSurvey,
  Random,
  referenceCatalog,
  renderCalibration,
  renderVisit,
  SimulationError,
  trueWcs,
  visitTruth,
} from './index.js';
import { noiseArea } from './moffat.js';
import { apparentPlace, elementsFromState, heliocentricPosition } from './kepler.js';

const SMALL = { seed: 7, detectorSize: 128, visitsPerNight: 2, templatesPerBand: 1 };

const moments = (n: number, draw: () => number): { mean: number; variance: number } => {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const value = draw();
    sum += value;
    squares += value * value;
  }
  return { mean: sum / n, variance: squares / n - (sum / n) ** 2 };
};

describe('random numbers', () => {
  it('Poisson deviates have variance = mean, from rare events to bright sky (within 4 sigma of 100,000 draws)', () => {
    for (const mean of [0.05, 0.7, 5, 11.9, 12.1, 40, 955, 60000]) {
      const random = new Random('poisson', mean);
      const n = 100_000;
      const result = moments(n, () => random.poisson(mean));
      expect(Math.abs(result.mean - mean)).toBeLessThan(4 * Math.sqrt(mean / n));
      // sampling error of the variance of a Poisson variable; 1/12 for rounding
      expect(Math.abs(result.variance - mean - (mean > 12 ? 1 / 12 : 0))).toBeLessThan(
        4 * Math.sqrt((mean + 2.2 * mean * mean) / n),
      );
    }
    expect(new Random('zero').poisson(0)).toBe(0);
    expect(new Random('nan').poisson(NaN)).toBe(0);
  });
  it('normal deviates have mean 0, variance 1, kurtosis 3 and the right tails (erfc)', () => {
    const random = new Random('normal');
    const n = 400_000;
    let [sum, second, fourth, beyond] = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) {
      const x = random.normal();
      sum += x;
      second += x * x;
      fourth += x ** 4;
      if (Math.abs(x) > 3.5) beyond += 1;
    }
    expect(Math.abs(sum / n)).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(second / n - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(Math.abs(fourth / n - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
    // P(|x| > 3.5) = 4.6526e-4
    expect(Math.abs(beyond - 4.6526e-4 * n)).toBeLessThan(4 * Math.sqrt(4.6526e-4 * n));
  });
});

describe('point-spread function', () => {
  it('holds the analytic flux to 1e-3 wherever the centre lies in its pixel, also when elongated', () => {
    for (const [dx, dy, e1, e2, fwhm] of [
      [0, 0, 0, 0, 2.4],
      [0.5, 0.5, 0, 0, 2.4],
      [0.31, -0.22, 0.1, -0.05, 2.4],
      [-0.4, 0.1, -0.08, 0.1, 4],
    ] as const) {
      const image = new Float32Array(121 * 121);
      const psf = makeMoffat(fwhm, e1, e2);
      addPointSource(image, 121, 121, 60 + dx, 60 + dy, 1e5, psf, 1e-9, 50);
      const sum = image.reduce((total, value) => total + value, 0);
      expect(Math.abs(sum / (1e5 * enclosedFlux(psf, 50)) - 1)).toBeLessThan(1e-3);
    }
  });
  it('reaches half its peak at half the width, and its noise area follows from the sum of squares', () => {
    const psf = makeMoffat(6);
    const image = new Float32Array(201 * 201);
    addPointSource(image, 201, 201, 100, 100, 1, psf, 1e-12, 90);
    const density = (r: number): number => psf.peak * (1 + psf.cxx * r * r) ** -3.5;
    expect(density(3) / psf.peak).toBeCloseTo(0.5, 10);
    const squares = image.reduce((total, value) => total + value * value, 0);
    // pixel integration broadens a 6 px profile by about 1 %
    expect(Math.abs(1 / squares / noiseArea(psf) - 1)).toBeLessThan(0.03);
  });
  it('draws nothing for NaN, zero flux, or a place outside', () => {
    const image = new Float32Array(100);
    addPointSource(image, 10, 10, NaN, 5, 100, makeMoffat(2), 0.1);
    addPointSource(image, 10, 10, 5, 5, 0, makeMoffat(2), 0.1);
    addPointSource(image, 10, 10, -500, 5, 100, makeMoffat(2), 0.1);
    expect(image.every((value) => value === 0)).toBe(true);
  });
});

describe('galaxies', () => {
  it('half the light lies inside the half-light radius (Sersic n = 1; n = 4 cut at 95 %)', () => {
    expect(exponentialRadius(0.5)).toBeCloseTo(1, 4);
    expect(deVaucouleursRadius(0.5 / 0.95)).toBeCloseTo(1, 3);
    const galaxy = planSurvey({ ...SMALL, galaxies: 20 }).galaxies.find(({ profile }) => profile === 'exponential')!;
    const points = galaxyPoints({ ...galaxy, axisRatio: 1, halfLightArcsec: 2 }, 0.4);
    const inside = points.filter(({ east, north }) => Math.hypot(east, north) < 2).length;
    expect(Math.abs(inside / points.length - 0.5)).toBeLessThan(0.02);
  });
});

describe('orbits', () => {
  it('elements of a state give the state back', () => {
    const position = [1.8, 1.2, 0.4] as const;
    const orbit = elementsFromState(position, [-0.006, 0.009, 0.002], 61000);
    heliocentricPosition(orbit, 61000).forEach((value, k) => expect(value).toBeCloseTo(position[k]!, 10));
    // one period later it is there again
    const period = (2 * Math.PI * orbit.a ** 1.5) / 0.01720209895;
    heliocentricPosition(orbit, 61000 + period).forEach((value, k) => expect(value).toBeCloseTo(position[k]!, 8));
  });
  it('main-belt objects near opposition move backwards by 0.1 to 0.9 arcmin an hour, distant ones slower', () => {
    const plan = planSurvey({ seed: 3 });
    for (const { orbit } of plan.asteroids) {
      const t = plan.visits.at(-1)!.midpointMjd;
      const a = apparentPlace(orbit, t, plan.camera.observatory);
      const b = apparentPlace(orbit, t + 1 / 24, plan.camera.observatory);
      const arcmin = angularSeparationDeg(a.raDeg, a.decDeg, b.raDeg, b.decDeg) * 60;
      expect(arcmin).toBeGreaterThan(orbit.a > 8 ? 0.02 : 0.1);
      expect(arcmin).toBeLessThan(orbit.a > 8 ? 0.3 : 1.1);
      expect(orbit.e).toBeLessThan(0.5);
    }
  });
});

describe('geometry', () => {
  it('pixels to sky and back to 1e-6 px, and a true pointing within arcseconds of the telescope', () => {
    const plan = planSurvey({ seed: 5 });
    const visit = plan.visits[8]!;
    for (const detector of plan.camera.detectors) {
      const wcs = trueWcs(visit, detector);
      for (const [x, y] of [
        [0, 0],
        [1023, 0],
        [511.3, 700.9],
        [1023, 1023],
      ] as const) {
        const sky = wcs.pixelToSky(x, y);
        const back = wcs.skyToPixel(sky.raDeg, sky.decDeg);
        expect(Math.hypot(back.x - x, back.y - y)).toBeLessThan(1e-6);
        const believed = nominalWcs(visit, detector).skyToPixel(sky.raDeg, sky.decDeg);
        expect(Math.hypot(believed.x - x, believed.y - y)).toBeLessThan(50);
      }
    }
  });
  it('works across RA 0 and at declination -60', () => {
    const plan = planSurvey({ ...SMALL, field: { raDeg: 359.999, decDeg: -60 }, templateDay: 20260801 });
    const truth = visitTruth(plan, plan.visits.at(-1)!);
    expect(truth.sources.some(({ raDeg }) => raDeg < 1) && truth.sources.some(({ raDeg }) => raDeg > 359)).toBe(true);
    expect(plan.stars.every(({ raDeg }) => raDeg >= 0 && raDeg < 360)).toBe(true);
    expect(() => planSurvey({ ...SMALL, field: { raDeg: 10, decDeg: 85 } })).toThrow(SimulationError);
  });
});

describe('a survey', () => {
  it('has what the demonstration needs, whatever the seed', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const plan = planSurvey({ seed: 1000 * seed + 17 });
      const science = plan.visits.filter(({ purpose }) => purpose === 'science');
      expect(science).toHaveLength(12);
      expect(plan.visits.filter(({ purpose }) => purpose === 'template')).toHaveLength(6);
      expect(plan.visits.every(({ visit }) => BigInt(visit) < 2n ** 41n)).toBe(true);
      const changing = new Set<string>();
      const moving = new Set<string>();
      // the middle visit of either night stands for the night
      for (const visit of [science[3]!, science[9]!])
        for (const source of visitTruth(plan, visit).sources) {
          const clean = source.edgeDistance > 15 && !source.nearSaturated && !source.nearDefect && !source.saturated;
          if (!clean || Math.abs(source.deltaSnr) < 10) continue;
          if (source.kind === 'asteroid') moving.add(source.id);
          if (source.kind === 'transient' || source.kind === 'variable') changing.add(source.id);
        }
      expect(changing.size).toBeGreaterThanOrEqual(60);
      expect(moving.size).toBeGreaterThanOrEqual(15);
      const stars = visitTruth(plan, science[0]!).sources.filter(({ kind }) => kind === 'star');
      expect(stars.length).toBeGreaterThan(1200);
      expect(orbitCatalog(plan).length).toBeGreaterThan(10);
      expect(orbitCatalog(plan).length).toBeLessThan(plan.asteroids.length);
    }
  });
  it('is the same for the same seed, to the bit, and another for another', () => {
    expect(planSurvey(SMALL)).toEqual(planSurvey(SMALL));
    const frames = renderVisit(planSurvey(SMALL), 3, 1);
    const again = renderVisit(structuredClone(planSurvey(SMALL)), 3, 1);
    expect(again).toEqual(frames);
    const other = renderVisit(planSurvey({ ...SMALL, seed: 8 }), 3, 1);
    expect(other[0]!.amplifiers[0]!.data).not.toEqual(frames[0]!.amplifiers[0]!.data);
    expect(frames[0]!.amplifiers[0]!.data).not.toEqual(frames[1]!.amplifiers[0]!.data);
  });
  it('gives a reference catalog whose errors are those it quotes', () => {
    const plan = planSurvey({ seed: 11 });
    const catalog = referenceCatalog(plan);
    const pulls: number[] = [];
    for (let row = 0; row < catalog.rowCount; row++) {
      const star = plan.stars[Number(catalog.data('refId', 'long')[row]! - 4_000_000_000_001n)]!;
      const error = catalog.data('decErr', 'float')[row]! / 3_600_000;
      pulls.push((catalog.data('dec', 'double')[row]! - star.decDeg) / error);
    }
    expect(catalog.rowCount).toBeGreaterThan(250);
    const variance = pulls.reduce((sum, pull) => sum + pull * pull, 0) / pulls.length;
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / pulls.length));
  });
  it('refuses options that make no sense', () => {
    expect(() => planSurvey({ seed: 1, detectorSize: 100 })).toThrow(SimulationError);
    expect(() => planSurvey({ seed: 1, bands: ['q'] })).toThrow(SimulationError);
    expect(() => planSurvey({ seed: 1, snaps: 0 })).toThrow(SimulationError);
  });
});

describe('the light on the detector', () => {
  it('a star brings flux x throughput electrons a second, to 1e-3', () => {
    const plan = planSurvey(SMALL);
    const visit = plan.visits[2]!;
    const detector = plan.camera.detectors[0]!;
    const sky = trueWcs(visit, detector).pixelToSky(60.3, 70.8);
    const source: SceneSource = { id: 'one', kind: 'star', ...sky, fluxNjy: 2e5 };
    const image = new Float32Array(128 * 128);
    drawSources(image, plan, visit, detector, [source], 1e-3);
    const sum = image.reduce((total, value) => total + value, 0);
    expect(Math.abs(sum / (2e5 * visit.electronsPerSecondPerNjy) - 1)).toBeLessThan(1e-3);
  });
  it('charge above the full well runs along its column, is conserved, and stops at the middle of the detector', () => {
    const detector = almagestCam({ size: 64 }).detectors[0]!;
    const electrons = new Float32Array(64 * 64).fill(1000);
    electrons[16 * 64 + 20] = 5 * ALMAGEST_FULL_WELL;
    electrons[30 * 64 + 40] = 40 * ALMAGEST_FULL_WELL;
    bleed(electrons, detector);
    let column = 0;
    for (let y = 0; y < 64; y++) column += electrons[y * 64 + 20]!;
    expect(column).toBeCloseTo(63 * 1000 + 5 * ALMAGEST_FULL_WELL, -1);
    for (const y of [14, 15, 16, 17, 18]) expect(electrons[y * 64 + 20]).toBeGreaterThan(0.9 * ALMAGEST_FULL_WELL);
    expect(electrons[16 * 64 + 21]).toBe(1000);
    expect(electrons[31 * 64 + 40]).toBe(ALMAGEST_FULL_WELL);
    expect(electrons[32 * 64 + 40]).toBe(1000);
    expect(Math.max(...electrons)).toBe(ALMAGEST_FULL_WELL);
  });
  it('raw files read back as the same frame, with the level, noise and sky that the plan has', async () => {
    const plan = planSurvey(SMALL);
    const visit = plan.visits[3]!;
    const frame = renderVisit(plan, 3, 0)[1]!;
    const bytes = encodeVisitFrame(plan, visit, frame);
    const file = await openFits(bytes);
    expect(await file.hdu(1).verifyChecksum()).toEqual({ datasum: true, checksum: true });
    const raw = await readRaw(bytes);
    expect(raw.description).toMatchObject({
      instrument: 'AlmagestCam',
      visit: BigInt(visit.visit),
      snap: 1,
      snapCount: 2,
      detector: 0,
      band: visit.band,
      kind: 'science',
    });
    expect(Math.abs(raw.description.mjdMidTai - visit.snapStartMjd[1]! - 7.5 / 86400) * 86400).toBeLessThan(1e-3);
    expect(raw.detector).toEqual(plan.camera.detectors[0]);
    expect(raw.amplifiers.map(({ data }) => data)).toEqual(frame.amplifiers.map(({ data }) => data));
    const image = new Float32Array(128 * 128);
    for (const { amplifier, data, width } of raw.amplifiers) {
      const { x0, width: columns, height } = amplifier.biasSection!;
      const overscan: number[] = [];
      for (let y = 0; y < height; y++) for (let x = x0 + 2; x < x0 + columns; x++) overscan.push(data[y * width + x]!);
      const level = overscan.reduce((sum, value) => sum + value, 0) / overscan.length;
      expect(Math.abs(level - 1002)).toBeLessThan(150);
      const signal = Float32Array.from(data, (value) => (value - level) * amplifier.gain);
      pasteAmplifier(signal, width, amplifier, image, 128);
    }
    const middle = [...image].sort((a, b) => a - b)[image.length / 2]!;
    // vignetting takes up to 10 %; bias pattern, dark and faint sources add a little
    expect(middle / (visit.sky * visit.exposureTime)).toBeGreaterThan(0.88);
    expect(middle / (visit.sky * visit.exposureTime)).toBeLessThan(1.08);
  });
  it('a flat has 30,000 electrons at the centre and Poisson noise', () => {
    const plan = planSurvey(SMALL);
    const flats = plan.calibrations.filter(({ kind, band }) => kind === 'flat' && band === 'g');
    const [a, b] = flats.slice(0, 2).map((flat) => renderCalibration(plan, flat, 0).amplifiers[1]!);
    const { amplifier, width, data } = a!;
    const box = amplifier.dataSection;
    const sums = [0, 0];
    const difference: number[] = [];
    for (let y = box.y0; y < box.y0 + box.height; y++)
      for (let x = box.x0; x < box.x0 + box.width; x++) {
        const i = y * width + x;
        sums[0] = sums[0]! + data[i]! - 1010;
        sums[1] = sums[1]! + b!.data[i]! - 1010;
        difference.push((data[i]! - b!.data[i]!) * amplifier.gain);
      }
    const n = difference.length;
    const level = ((sums[0]! + sums[1]!) / 2 / n) * amplifier.gain;
    expect(level).toBeGreaterThan(27_000);
    expect(level).toBeLessThan(32_000);
    const middle = [...difference].sort((p, q) => p - q)[Math.floor(n / 2)]!;
    const spread =
      1.4826 * difference.map((value) => Math.abs(value - middle)).sort((p, q) => p - q)[Math.floor(n / 2)]!;
    // difference of two Poisson images and two read noises; the spread of 2,048 values is known to 2.6 %
    expect(Math.abs(spread / Math.sqrt(2 * (level + amplifier.readNoise ** 2)) - 1)).toBeLessThan(0.1);
  });
});
