// Coverage maps: stored ones against their known sky fractions, ours against STILTS, astropy and fitsverify.
import { readFileSync, writeFileSync } from 'node:fs';
import { encodeMocFits, healpixIndices, Moc, readMocFits, SpaceTimeMoc, TimeMoc } from '#libs/sky';
import type { Surroundings } from '../surroundings.js';
import type { Measurement, TruthCase } from '../truth-case.js';
import { integers, randomDirections } from './sky-samples.js';

const FOLDER = '9_vo_hips_moc';
const STORED = 'mocpy, stored with the data';

export const moc: readonly TruthCase[] = [
  {
    room: 'sky',
    name: 'MOC: sky fractions of the stored maps',
    truth: STORED,
    // a sum of doubles there, exact here
    limit: 1e-15,
    unit: '',
    needs: ['data'],
    measure: skyFractions,
  },
  {
    room: 'sky',
    name: 'MOC 2.0 samples: FITS equals ASCII (space, time, space-time)',
    truth: STORED,
    limit: 0,
    unit: 'differ',
    needs: ['data'],
    measure: samplesAgree,
  },
  {
    room: 'sky',
    name: 'MOC: stored maps through our FITS (NUNIQ, RANGE), ASCII, JSON',
    truth: 'the map itself',
    limit: 0,
    unit: 'differ',
    needs: ['data'],
    measure: roundTrips,
  },
  {
    room: 'sky',
    name: 'MOC: membership of 1M directions in a stored map',
    truth: 'its NUNIQ cells by astropy, positions by healpy',
    limit: 0,
    unit: 'differ',
    needs: ['data', 'python:healpy', 'python:astropy'],
    measure: membership,
  },
  {
    room: 'sky',
    name: 'MOC: 20,000 directions in NUNIQ files that we write',
    truth: 'STILTS inMoc',
    limit: 0,
    unit: 'differ',
    needs: ['command:stilts'],
    measure: membershipByStilts,
  },
  {
    room: 'sky',
    name: 'MOC: fitsverify on files that we write, all five forms',
    truth: 'fitsverify (cfitsio)',
    limit: 0,
    unit: 'errors',
    needs: ['command:fitsverify'],
    measure: verified,
  },
];

interface StoredTruth {
  readonly sky_fraction?: number;
  readonly max_order?: number;
}

async function skyFractions(around: Surroundings): Promise<Measurement> {
  const truth = JSON.parse(readFileSync(around.data(FOLDER, 'moc_truth.json'), 'utf8')) as Record<string, StoredTruth>;
  let worst = 0;
  let count = 0;
  for (const [name, { sky_fraction, max_order }] of Object.entries(truth)) {
    if (sky_fraction === undefined) continue;
    const map = await readMocFits(around.data(FOLDER, name.slice(name.indexOf('mocs/'))));
    if (!(map instanceof Moc)) throw new Error(`${name} is not spatial`);
    worst = Math.max(worst, Math.abs(map.skyFraction - sky_fraction));
    if (map.cells().at(-1)?.order !== max_order) throw new Error(`${name}: finest cells of another order`);
    count++;
  }
  return { value: count > 0 ? worst : NaN, note: `${count} maps` };
}

const sample = (around: Surroundings, name: string): string => around.data(FOLDER, 'mocs', 'MOC2.0', name);

async function samplesAgree(around: Surroundings): Promise<number> {
  const text = (name: string): string => readFileSync(sample(around, name), 'utf8');
  const pairs = [
    [await readMocFits(sample(around, 'SMOC.fits')), Moc.fromAscii(text('smoc.ascii.txt'))],
    [await readMocFits(sample(around, 'TMOC.fits')), TimeMoc.fromAscii(text('tmoc.ascii.txt'))],
    [await readMocFits(sample(around, 'STMOC.fits')), SpaceTimeMoc.fromAscii(text('stmoc.ascii.txt'))],
  ] as const;
  return pairs.filter(([fits, ascii]) => fits.toAscii() !== ascii.toAscii()).length;
}

const STORED_MAPS = ['CDS-I-125A-catalog_MOC.fits', 'P-GALEXGR6-AIS-FUV.fits', 'P-SDSS9-r.fits'];
const SAMPLES = ['SMOC.fits', 'TMOC.fits', 'STMOC.fits', 'STMoc-basic.fits'];

async function roundTrips(around: Surroundings): Promise<Measurement> {
  const paths = [
    ...STORED_MAPS.map((name) => around.data(FOLDER, 'mocs', name)),
    ...SAMPLES.map((name) => sample(around, name)),
  ];
  let differ = 0;
  for (const path of paths) {
    const map = await readMocFits(path);
    const text = map.toAscii();
    const [ascii, json] =
      map instanceof Moc
        ? [Moc.fromAscii(text), Moc.fromJson(map.toJson())]
        : map instanceof TimeMoc
          ? [TimeMoc.fromAscii(text), TimeMoc.fromJson(map.toJson())]
          : [SpaceTimeMoc.fromAscii(text), SpaceTimeMoc.fromJson(map.toJson())];
    const nuniq = await readMocFits(encodeMocFits(map));
    const range = await readMocFits(encodeMocFits(map, { ordering: 'RANGE' }));
    differ += [ascii, json, nuniq, range].filter((other) => other.toAscii() !== text).length;
  }
  return { value: differ, note: `${paths.length} maps` };
}

async function membership(around: Surroundings): Promise<Measurement> {
  const path = around.data(FOLDER, 'mocs', 'P-SDSS9-r.fits');
  const { ra, dec } = randomDirections(1_000_000);
  const points = around.scratch('moc-points.bin');
  writeFileSync(points, Buffer.concat([Buffer.from(ra.buffer), Buffer.from(dec.buffer)]));
  const script = `
import sys, numpy as np, healpy as hp
from astropy.io import fits
uniq = np.asarray(fits.getdata(sys.argv[1], 1)['UNIQ']).astype('i8')
ra, dec = np.fromfile(sys.argv[2]).reshape(2, -1)
inside = np.zeros(len(ra), bool)
order = np.floor(np.log2(uniq / 4) / 2).astype(int)
for o in np.unique(order):
    cells = uniq[order == o] - 4 * 4**o
    inside |= np.isin(hp.ang2pix(2**o, ra, dec, nest=True, lonlat=True), cells)
sys.stdout.buffer.write(inside.astype('<i8').tobytes())`;
  const truth = integers(await around.python(script, undefined, [path, points]));
  const map = await readMocFits(path);
  if (!(map instanceof Moc)) throw new Error('not spatial');
  const ours = map.containsAll(ra, dec);
  let differ = 0;
  let inside = 0;
  for (let i = 0; i < ours.length; i++) {
    if (BigInt(ours[i]!) !== truth[i]) differ++;
    inside += ours[i]!;
  }
  return { value: differ, note: `${inside} inside` };
}

const made = (): Moc[] => [
  Moc.fromCone(9, 0.5, -60, 7),
  Moc.fromCone(6, 77, 90, 20).complement(),
  Moc.fromPolygon(10, [
    { raDeg: 359, decDeg: 10 },
    { raDeg: 3, decDeg: 11 },
    { raDeg: 1, decDeg: 14 },
  ]),
  Moc.fromCells(29, [healpixIndices(29, [12], [34])[0]!]).union(Moc.fromCells(0, [7n])),
];

async function membershipByStilts(around: Surroundings): Promise<Measurement> {
  const { ra, dec } = randomDirections(20_000);
  const points = around.scratch('moc-points.csv');
  writeFileSync(points, `ra,dec\n${Array.from(ra, (value, i) => `${value},${dec[i]!}`).join('\n')}\n`);
  let differ = 0;
  let inside = 0;
  for (const [i, map] of made().entries()) {
    const path = around.scratch(`moc-${i}.fits`);
    writeFileSync(path, encodeMocFits(map));
    const command = `addcol inside 'inMoc("${path}",ra,dec)'; keepcols inside`;
    const text = (
      await around.run('stilts', ['tpipe', `in=${points}`, 'ifmt=csv', `cmd=${command}`, 'ofmt=csv-noheader'])
    ).toString();
    const theirs = text.trimEnd().split('\n');
    if (theirs.length !== ra.length) throw new Error(`STILTS answered ${theirs.length} rows`);
    map.containsAll(ra, dec).forEach((ours, k) => {
      if ((ours === 1) !== (theirs[k] === 'true')) differ++;
      inside += ours;
    });
  }
  return { value: differ, note: `${made().length} maps, ${inside} inside` };
}

async function verified(around: Surroundings): Promise<Measurement> {
  const [first] = made();
  const times = TimeMoc.fromIntervals(40, [[60000, 60001.5]]);
  const files = [
    encodeMocFits(first!),
    encodeMocFits(first!, { ordering: 'RANGE', header: { MOCID: 'ivo://almagest/test' } }),
    encodeMocFits(times),
    encodeMocFits(new SpaceTimeMoc([{ time: times, space: first! }])),
    encodeMocFits(Moc.empty(3)),
  ];
  let errors = 0;
  for (const [i, bytes] of files.entries()) {
    const path = around.scratch(`verify-${i}.fits`);
    writeFileSync(path, bytes);
    const text = (await around.run('fitsverify', ['-e', path])).toString();
    const said = /(\d+) warning\(s\) and (\d+) error\(s\)/.exec(text);
    errors += said ? Number(said[1]) + Number(said[2]) : 1;
  }
  return { value: errors, note: 'warnings counted too' };
}
