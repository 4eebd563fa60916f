// A million HEALPix conversions beside healpy, which keeps one Python process and answers round by round in the same run.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { healpixCentres, healpixIndices, healpixRingCentres, healpixRingIndices } from '#libs/sky';
import type { Surroundings } from '../../accuracy/surroundings.js';
import { type BenchCase, median, type Timing } from '../bench-case.js';

const COUNT = 1_000_000;
const ROUNDS = 15;
const ORDERS = [8, 13, 29];

export const healpix: readonly BenchCase[] = (['nested', 'ring'] as const).flatMap((scheme) =>
  (['ang2pix', 'pix2ang'] as const).flatMap((conversion) =>
    ORDERS.map((order): BenchCase => ({
      room: 'sky',
      name: `HEALPix ${conversion} ${scheme}, order ${order}, 1M`,
      against: 'healpy',
      goal: { slowerAtMost: 1 },
      needs: ['python:healpy'],
      measure: (around) => compare(around, scheme, conversion, order),
    })),
  ),
);

/** one conversion per line read; prints its milliseconds */
const HEALPY = `
import sys, time
import numpy as np, healpy as hp
ra, dec = np.fromfile(sys.argv[1]).reshape(2, -1)
nside, nest, conversion = 2 ** int(sys.argv[2]), sys.argv[3] == 'nested', sys.argv[4]
pixels = hp.ang2pix(nside, ra, dec, nest=nest, lonlat=True)
for line in sys.stdin:
    start = time.perf_counter()
    if conversion == 'ang2pix':
        hp.ang2pix(nside, ra, dec, nest=nest, lonlat=True)
    else:
        hp.pix2ang(nside, pixels, nest=nest, lonlat=True)
    print(1000 * (time.perf_counter() - start), flush=True)
`;

async function compare(
  around: Surroundings,
  scheme: 'nested' | 'ring',
  conversion: 'ang2pix' | 'pix2ang',
  order: number,
): Promise<Timing> {
  let state = 1;
  const random = (): number => (state = (state * 16807) % 2147483647) / 2147483647;
  const ra = Float64Array.from({ length: COUNT }, () => 360 * random());
  const dec = Float64Array.from({ length: COUNT }, () => (Math.asin(2 * random() - 1) * 180) / Math.PI);
  const points = around.scratch('healpix-points.bin');
  writeFileSync(points, Buffer.concat([Buffer.from(ra.buffer), Buffer.from(dec.buffer)]));
  const index = scheme === 'nested' ? healpixIndices : healpixRingIndices;
  const centres = scheme === 'nested' ? healpixCentres : healpixRingCentres;
  const pixels = index(order, ra, dec);
  const run = conversion === 'ang2pix' ? () => index(order, ra, dec) : () => centres(order, pixels);

  const python = spawn(around.pythonCommand, ['-c', HEALPY, points, String(order), scheme, conversion], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const answers = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
    const theirs: number[] = [];
    const ours: number[] = [];
    for (let round = -3; round < ROUNDS; round++) {
      python.stdin.write('\n');
      const answer = await answers.next();
      if (answer.done) throw new Error('healpy ended early');
      const started = performance.now();
      run();
      const elapsed = performance.now() - started;
      if (round < 0) continue;
      theirs.push(Number(answer.value));
      ours.push(elapsed);
    }
    return { ours: median(ours), theirs: median(theirs) };
  } finally {
    python.stdin.end();
  }
}
