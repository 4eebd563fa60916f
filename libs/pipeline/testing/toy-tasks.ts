// Tasks without astronomy, for tests of the machinery.
import { z } from 'zod';
import { TaskFailure } from '../src/failure.js';
import { defineTask } from '../src/task.js';
import { deferredMany, many, one, optional } from '../src/connection.js';
import { jsonStorageClass } from '../src/storage-class.js';

export const NumberJson = jsonStorageClass<number>('NumberJson');
export const ListJson = jsonStorageClass<readonly number[]>('ListJson');

/** visit x detector: raw + bias -> clean; detectors listed in `dead` fail. */
export const clean = defineTask({
  name: 'clean',
  version: '1',
  dimensions: ['visit', 'detector'],
  config: z.strictObject({
    scale: z.number().positive().default(1),
    dead: z.array(z.number()).default([]),
    failure: z.enum(['noWork', 'unprocessable', 'transient']).default('unprocessable'),
    limits: z.strictObject({ threshold: z.number().default(5), window: z.number().int().default(3) }).prefault({}),
  }),
  inputs: {
    raw: one('raw', NumberJson),
    bias: one('bias', NumberJson, { dimensions: ['detector'], prerequisite: true }),
  },
  outputs: { clean: one('clean', NumberJson) },
  run({ raw, bias }, { config, dataId, metric }) {
    if (config.dead.includes(Number(dataId.detector)))
      throw new TaskFailure(config.failure, 'DEAD_DETECTOR', `detector ${dataId.detector} is dead`, {
        detector: dataId.detector,
      });
    metric('level', raw - bias, 'electron');
    return { clean: (raw - bias) * config.scale };
  },
});

export const measure = defineTask({
  name: 'measure',
  version: '1',
  dimensions: ['visit', 'detector'],
  config: z.strictObject({}),
  inputs: { clean: one('clean', NumberJson), hint: optional('hint', NumberJson) },
  outputs: { measured: one('measured', NumberJson) },
  run: ({ clean: value, hint }) => ({ measured: value + (hint ?? 0) }),
});

/** many visits -> one patch. */
export const stack = defineTask({
  name: 'stack',
  version: '1',
  dimensions: ['tract', 'patch', 'band'],
  config: z.strictObject({}),
  inputs: { images: deferredMany('clean', NumberJson, { dimensions: ['visit', 'detector'] }) },
  outputs: { coadd: one('coadd', ListJson) },
  async run({ images }) {
    const values: number[] = [];
    for (const image of images) values.push(await image.get());
    return { coadd: values.sort((a, b) => a - b) };
  },
});

/** An expansion node: families found while running. */
export const findFamilies = defineTask({
  name: 'findFamilies',
  version: '1',
  dimensions: ['visit', 'detector'],
  config: z.strictObject({}),
  inputs: { clean: one('clean', NumberJson) },
  outputs: { families: many('family', NumberJson, { dimensions: ['visit', 'detector', 'element'] }) },
  run: ({ clean: count }) => ({
    families: Array.from({ length: count }, (_, i) => ({ dataId: { element: i + 1 }, value: (i + 1) * 10 })),
  }),
});
export const deblend = defineTask({
  name: 'deblend',
  version: '1',
  dimensions: ['visit', 'detector', 'element'],
  config: z.strictObject({ bad: z.number().default(-1) }),
  inputs: { family: one('family', NumberJson) },
  outputs: { child: one('child', NumberJson) },
  run({ family }, { config, dataId }) {
    if (dataId.element === config.bad)
      throw new TaskFailure('algorithm', 'NOT_CONVERGED', 'the model did not converge');
    return { child: family + 1 };
  },
});
export const gather = defineTask({
  name: 'gather',
  version: '1',
  dimensions: ['visit', 'detector'],
  config: z.strictObject({}),
  inputs: { children: many('child', NumberJson, { dimensions: ['visit', 'detector', 'element'] }) },
  outputs: { catalog: one('catalog', ListJson) },
  run: ({ children }) => ({ catalog: children.map(({ value }) => value) }),
});

/** Newton's iteration for a square root: one step per iteration. */
export const refine = defineTask({
  name: 'refine',
  version: '1',
  dimensions: ['tract'],
  config: z.strictObject({ target: z.number().default(2), digits: z.number().default(0) }),
  inputs: { previous: optional('previousModel', NumberJson) },
  outputs: { model: one('model', NumberJson) },
  run: ({ previous = 1 }, { config }) => ({ model: (previous + config.target / previous) / 2 }),
});
export const useModel = defineTask({
  name: 'useModel',
  version: '1',
  dimensions: ['tract'],
  config: z.strictObject({}),
  inputs: { model: one('model', NumberJson) },
  outputs: { final: one('final', NumberJson) },
  run: ({ model }) => ({ final: model }),
});

/** Burns CPU; polls the cancel flag or not. */
export const spin = defineTask({
  name: 'spin',
  version: '1',
  dimensions: ['visit', 'detector'],
  config: z.strictObject({ seconds: z.number().default(60), polls: z.boolean().default(true) }),
  inputs: {},
  outputs: { spun: one('spun', NumberJson) },
  run(_, { config, cancelled }) {
    const end = Date.now() + config.seconds * 1000;
    let turns = 0;
    while (Date.now() < end) {
      turns++;
      if (config.polls) cancelled();
    }
    return { spun: turns };
  },
});

/** Takes planes from the arena and sums a ramp: 4 MB a time at 1024 x 1024. */
export const planes = defineTask({
  name: 'planes',
  version: '1',
  dimensions: ['visit', 'detector'],
  config: z.strictObject({
    pixels: z
      .number()
      .int()
      .default(1024 * 1024),
    planes: z.number().int().default(4),
  }),
  inputs: {},
  outputs: { sum: one('planeSum', NumberJson) },
  run(_, { config, allocator }) {
    let sum = 0;
    for (let p = 0; p < config.planes; p++) {
      const plane = allocator.float32(config.pixels);
      sum += plane[0]! + plane[config.pixels - 1]!;
      plane.fill(p + 1);
      sum += plane[config.pixels - 1]!;
    }
    return { sum };
  },
});

export const tasks = [clean, measure, stack, findFamilies, deblend, gather, refine, useModel, spin, planes];
export const taskPackage = { name: 'toy', version: '0.0.1', tasks };
