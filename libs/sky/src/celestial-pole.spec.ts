import { describe, expect, it } from '@jest/globals';
import {
  celestialIntermediateSystem,
  earthRotationAngle,
  equationOfOrigins,
  greenwichApparentSiderealTime,
  greenwichMeanSiderealTime,
  icrsToEarthFixed,
  icrsToMeanEquator,
  icrsToTrueEquator,
  nutation,
  nutation2000A,
  nutation2000B,
  polarMotionMatrix,
  tdbMinusTt,
  tioLocator,
} from './index.js';

/** Truth and tolerances throughout: the test program of ERFA 2.0.0 (t_erfa_c). */
const near = (value: number, truth: number, tolerance: number): void =>
  expect(Math.abs(value - truth)).toBeLessThanOrEqual(tolerance);

describe('precession, nutation and the rotation of the Earth', () => {
  it.each([
    ['2000A', nutation2000A, -9.630909107115518e-6, 4.063239174001679e-5],
    ['2000A with the precession of 2006', nutation, -9.63091202582031e-6, 4.06323849688725e-5],
    ['2000B', nutation2000B, -9.632552291148363e-6, 4.063197106621159e-5],
  ])('nutation %s', (_, model, dpsi, deps) => {
    const result = model(53736);
    near(result.dpsi, dpsi, 1e-13);
    near(result.deps, deps, 1e-13);
  });
  it('bias, precession and nutation as one rotation', () => {
    const truth = [
      0.9999995832794205, 0.0008372382772630962, 0.0003639684771140623, -0.0008372533744743683, 0.9999996486492861,
      4.1329059446110195e-5, -0.0003639337469629465, -4.163377605910664e-5, 0.999999932909426,
    ];
    icrsToTrueEquator(50123.9999).forEach((value, k) => near(value, truth[k]!, k % 4 === 0 ? 1e-12 : 1e-14));
  });
  it('the mean equator differs from the true one by nutation alone', () => {
    const [mean, true_] = [icrsToMeanEquator(53736), icrsToTrueEquator(53736)];
    // the pole moves by dpsi sin(obliquity) and deps
    expect(Math.hypot(mean[6]! - true_[6]!, mean[7]! - true_[7]!)).toBeCloseTo(
      Math.hypot(0.963e-5 * Math.sin(0.4091), 0.4063e-4),
      7,
    );
  });
  it('the celestial intermediate pole and its origin', () => {
    const { x, y, s } = celestialIntermediateSystem(53736);
    near(x, 0.0005791308482835292, 1e-14);
    near(y, 4.0205800994540205e-5, 1e-15);
    near(s, -1.22003229416458e-8, 1e-18);
  });
  it('the equation of the origins', () => {
    const equator = [
      0.9999989440476104, -0.0013328817612400115, -0.0005790767434730085, 0.0013328582543089545, 0.9999991109044506,
      -4.097782710401556e-5, 0.0005791308472168153, 4.0205956615939944e-5, 0.9999998314954572,
    ];
    near(equationOfOrigins(equator, -1.220040848472272e-8), -0.0013328827151307446, 1e-14);
  });
  it('sidereal time', () => {
    near(greenwichMeanSiderealTime(53736, 53736), 1.7541749718700912, 1e-12);
    near(greenwichApparentSiderealTime(53736, 53736), 1.754166137675019, 1e-12);
  });
  it('polar motion', () => {
    const truth = [
      0.9999999999999675, -1.367174580728847e-11, 2.550602379999972e-7, 1.4146249479570297e-11, 0.9999999999982695,
      -1.8603592469988663e-6, -2.5506023797412153e-7, 1.860359247002414e-6, 0.999999999998237,
    ];
    const matrix = polarMotionMatrix(2.55060238e-7, 1.860359247e-6, -1.3671745807288915e-11);
    matrix.forEach((value, k) => near(value, truth[k]!, k % 4 === 0 ? 1e-12 : 1e-16));
    near(tioLocator(52541), -6.216698469981019e-12, 1e-12);
  });
  it('celestial to Earth-fixed axes', () => {
    const truth = [
      -0.18103321283058973, 0.9834769806938592, 6.555550962998436e-5, -0.9834768134136215, -0.1810332203649131,
      0.0005749800844905594, 0.0005773474024748546, 3.9618168296326906e-5, 0.9999998325501748,
    ];
    icrsToEarthFixed(53736, earthRotationAngle(53736), 2.55060238e-7, 1.860359247e-6).forEach((value, k) =>
      near(value, truth[k]!, 1e-12),
    );
  });
  it('the Earth rotation angle keeps its digits when the fraction of the day is given apart', () => {
    near(earthRotationAngle(54388, 0.25), earthRotationAngle(54388.25), 1e-13);
    near(earthRotationAngle(54388, 1e-9) - earthRotationAngle(54388), 1.0027378119113546 * 2e-9 * Math.PI, 5e-15);
  });
  it('TDB - TT at a clock on the ground', () => {
    const station = {
      ut1Fraction: 0.76543,
      longitudeDeg: (5.0123 * 180) / Math.PI,
      axisKm: 5525.242,
      equatorKm: 3190,
    };
    near(tdbMinusTt(48939.123, station), -0.001280368005936999, 1e-15);
  });
});
