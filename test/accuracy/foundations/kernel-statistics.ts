// Statistics of meshes and of stacks with missing pixels against source-extractor, numpy and astropy.
import { encodeFits, openFits } from '#libs/fits';
import { meshEdges, meshStatistics, stackPlanes } from '#libs/kernels';
import { readFileSync, writeFileSync } from 'node:fs';
import type { TruthCase } from '../truth-case.js';
import { difference, differing, type Image, images, numpy, skyImage } from './kernel-images.js';

const [WIDTH, HEIGHT, N] = [201, 150, 11];
const SHAPE = `${N}, ${HEIGHT}, ${WIDTH}`;

/** Planes of which one pixel in thirty is NaN and one in forty is hit by a cosmic ray. */
function planes(): Image[] {
  return Array.from({ length: N }, (_, k) => {
    const plane = skyImage(WIDTH, HEIGHT, 30 + k, 1000, 0);
    for (let i = k; i < plane.data.length; i += 30 + k) plane.data[i] = NaN;
    for (let i = 7 * k; i < plane.data.length; i += 40 + k) plane.data[i]! += 3000;
    return plane;
  });
}

export const statistics: readonly TruthCase[] = [
  {
    room: 'kernels',
    name: 'mesh of 64 px, mode: level and noise',
    truth: 'source-extractor, MINIBACKGROUND check images',
    limit: 2e-4, // it bins in floats: one pixel in the next bin can move the median by half a bin of 0.12, and the mode by 2.5 times that
    unit: 'of level',
    needs: ['command:source-extractor'],
    measure: async (surroundings) => {
      const side = 1024;
      const source = skyImage(side, side, 11);
      const edges = meshEdges(side, 64);
      const { level, sigma } = images.run(meshStatistics({ source, xEdges: edges, yEdges: edges, statistic: 'mode' }));
      const path = (name: string): string => surroundings.scratch(name);
      writeFileSync(path('sky.fits'), encodeFits([{ kind: 'image', data: source.data, shape: [side, side] }]));
      writeFileSync(path('sex.param'), 'NUMBER\n');
      writeFileSync(path('sex.conv'), 'CONV NORM\n1 2 1\n2 4 2\n1 2 1\n');
      await surroundings.run('source-extractor', [
        path('sky.fits'),
        '-PARAMETERS_NAME',
        path('sex.param'),
        '-FILTER_NAME',
        path('sex.conv'),
        '-CHECKIMAGE_NAME',
        `${path('level.fits')},${path('rms.fits')}`,
        ...'-CHECKIMAGE_TYPE MINIBACKGROUND,MINIBACK_RMS -BACK_SIZE 64 -BACK_FILTERSIZE 1'.split(' '),
        ...'-CATALOG_TYPE NONE -VERBOSE_TYPE QUIET -DETECT_THRESH 1000'.split(' '),
      ]);
      const read = async (name: string): Promise<ArrayLike<number>> =>
        (await (await openFits(readFileSync(path(name)))).hdus[0]!.readImageAsFloat32()).data;
      const levels = difference(level, await read('level.fits'), 1000);
      const noises = difference(sigma, await read('rms.fits'), 1000);
      return { value: Math.max(levels, noises), note: `${level.length} cells; noise ${noises.toExponential(1)}` };
    },
  },
  {
    room: 'kernels',
    name: 'mesh of 64 px, clipped mean',
    truth: 'astropy.stats.sigma_clip about the mean',
    limit: 1e-9, // sums in doubles on both sides
    unit: 'of level',
    needs: ['python:astropy'],
    measure: async (surroundings) => {
      const side = 1024;
      const source = skyImage(side, side, 12);
      const edges = meshEdges(side, 64);
      const { level, sigma } = images.run(
        meshStatistics({ source, xEdges: edges, yEdges: edges, statistic: 'clippedMean', iterations: 10 }),
      );
      const truth = await numpy(
        surroundings,
        `from astropy.stats import sigma_clip
a = read(${side}, ${side}).astype('f8').reshape(16, 64, 16, 64).swapaxes(1, 2).reshape(256, 4096)
c = [sigma_clip(x, sigma=3, maxiters=10, cenfunc='mean', stdfunc='std', masked=False) for x in a]
write(np.array([x.mean() for x in c]), np.array([x.std() for x in c]))`,
        source.data,
      );
      return difference([...level, ...sigma], truth, 1000);
    },
  },
  {
    room: 'kernels',
    name: 'median of 11 planes with missing pixels: values that differ',
    truth: 'numpy.nanmedian',
    limit: 0,
    unit: 'pixels',
    needs: ['python:numpy'],
    measure: async (surroundings) => {
      const stack = planes();
      const image = images.plane(WIDTH, HEIGHT);
      images.run(stackPlanes({ planes: stack, method: 'median' }, { image }));
      const script = `write(np.nanmedian(read(${SHAPE}), axis=0))`;
      const truth = await numpy(surroundings, script, ...stack.map(({ data }) => data));
      return { value: differing(image.data, truth), note: `of ${truth.length}` };
    },
  },
  {
    room: 'kernels',
    name: 'mean of 11 planes weighted by inverse variance, and its variance',
    truth: 'numpy in doubles',
    limit: 1e-6, // eleven float roundings
    unit: 'relative',
    needs: ['python:numpy'],
    measure: async (surroundings) => {
      const stack = planes();
      const variances = stack.map((_, k) => skyImage(WIDTH, HEIGHT, 60 + k, 900, 0));
      const [image, variance] = [images.plane(WIDTH, HEIGHT), images.plane(WIDTH, HEIGHT)];
      images.run(stackPlanes({ planes: stack, variances, inverseVariance: true, method: 'mean' }, { image, variance }));
      const script = `a = read(${SHAPE}).astype('f8'); v = read(${SHAPE}).astype('f8'); ok = np.isfinite(a)
w = np.where(ok, 1 / v, 0); s = w.sum(0); write((w * np.where(ok, a, 0)).sum(0) / s, 1 / s)`;
      const truth = await numpy(surroundings, script, ...[...stack, ...variances].map(({ data }) => data));
      const pixels = WIDTH * HEIGHT;
      return Math.max(
        difference(image.data, truth.subarray(0, pixels), 1000),
        difference(variance.data, truth.subarray(pixels), 900 / N),
      );
    },
  },
  ...[2.5, 3].map((nSigma): TruthCase => ({
    room: 'kernels',
    name: `clipped mean of 11 planes at ${nSigma} sigma: value and samples kept`,
    truth: 'astropy.stats.sigma_clip about the median',
    limit: 1e-6, // one sample more or less would make some 1e-3
    unit: 'of level',
    needs: ['python:astropy'],
    measure: async (surroundings) => {
      const stack = planes();
      const image = images.plane(WIDTH, HEIGHT);
      const count = { width: WIDTH, height: HEIGHT, data: new Int32Array(WIDTH * HEIGHT) };
      images.run(stackPlanes({ planes: stack, method: 'clippedMean', nSigma, iterations: 20 }, { image, count }));
      const script = `from astropy.stats import sigma_clip
c = sigma_clip(np.ma.masked_invalid(read(${SHAPE}).astype('f8')), sigma=${nSigma}, maxiters=20, axis=0)
write(c.mean(axis=0).filled(np.nan), c.count(axis=0))`;
      const truth = await numpy(surroundings, script, ...stack.map(({ data }) => data));
      const pixels = WIDTH * HEIGHT;
      const kept = differing(count.data, truth.subarray(pixels));
      const value = difference(image.data, truth.subarray(0, pixels), 1000);
      return { value: kept > 0 ? Infinity : value, note: `${kept} of ${pixels} pixels keep other samples` };
    },
  })),
];
