// FITS images of 4096 x 4096 float32: ten files read and written, warm, in process, each program timing itself. Nobody forces the
// files to disk here: astropy and cfitsio never do, so our writer is asked not to (`durable: false`), and writes no checksums as
// they write none. All write names that are not there yet: replacing a file by renaming, as ours would, costs ext4 a flush of it.
// astropy hands out the bytes in file order; it is timed until they are numbers of the machine, as ours are.
import { rmSync } from 'node:fs';
import { openFits, writeFits } from '#libs/fits';
import type { Need, Surroundings } from '../../accuracy/surroundings.js';
import { type BenchCase, median, type Timing } from '../bench-case.js';
import { cfitsioMs } from './cfitsio.js';

const SIDE = 4096;
const FILES = 10;
const ROUNDS = 5;

type Peer = 'astropy' | 'cfitsio';
const PEERS: readonly Peer[] = ['astropy', 'cfitsio'];
const NEEDS: Readonly<Record<Peer, readonly Need[]>> = { astropy: ['python:astropy'], cfitsio: ['header:fitsio.h'] };
const room = 'fits';

export const fits: readonly BenchCase[] = [
  ...PEERS.map((against): BenchCase => {
    const goal = { slowerAtMost: 1.2 };
    const name = `read ${SIDE} x ${SIDE} float32, ms per file`;
    return { room, name, against, goal, needs: NEEDS[against], measure: (around) => raceReading(around, against) };
  }),
  ...PEERS.map((against): BenchCase => {
    const goal = { slowerAtMost: 1.2 };
    const name = `write ${SIDE} x ${SIDE} float32, ms per file`;
    return { room, name, against, goal, needs: NEEDS[against], measure: (around) => raceWriting(around, against) };
  }),
  {
    room,
    name: `read ${SIDE} x ${SIDE} float32 in RICE_1, ms per file`,
    against: 'cfitsio',
    goal: { slowerAtMost: 1.5 },
    needs: NEEDS.cfitsio,
    async measure(around) {
      const files = Array.from({ length: 3 }, (_, i) => around.scratch(`rice-${i}.fits`));
      await cfitsioMs(around, 'pack', SIDE, files);
      return race(
        () => readOurs(files, 1),
        () => cfitsioMs(around, 'read', SIDE, files),
      );
    },
  },
];

/** Medians of interleaved rounds; every function times itself and warms itself up. */
async function race(ours: () => Promise<number>, theirs: () => Promise<number>): Promise<Timing> {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    times[0].push(await ours());
    times[1].push(await theirs());
  }
  return { ours: median(times[0]), theirs: median(times[1]) };
}

async function raceReading(around: Surroundings, peer: Peer): Promise<Timing> {
  const files = Array.from({ length: FILES }, (_, i) => around.scratch(`plain-${i}.fits`));
  await writeOurs(files);
  return race(
    () => readOurs(files, 0),
    () => (peer === 'cfitsio' ? cfitsioMs(around, 'read', SIDE, files) : astropyMs(around, READ, files)),
  );
}

async function raceWriting(around: Surroundings, peer: Peer): Promise<Timing> {
  const names = (who: string): string[] =>
    Array.from({ length: FILES }, (_, i) => around.scratch(`written-${who}-${i}.fits`));
  return race(
    () => writeOurs(names('ours')),
    () => (peer === 'cfitsio' ? cfitsioMs(around, 'write', SIDE, names(peer)) : astropyMs(around, WRITE, names(peer))),
  );
}

/** Milliseconds per file of the second of two passes. */
async function timed(
  files: readonly string[],
  work: (file: string) => Promise<void>,
  prepare: () => void = () => {},
): Promise<number> {
  let started = 0;
  for (let pass = 0; pass < 2; pass++) {
    prepare();
    started = performance.now();
    for (const file of files) await work(file);
  }
  return (performance.now() - started) / files.length;
}

const into = new Float32Array(SIDE * SIDE);
const pixels = Float32Array.from({ length: SIDE * SIDE }, (_, i) => i * 0.37);

const readOurs = (files: readonly string[], hdu: number): Promise<number> =>
  timed(files, async (path) => {
    const file = await openFits(path);
    await file.hdu(hdu).readImage({ into });
    await file.close();
  });

const writeOurs = (files: readonly string[]): Promise<number> =>
  timed(
    files,
    (path) =>
      writeFits(path, [{ kind: 'image', shape: [SIDE, SIDE], data: pixels }], { checksums: false, durable: false }),
    () => files.forEach((path) => rmSync(path, { force: true })),
  );

const READ = `
def prepare(name): pass
def work(name):
    with fits.open(name, memmap=False) as f:
        a = f[0].data.byteswap(inplace=True)
        a.dtype = 'f4'`;
const WRITE = `
a = (np.arange(SIDE * SIDE, dtype='f4') * np.float32(0.37)).reshape(SIDE, SIDE)
def prepare(name):
    if os.path.exists(name): os.remove(name)
def work(name):
    fits.PrimaryHDU(a).writeto(name)`;

async function astropyMs(around: Surroundings, work: string, files: readonly string[]): Promise<number> {
  const script = `
import sys, json, os, time
import numpy as np
from astropy.io import fits
SIDE = ${SIDE}
names = json.load(sys.stdin)
${work}
for _ in range(2):
    for name in names: prepare(name)
    t = time.perf_counter()
    for name in names: work(name)
print((time.perf_counter() - t) * 1e3 / len(names))`;
  return Number((await around.python(script, JSON.stringify(files))).toString());
}
