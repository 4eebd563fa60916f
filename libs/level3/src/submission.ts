// What a Level 3 user hands in: a pipeline of library Tasks with config overrides, Tasks of his own as text, and the data to apply them to.

import { DIMENSIONS, type Dimension } from '#libs/pipeline';
import { z } from 'zod';
import {
  MAXIMUM_CODE_CHARACTERS,
  MAXIMUM_PIPELINE_CHARACTERS,
  MAXIMUM_USER_TASKS,
  SUBMISSION_LIMITS,
} from './quotas.js';
import { USER_STORAGE_CLASS_NAMES } from './storage-classes.js';

/** Iterations and elements are made by the pipeline itself. */
export const USER_DIMENSIONS = DIMENSIONS.filter(
  (dimension): dimension is Exclude<Dimension, 'iteration' | 'element'> =>
    dimension !== 'iteration' && dimension !== 'element',
);

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
const name = z.string().regex(NAME, 'a name is a letter and up to 63 letters, digits and _');
const dimensions = z.array(z.enum(USER_DIMENSIONS));

export const isDatasetTypeName = (text: string): boolean => NAME.test(text);

const connection = {
  name,
  datasetType: name.optional().meta({ description: 'the name of the connection unless given' }),
  storageClass: z.enum(USER_STORAGE_CLASS_NAMES),
  dimensions: dimensions.optional().meta({ description: 'those of the Task unless given' }),
};
const InputSchema = z.strictObject({
  ...connection,
  multiplicity: z
    .enum(['one', 'optional', 'many'], {
      error: ({ input }) =>
        input === 'deferredMany'
          ? "user Tasks get all their inputs at once: 'deferredMany' is for library Tasks; use 'many'"
          : "expected 'one', 'optional' or 'many'",
    })
    .default('one'),
  prerequisite: z
    .boolean()
    .default(false)
    .meta({ description: 'looked up by validity or region (calibrations, reference catalogs)' }),
});
const OutputSchema = z.strictObject({
  ...connection,
  multiplicity: z.enum(['one', 'optional', 'many']).default('one'),
});

export const UserTaskSchema = z.strictObject({
  name,
  description: z.string().max(2_000).default(''),
  code: z.string().min(1).max(MAXIMUM_CODE_CHARACTERS).meta({ description: 'defines function run(inputs, context)' }),
  dimensions: dimensions.default([]),
  inputs: z.array(InputSchema).min(1),
  outputs: z.array(OutputSchema).min(1),
  parameters: z
    .record(name, z.union([z.number(), z.string(), z.boolean(), z.array(z.number()), z.array(z.string())]))
    .default({})
    .meta({ description: 'name -> default; the pipeline overrides them under `config`' }),
});
export type UserTask = z.output<typeof UserTaskSchema>;

const coordinate = z.union([
  z.string().min(1).max(100),
  z.int('64-bit numbers beyond 2^53 go as strings').nonnegative(),
]);
const DataQuerySchema = z.partialRecord(
  z.enum(USER_DIMENSIONS),
  z.union([coordinate, z.array(coordinate).min(1).max(10_000)]),
);

const { usual, most } = SUBMISSION_LIMITS;
const LimitsSchema = z.strictObject({
  timeMs: z.int().min(100).max(most.timeMs).default(usual.timeMs),
  memoryMiB: z.int().min(128).max(most.memoryMiB).default(usual.memoryMiB),
  outputBytes: z.int().min(1_000).max(most.outputBytes).default(usual.outputBytes),
});

export const SubmissionSchema = z.strictObject({
  name: z.string().max(200).default('').meta({ description: 'shown in lists' }),
  pipeline: z
    .union([z.string().min(1).max(MAXIMUM_PIPELINE_CHARACTERS), z.record(z.string(), z.unknown())])
    .meta({ description: 'pipeline YAML, or the same as an object' }),
  tasks: z.array(UserTaskSchema).max(MAXIMUM_USER_TASKS).default([]),
  data: DataQuerySchema.default({}),
  inputs: z
    .array(z.string().min(1).max(200))
    .max(50)
    .optional()
    .meta({ description: "collections, first wins; those of the data's instruments unless given" }),
  limits: LimitsSchema.prefault({}),
});
export type Submission = z.output<typeof SubmissionSchema>;
export type SubmissionInput = z.input<typeof SubmissionSchema>;
