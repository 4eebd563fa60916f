// combineSnaps: the snaps of a visit into one exposure, cosmic rays by their difference.

import { combineSnaps as combine, CombineSnapsConfig } from '#libs/algorithms';
import type { Exposure } from '#libs/image';
import { defineTask, many, one, optional, TaskFailure } from '#libs/pipeline';
import { ExposureStorage } from '../storage/exposure-storage.js';
import { withTaskFailures } from './task-failures.js';

export const combineSnaps = defineTask({
  name: 'combineSnaps',
  version: '1',
  description: 'Sums the snaps of a visit and replaces cosmic rays that are in one of them; keeps their difference.',
  dimensions: ['visit', 'detector'],
  config: CombineSnapsConfig,
  inputs: { snaps: many('postIsr', ExposureStorage, { dimensions: ['visit', 'snap', 'detector'] }) },
  outputs: {
    visitImage: one('visitImage', ExposureStorage),
    snapDifference: optional('snapDifference', ExposureStorage),
  },
  run({ snaps }, { config, allocator, log, metric }) {
    const inOrder = [...snaps].sort((a, b) => Number(a.dataId.snap) - Number(b.dataId.snap));
    const [first, second, ...more] = inOrder.map(({ value }) => value);
    if (!first) throw new TaskFailure('noWork', 'NO_SNAPS', 'the visit has no snap of this detector');
    if (more.length > 0)
      throw new TaskFailure(
        'unprocessable',
        'TOO_MANY_SNAPS',
        `a visit of ${inOrder.length} snaps cannot be combined`,
        {
          snaps: inOrder.length,
        },
      );
    if (!second) {
      log.info('one snap only: passed on as it is');
      return { visitImage: first, snapDifference: undefined };
    }
    const { exposure, difference, cosmicRayPixels } = withTaskFailures(() => combine(first, second, config, allocator));
    metric('snapCosmicRayPixels', cosmicRayPixels, 'px');
    const visitImage: Exposure = { ...exposure, metadata: { ...first.metadata, ...exposure.metadata } };
    return { visitImage, snapDifference: difference };
  },
});
