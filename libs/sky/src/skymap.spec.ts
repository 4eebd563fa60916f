import { describe, expect, it } from '@jest/globals';
import { DEFAULT_SKYMAP, Skymap, SkyError, type SkyPosition } from './index.js';

const small = new Skymap({
  name: 'test',
  tractSizeDeg: 1.5,
  tractOverlapDeg: 0.02,
  patchInnerPx: 1000,
  patchBorderPx: 50,
  pixelScaleArcsec: 1,
});

const threeRings = new Skymap({ ...small.config, tractSizeDeg: 45, patchInnerPx: 40_000 });

const directions: SkyPosition[] = [];
for (let dec = -90; dec <= 90; dec += 2.37)
  for (let ra = 0; ra < 360; ra += 23.3 / Math.max(0.05, Math.cos((dec * Math.PI) / 180)))
    directions.push({ raDeg: ra, decDeg: dec });
directions.push({ raDeg: 359.999999, decDeg: -60 }, { raDeg: 0, decDeg: 90 }, { raDeg: 77, decDeg: -90 });

describe('a skymap', () => {
  it('gives every direction one tract whose inner region holds it and one patch', () => {
    for (const { raDeg, decDeg } of directions) {
      const { tract, patch } = small.locate(raDeg, decDeg);
      const { decMinDeg, decMaxDeg, raMinDeg, raWidthDeg } = small.tract(tract);
      expect(decDeg >= decMinDeg && (decDeg < decMaxDeg || decDeg === 90)).toBe(true);
      expect((((raDeg - raMinDeg) % 360) + 360) % 360).toBeLessThanOrEqual(raWidthDeg);
      const { x, y } = small.patchWcs(tract, patch).skyToPixel(raDeg, decDeg);
      const box = small.patchBox(tract, patch);
      expect(x >= -0.5 && x < box.width - 0.5 && y >= -0.5 && y < box.height - 0.5).toBe(true);
    }
  });

  it('agrees with itself on ring borders', () => {
    for (let id = 1; id < small.tractCount; id += 97) {
      const { decMinDeg, raMinDeg, raWidthDeg } = small.tract(id);
      expect(small.tractOf(raMinDeg + raWidthDeg / 2, decMinDeg)).toBe(id);
    }
  });

  it('tracts reach beyond their inner region by the overlap at least', () => {
    for (const id of [0, 1, 500, Math.floor(small.tractCount / 2), small.tractCount - 1]) {
      const tract = small.tract(id);
      const margin = 0.02 * 3600;
      for (const dec of [tract.decMinDeg, tract.decMaxDeg])
        for (let k = 0; k <= 10; k++) {
          const { x, y } = tract.wcs.skyToPixel(tract.raMinDeg + (tract.raWidthDeg * k) / 10, dec);
          if (Math.abs(dec) === 90) continue;
          expect(Math.min(x, y)).toBeGreaterThanOrEqual(margin - 1);
          expect(Math.min(tract.patchesX * 1000 - x, tract.patchesY * 1000 - y)).toBeGreaterThanOrEqual(margin - 1);
        }
    }
  });

  it('patches tile the tract, and borders overlap by twice the border', () => {
    const a = small.patchBox(1000, 0);
    const b = small.patchBox(1000, 1);
    expect(a).toEqual({ x0: 0, y0: 0, width: 1050, height: 1050 });
    expect(a.x0 + a.width - b.x0).toBe(100);
    expect(small.patchInnerBox(1000, 1).x0).toBe(1000);
  });

  it.each([
    [0, 0],
    [359.99, -60],
    [180, 89.9],
    [12, -89.95],
    [200, 45.2],
  ])('finds every patch that a detector at (%p, %p) touches, by brute force', (raDeg, decDeg) => {
    const half = 0.1;
    const cos = Math.max(0.05, Math.cos((decDeg * Math.PI) / 180));
    const corners = [
      [-1, -1],
      [1, -1],
      [1, 1],
      [-1, 1],
    ].map(([u, v]) => ({ raDeg: raDeg + (u! * half) / cos, decDeg: Math.max(-90, Math.min(90, decDeg + v! * half)) }));
    const found = new Set(small.findTractsPatches(corners).map(({ tract, patch }) => `${tract}/${patch}`));
    expect(found.size).toBeGreaterThan(0);
    // any interior point of the polygon (a mean of its corners) is in no patch that was not found
    const near = new Set<number>();
    for (let ra = 0; ra < 360; ra += 0.25)
      for (let d = -3; d <= 3; d += 0.5)
        if (Math.abs(decDeg + d) <= 90 && (Math.abs(decDeg) > 80 || Math.abs(((ra - raDeg + 540) % 360) - 180) < 5))
          near.add(small.tractOf(ra, decDeg + d));
    const missing: string[] = [];
    let state = 7;
    const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
    for (let k = 0; k < 30; k++) {
      const weights = corners.map(() => random() ** 3);
      const v = [0, 0, 0];
      corners.forEach((corner, i) => {
        const r = (corner.raDeg * Math.PI) / 180;
        const d = (corner.decDeg * Math.PI) / 180;
        v[0]! += weights[i]! * Math.cos(d) * Math.cos(r);
        v[1]! += weights[i]! * Math.cos(d) * Math.sin(r);
        v[2]! += weights[i]! * Math.sin(d);
      });
      const ra = (Math.atan2(v[1]!, v[0]!) * 180) / Math.PI;
      const dec = (Math.atan2(v[2]!, Math.hypot(v[0]!, v[1]!)) * 180) / Math.PI;
      for (const tract of near) {
        const { wcs } = small.tract(tract);
        const { x, y } = wcs.skyToPixel(ra, dec);
        for (let patch = 0; patch < small.patchCount(tract); patch++) {
          const box = small.patchBox(tract, patch);
          if (x >= box.x0 - 0.5 && x < box.x0 + box.width - 0.5 && y >= box.y0 - 0.5 && y < box.y0 + box.height - 0.5)
            if (!found.has(`${tract}/${patch}`)) missing.push(`${tract}/${patch}`);
        }
      }
    }
    expect(missing).toEqual([]);
  });

  it('rings and ids are those of RingsSkyMap with 120 rings', () => {
    const map = new Skymap(DEFAULT_SKYMAP);
    // lsst/skymap, tests/test_ringsSkyMap.py: the Cosmos field
    expect(map.tractOf(150.1, 2.2)).toBe(9813);
    expect(map.tract(9813).centre.raDeg).toBeCloseTo(150.2479338842975, 10);
    expect(map.tract(9813).centre.decDeg).toBeCloseTo(2.2314049586776834, 10);
    expect(map.tractOf(0, -90)).toBe(0);
    expect(map.tractOf(0, 90)).toBe(map.tractCount - 1);
    // the same file: three rings make 26 tracts
    expect(threeRings.tractCount).toBe(26);
  });

  it.each([
    ['small tracts', small, 120],
    ['three rings', threeRings, 400],
  ])(
    'with %s every direction lies in exactly one inner tract, and there in exactly one inner patch',
    (_, map, count) => {
      const tracts = Array.from({ length: map.tractCount }, (__, id) => map.tract(id));
      // anywhere, and within an ulp or a milliarcsecond of the seams of rings, tracts, RA 0 and poles
      const points: SkyPosition[] = [
        { raDeg: 0, decDeg: 90 },
        { raDeg: 211, decDeg: -90 },
      ];
      for (let k = 0; k < count; k++) {
        const { decMinDeg, raMinDeg } = tracts[(k * 7919) % tracts.length]!;
        const nudge = [0, 3e-7, -3e-7][k % 3]!;
        const ra = (k * 137.50776) % 360;
        const dec = (Math.asin(2 * ((k * 0.6180339887) % 1) - 1) * 180) / Math.PI;
        points.push({ raDeg: ra, decDeg: dec }, { raDeg: (raMinDeg + nudge + 360) % 360, decDeg: dec });
        points.push(
          { raDeg: ra, decDeg: Math.max(-90, decMinDeg + nudge) },
          { raDeg: k % 2 ? 360 - 3e-7 : 0, decDeg: dec },
        );
      }
      const wrong: unknown[] = [];
      for (const { raDeg, decDeg } of points) {
        const holds = tracts.filter(
          ({ decMinDeg, decMaxDeg, raMinDeg, raWidthDeg }) =>
            decDeg >= decMinDeg &&
            (decDeg < decMaxDeg || decMaxDeg === 90) &&
            // a seam itself belongs to the tract that begins there, to the last digit of its two right ascensions
            (raWidthDeg === 360 || (raDeg - raMinDeg + 1e-12 + 720) % 360 < raWidthDeg),
        );
        const { tract, patch } = map.locate(raDeg, decDeg);
        const { x, y } = map.tract(tract).wcs.skyToPixel(raDeg, decDeg);
        const patches = Array.from({ length: map.patchCount(tract) }, (__, id) => map.patchInnerBox(tract, id)).flatMap(
          ({ x0, y0, width, height }, id) =>
            x >= x0 - 0.5 && x < x0 + width - 0.5 && y >= y0 - 0.5 && y < y0 + height - 0.5 ? [id] : [],
        );
        if (holds.length !== 1 || holds[0]!.id !== tract || patches.join() !== String(patch))
          wrong.push({ raDeg, decDeg, tract, holds: holds.map(({ id }) => id), patch, patches });
      }
      expect(wrong).toEqual([]);
    },
  );

  it('a tract pixel has the configured scale and the tangent point on a pixel centre', () => {
    const { wcs, centre } = small.tract(1234);
    expect(wcs.pixelScaleArcsec()).toBeCloseTo(1, 7);
    const { x, y } = wcs.skyToPixel(centre.raDeg, centre.decDeg);
    expect(Math.abs(x - Math.round(x)) + Math.abs(y - Math.round(y))).toBeLessThan(1e-6);
  });

  it('refuses tracts and patches that do not exist', () => {
    expect(() => small.tract(-1)).toThrow(SkyError);
    expect(() => small.patchBox(5, 10_000)).toThrow('no patch 10000');
    expect(() => small.tractOf(NaN, 0)).toThrow(SkyError);
    expect(() => small.findTractsPatches([])).toThrow(SkyError);
  });
});
