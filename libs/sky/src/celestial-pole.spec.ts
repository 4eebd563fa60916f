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
    ['2000A', nutation2000A, -0.9630909107115518431e-5, 0.406323917400167871e-4],
    ['2000A with the precession of 2006', nutation, -0.9630912025820308797e-5, 0.4063238496887249798e-4],
    ['2000B', nutation2000B, -0.9632552291148362783e-5, 0.4063197106621159367e-4],
  ])('nutation %s', (_, model, dpsi, deps) => {
    const result = model(53736);
    near(result.dpsi, dpsi, 1e-13);
    near(result.deps, deps, 1e-13);
  });
  it('bias, precession and nutation as one rotation', () => {
    const truth = [
      0.9999995832794205484, 0.8372382772630962111e-3, 0.3639684771140623099e-3, -0.8372533744743683605e-3,
      0.9999996486492861646, 0.4132905944611019498e-4, -0.3639337469629464969e-3, -0.4163377605910663999e-4,
      0.9999999329094260057,
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
    near(x, 0.5791308482835292617e-3, 1e-14);
    near(y, 0.402058009945402031e-4, 1e-15);
    near(s, -0.1220032294164579896e-7, 1e-18);
  });
  it('the equation of the origins', () => {
    const equator = [
      0.9999989440476103608, -0.1332881761240011518e-2, -0.5790767434730085097e-3, 0.1332858254308954453e-2,
      0.9999991109044505944, -0.4097782710401555759e-4, 0.579130847216815332e-3, 0.4020595661593994396e-4,
      0.9999998314954572365,
    ];
    near(equationOfOrigins(equator, -0.1220040848472271978e-7), -0.1332882715130744606e-2, 1e-14);
  });
  it('sidereal time', () => {
    near(greenwichMeanSiderealTime(53736, 53736), 1.754174971870091203, 1e-12);
    near(greenwichApparentSiderealTime(53736, 53736), 1.754166137675019159, 1e-12);
  });
  it('polar motion', () => {
    const truth = [
      0.9999999999999674721, -0.1367174580728846989e-10, 0.2550602379999972345e-6, 0.1414624947957029801e-10,
      0.9999999999982695317, -0.1860359246998866389e-5, -0.2550602379741215021e-6, 0.1860359247002414021e-5,
      0.9999999999982370039,
    ];
    const matrix = polarMotionMatrix(2.55060238e-7, 1.860359247e-6, -0.136717458072889146e-10);
    matrix.forEach((value, k) => near(value, truth[k]!, k % 4 === 0 ? 1e-12 : 1e-16));
    near(tioLocator(52541), -0.6216698469981019309e-11, 1e-12);
  });
  it('celestial to Earth-fixed axes', () => {
    const truth = [
      -0.1810332128305897282, 0.9834769806938592296, 0.6555550962998436505e-4, -0.9834768134136214897,
      -0.1810332203649130832, 0.574980084490559411e-3, 0.5773474024748545878e-3, 0.3961816829632690581e-4,
      0.9999998325501747785,
    ];
    icrsToEarthFixed(53736, earthRotationAngle(53736), 2.55060238e-7, 1.860359247e-6).forEach((value, k) =>
      near(value, truth[k]!, 1e-12),
    );
  });
  it('the Earth rotation angle keeps its digits when the fraction of the day is given apart', () => {
    near(earthRotationAngle(54388, 0.25), earthRotationAngle(54388.25), 1e-13);
    near(earthRotationAngle(54388, 1e-9) - earthRotationAngle(54388), 1.00273781191135448 * 2e-9 * Math.PI, 5e-15);
  });
  it('TDB - TT at a clock on the ground', () => {
    const station = {
      ut1Fraction: 0.76543,
      longitudeDeg: (5.0123 * 180) / Math.PI,
      axisKm: 5525.242,
      equatorKm: 3190,
    };
    near(tdbMinusTt(48939.123, station), -0.1280368005936998991e-2, 1e-15);
  });
});
