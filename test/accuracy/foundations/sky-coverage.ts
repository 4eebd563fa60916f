// HEALPix geometry against healpy: neighbours, outlines, and the cells of cones and polygons.
import { writeFileSync } from 'node:fs';
import {
  angularSeparationDeg,
  coneRanges,
  type HealpixRange,
  healpixBoundary,
  healpixNeighbours,
  offsetPosition,
  polygonRanges,
} from '#libs/sky';
import type { Surroundings } from '../surroundings.js';
import type { Measurement, TruthCase } from '../truth-case.js';
import { bytesOf, doubles, generator, integers, randomDirections, randomPixels } from './sky-samples.js';

const HEALPY = 'healpy (python3-healpy)';
const NEEDS = ['python:healpy'] as const;

export const healpixGeometry: readonly TruthCase[] = [
  {
    room: 'sky',
    name: 'HEALPix: neighbours of 10,000 random pixels, orders 0 to 29',
    truth: `${HEALPY}, get_all_neighbours`,
    limit: 0,
    unit: 'differ',
    needs: NEEDS,
    measure: compareNeighbours,
  },
  {
    room: 'sky',
    name: 'HEALPix: outlines of 10,000 random pixels, 3 points an edge',
    truth: `${HEALPY}, boundaries`,
    // healpy gives unit vectors: 1e-16 rad each, doubled by the way back
    limit: 1e-13,
    unit: 'deg',
    needs: NEEDS,
    measure: compareOutlines,
  },
  {
    room: 'sky',
    name: 'HEALPix: cells whose centres lie in 300 cones',
    truth: `${HEALPY}, query_disc`,
    limit: 0,
    unit: 'differ',
    needs: NEEDS,
    measure: (around) => compareCones(around, 'centre'),
  },
  {
    room: 'sky',
    name: 'HEALPix: cells that 300 cones overlap, none missed',
    truth: `${HEALPY}, query_disc at 5 orders finer`,
    limit: 0,
    unit: 'missed',
    needs: NEEDS,
    measure: (around) => compareCones(around, 'overlap'),
  },
  {
    room: 'sky',
    name: 'HEALPix: cells whose centres lie in 300 convex polygons',
    truth: `${HEALPY}, query_polygon`,
    limit: 0,
    unit: 'differ',
    needs: NEEDS,
    measure: comparePolygons,
  },
];

const SAMPLE_ORDERS = [0, 1, 2, 5, 8, 13, 17, 20, 24, 29];

async function compareNeighbours(around: Surroundings): Promise<Measurement> {
  const pixels = SAMPLE_ORDERS.map((order) => randomPixels(order, 1000));
  const script = `
import sys, numpy as np, healpy as hp
pixels = np.frombuffer(sys.stdin.buffer.read(), '<i8').reshape(${SAMPLE_ORDERS.length}, -1)
for order, p in zip(${JSON.stringify(SAMPLE_ORDERS)}, pixels):
    sys.stdout.buffer.write(hp.get_all_neighbours(2**order, p, nest=True).T.astype('<i8').tobytes())`;
  const truth = integers(await around.python(script, bytesOf(...pixels)));
  let at = 0;
  let differ = 0;
  SAMPLE_ORDERS.forEach((order, k) => {
    for (const pixel of pixels[k]!) {
      const theirs = [...truth.subarray(at, (at += 8))].filter((other) => other >= 0n);
      if (theirs.join() !== healpixNeighbours(order, pixel).join()) differ++;
    }
  });
  return { value: differ };
}

async function compareOutlines(around: Surroundings): Promise<Measurement> {
  const pixels = SAMPLE_ORDERS.map((order) => randomPixels(order, 1000));
  const script = `
import sys, numpy as np, healpy as hp
pixels = np.frombuffer(sys.stdin.buffer.read(), '<i8').reshape(${SAMPLE_ORDERS.length}, -1)
for order, p in zip(${JSON.stringify(SAMPLE_ORDERS)}, pixels):
    v = np.moveaxis(hp.boundaries(2**order, p, step=3, nest=True), 1, 2)
    sys.stdout.buffer.write(v.astype('<f8').tobytes())`;
  const truth = doubles(await around.python(script, bytesOf(...pixels)));
  let at = 0;
  let worst = 0;
  SAMPLE_ORDERS.forEach((order, k) => {
    for (const pixel of pixels[k]!)
      for (const { raDeg, decDeg } of healpixBoundary(order, pixel, 3)) {
        const [x, y, z] = truth.subarray(at, (at += 3)) as unknown as [number, number, number];
        const ra = (Math.atan2(y, x) * 180) / Math.PI;
        const dec = (Math.atan2(z, Math.hypot(x, y)) * 180) / Math.PI;
        worst = Math.max(worst, angularSeparationDeg(raDeg, decDeg, ra, dec));
      }
  });
  return { value: worst };
}

const cellsOf = (ranges: readonly HealpixRange[]): bigint[] =>
  ranges.flatMap(({ low, high }) => Array.from({ length: Number(high - low) }, (_, i) => low + BigInt(i)));

/** Runs a script over JSON on a file and reads lists of cells, one line each. */
async function cellLists(around: Surroundings, name: string, request: unknown, script: string): Promise<bigint[][]> {
  const path = around.scratch(`${name}.json`);
  writeFileSync(path, JSON.stringify(request));
  const text = (await around.python(script, undefined, [path])).toString();
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => (line === '' ? [] : line.split(' ').map(BigInt)));
}

async function compareCones(around: Surroundings, sense: 'centre' | 'overlap'): Promise<Measurement> {
  const random = generator(5);
  const { ra, dec } = randomDirections(300, random);
  for (const [i, [ra0, dec0]] of [
    [0, 90],
    [10, -90],
    [0, 0],
    [359.99, -60],
    [0, 41.81],
  ].entries())
    [ra[i], dec[i]] = [ra0!, dec0!];
  const cones = Array.from(ra, (_, i) => ({
    order: i % 9,
    ra: ra[i]!,
    dec: dec[i]!,
    radius: (i % 30 === 7 ? 150 : 40) * random() ** 2 * 2 ** -(i % 9 > 5 ? 2 : 0),
  }));
  const finer = sense === 'centre' ? 0 : 5;
  const script = `
import sys, json, numpy as np, healpy as hp
for c in json.load(open(sys.argv[1])):
    order = c['order'] + ${finer}
    v = hp.ang2vec(c['ra'], c['dec'], lonlat=True)
    p = hp.query_disc(2**order, v, np.radians(c['radius']), nest=True)
    print(*np.unique(np.sort(p) >> ${2 * finer}))`;
  const truth = await cellLists(around, `cones-${sense}`, cones, script);
  let wrong = 0;
  let cells = 0;
  let excess = 0;
  cones.forEach((cone, i) => {
    const ours = new Set(cellsOf(coneRanges(cone.order, cone.ra, cone.dec, cone.radius, sense)));
    const theirs = new Set(truth[i]!);
    cells += theirs.size;
    wrong += [...theirs].filter((cell) => !ours.has(cell)).length;
    const more = [...ours].filter((cell) => !theirs.has(cell)).length;
    if (sense === 'centre') wrong += more;
    else excess += more;
  });
  return { value: wrong, note: `${cells} cells${sense === 'overlap' ? `, ${excess} more than needed` : ''}` };
}

async function comparePolygons(around: Surroundings): Promise<Measurement> {
  const random = generator(11);
  const { ra, dec } = randomDirections(300, random);
  const polygons = Array.from(ra, (_, i) => {
    // corners on a circle about the middle: convex
    const radius = 1 + 60 * random() ** 2;
    const corners = 3 + (i % 6);
    const start = 360 * random();
    return {
      order: 3 + (i % 6),
      corners: Array.from({ length: corners }, (__, k) =>
        offsetPosition(ra[i]!, dec[i]!, start + (360 * k) / corners, radius),
      ),
    };
  });
  const script = `
import sys, json, numpy as np, healpy as hp
for c in json.load(open(sys.argv[1])):
    v = hp.ang2vec([p['raDeg'] for p in c['corners']], [p['decDeg'] for p in c['corners']], lonlat=True)
    print(*np.sort(hp.query_polygon(2**c['order'], v, nest=True)))`;
  const truth = await cellLists(around, 'polygons', polygons, script);
  let wrong = 0;
  let cells = 0;
  polygons.forEach(({ order, corners }, i) => {
    const ours = new Set(cellsOf(polygonRanges(order, corners, 'centre')));
    const theirs = new Set(truth[i]!);
    cells += theirs.size;
    wrong +=
      [...theirs].filter((cell) => !ours.has(cell)).length + [...ours].filter((cell) => !theirs.has(cell)).length;
  });
  return { value: wrong, note: `${cells} cells` };
}
