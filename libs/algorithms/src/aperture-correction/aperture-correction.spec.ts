import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '../numeric/index.js';
import { ApertureCorrectionConfig, apertureCorrectionAt, fitApertureCorrection } from './index.js';

const config = ApertureCorrectionConfig.parse({});
describe('fitApertureCorrection', () => {
  it('recovers a linear ratio exactly without noise, and to 2e-3 with 1 % noise and 10 % outliers', () => {
    const random = seededRandom(1);
    const truth = (x: number, y: number): number => 1.02 + 1e-5 * x - 2e-5 * y;
    const make = (noise: number, outliers: number) =>
      Array.from({ length: 300 }, (_, i) => {
        const [x, y] = [1000 * random.uniform(), 1000 * random.uniform()];
        return { x, y, ratio: i < outliers ? 1.6 : truth(x, y) + noise * random.normal(), weight: 1 };
      });
    const exact = fitApertureCorrection(make(0, 0), 1000, 1000, config);
    expect(Math.abs(apertureCorrectionAt(exact, 700, 200) - truth(700, 200))).toBeLessThan(1e-9);
    const noisy = fitApertureCorrection(make(0.01, 30), 1000, 1000, config);
    expect(Math.abs(apertureCorrectionAt(noisy, 500, 500) - truth(500, 500))).toBeLessThan(2e-3);
  });
  it('is 1 without stars and constant with few', () => {
    expect(apertureCorrectionAt(fitApertureCorrection([], 10, 10, config), 3, 3)).toBe(1);
    const few = fitApertureCorrection([{ x: 1, y: 1, ratio: 1.1, weight: 2 }], 10, 10, config);
    expect([few.degree, apertureCorrectionAt(few, 9, 9)]).toEqual([0, expect.closeTo(1.1, 12)]);
  });
});
