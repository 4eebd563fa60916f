import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { makeKernelBasis } from './basis.js';
import { fitMatchingKernel } from './fit-kernel.js';
import { makeStamp } from './normal-equations.js';

interface Expected {
  readonly setup: { readonly candidates_xy: readonly (readonly [number, number])[] };
  readonly expected: Record<
    string,
    {
      readonly settings: { readonly spatialKernelOrder: number; readonly spatialBgOrder: number };
      readonly solution: readonly (number | readonly number[])[];
    }
  >;
}

/** The 32-bit float images of a FITS file (this file's oracle needs no more). */
function floatImages(path: string): { width: number; height: number; data: Float32Array }[] {
  const bytes = readFileSync(path);
  const images: { width: number; height: number; data: Float32Array }[] = [];
  let at = 0;
  while (at < bytes.length) {
    const header = new Map<string, string>();
    for (let ended = false; !ended; at += 2880)
      for (let card = 0; card < 36; card++) {
        const text = bytes.toString('latin1', at + card * 80, at + card * 80 + 80);
        if (text.startsWith('END ')) ended = true;
        else if (text.slice(8, 10) === '= ') header.set(text.slice(0, 8).trim(), text.slice(10).split('/')[0]!.trim());
      }
    const bits = Number(header.get('BITPIX'));
    const width = Number(header.get('NAXIS1') ?? 0);
    const height = Number(header.get('NAXIS2') ?? 0);
    if (bits === -32) {
      const data = new Float32Array(width * height);
      for (let k = 0; k < data.length; k++) data[k] = bytes.readFloatBE(at + 4 * k);
      images.push({ width, height, data });
    }
    at += Math.ceil(((Math.abs(bits) / 8) * width * height) / 2880) * 2880;
  }
  return images;
}

describe('the Alard-Lupton fit against numbers computed by hotpants (LSST ip_diffim, test_compareToHotpants)', () => {
  const root = process.env['ALMAGEST_TEST_DATA'];
  if (!root) {
    it('is not run without ALMAGEST_TEST_DATA', () => {
      process.stdout.write('not run: 8 tests need ALMAGEST_TEST_DATA\n');
      expect(root).toBeUndefined();
    });
    return;
  }
  const folder = join(root, '2_difference/hotpants_reference_fit');
  const truth = JSON.parse(readFileSync(join(folder, 'expected_coefficients.json'), 'utf8')) as Expected;
  const science = floatImages(join(folder, 'compareToHotpants/scienceMI.fits'))[0]!;
  const template = floatImages(join(folder, 'compareToHotpants/templateMI.fits'))[0]!;
  const basisConfig = { size: 19, sigmas: [3], degrees: [3] };
  const basis = makeKernelBasis(basisConfig);

  it.each(Object.keys(truth.expected))('%s: every coefficient to 2e-6 (the numbers are printed to 1e-6)', (name) => {
    const { settings, solution } = truth.expected[name]!;
    const limit = name.startsWith('testSingle') ? 150 : name.startsWith('testFour') ? 90 : 0;
    const stamps = truth.setup.candidates_xy
      .filter(([x, y]) => x > limit && y > limit)
      // a 49 px stamp keeps 31 px after the kernel's border of 9
      .map(([x, y]) => makeStamp(basis, template, science, x, y, 15, () => 1));
    const { kernel } = fitMatchingKernel(basisConfig, stamps, science.width, science.height, {
      kernelOrder: settings.spatialKernelOrder,
      backgroundOrder: settings.spatialBgOrder,
      iterations: 1,
      ridge: 0,
    });
    const nk = kernel.kernelPowers.length;
    solution.forEach((value, b) => {
      const expected = typeof value === 'number' ? [value] : value;
      const ours =
        b === 0
          ? [kernel.coefficients[0]!]
          : b < basis.functions.length
            ? Array.from(kernel.coefficients.slice(1 + (b - 1) * nk, 1 + b * nk))
            : Array.from(kernel.coefficients.slice(1 + (basis.functions.length - 1) * nk));
      ours.forEach((c, k) => expect(Math.abs(c - expected[k]!)).toBeLessThan(2e-6));
    });
  });
});
