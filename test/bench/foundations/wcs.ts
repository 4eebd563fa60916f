// A million points through a TAN-SIP world coordinate system, beside astropy on the same points in the same run.
import { writeFileSync } from 'node:fs';
import { Header } from '#libs/fits';
import { makeTanSipWcs, SipMap, sipPolynomial } from '#libs/sky';
import { type BenchCase, median, type Timing } from '../bench-case.js';
import type { Surroundings } from '../../accuracy/surroundings.js';

const COUNT = 1_000_000;
const ROUNDS = 5;

const WCS = makeTanSipWcs({
  crpix: { x: 2047, y: 2047 },
  crvalRaDeg: 150,
  crvalDecDeg: 2.2,
  cd: [
    [-5.5e-5, 1e-7],
    [1e-7, 5.5e-5],
  ],
  sip: new SipMap(
    sipPolynomial(3, [
      [2, 0, 1e-7],
      [1, 1, -2e-7],
      [0, 2, 3e-8],
      [3, 0, 1e-11],
      [1, 2, 2e-11],
    ]),
    sipPolynomial(3, [
      [2, 0, 2e-8],
      [1, 1, 1e-7],
      [0, 2, -1e-7],
      [2, 1, 1e-11],
      [0, 3, 1e-11],
    ]),
  ),
});

/** reads the points, warms up once, prints the milliseconds of one conversion */
const ASTROPY = `
import sys, time, warnings
warnings.simplefilter('ignore')
import numpy as np
from astropy.io import fits
from astropy.wcs import WCS
w = WCS(fits.Header.fromstring(open(sys.argv[1], encoding='latin1').read()))
a, b = np.fromfile(sys.argv[2]), np.fromfile(sys.argv[3])
convert = w.all_pix2world if sys.argv[4] == 'sky' else w.all_world2pix
convert(a[:1000], b[:1000], 0)
start = time.perf_counter()
convert(a, b, 0)
print(1000 * (time.perf_counter() - start))
`;

async function compare(surroundings: Surroundings, toward: 'sky' | 'pixel'): Promise<Timing> {
  let state = 1;
  const random = (): number => (state = (state * 16807) % 2147483647) / 2147483647;
  const a = Float64Array.from({ length: COUNT }, () => 4096 * random());
  const b = Float64Array.from({ length: COUNT }, () => 4096 * random());
  if (toward === 'pixel') WCS.pixelToSkyArrays(a, b, a, b);
  const header = new Header();
  WCS.writeTo(header);
  const files = ['header', 'a', 'b'].map((name) => surroundings.scratch(`wcs-bench-${toward}-${name}`));
  [header.encode(), a, b].forEach((data, i) => writeFileSync(files[i]!, data));
  const [p, q] = [new Float64Array(COUNT), new Float64Array(COUNT)];
  const convert = (): void => (toward === 'sky' ? WCS.pixelToSkyArrays(a, b, p, q) : WCS.skyToPixelArrays(a, b, p, q));
  convert();
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    convert();
    ours.push(performance.now() - started);
    theirs.push(
      Number(await surroundings.python(`import sys; sys.argv = ${JSON.stringify(['', ...files, toward])}\n${ASTROPY}`)),
    );
  }
  return { ours: median(ours), theirs: median(theirs), note: `${COUNT} points, SIP of order 3` };
}

export const wcs: readonly BenchCase[] = [
  {
    room: 'wcs',
    name: '1M points, TAN-SIP pixel to sky',
    against: 'astropy all_pix2world',
    goal: { fasterAtLeast: 1 },
    needs: ['python:astropy'],
    measure: (surroundings) => compare(surroundings, 'sky'),
  },
  {
    room: 'wcs',
    name: '1M points, TAN-SIP sky to pixel',
    against: 'astropy all_world2pix',
    goal: { fasterAtLeast: 1 },
    needs: ['python:astropy'],
    measure: (surroundings) => compare(surroundings, 'pixel'),
  },
];
