// A user's Task as a Task of the pipeline: same connections, same config rules, but its function is text and runs in the sandbox only.

import {
  type Connection,
  type Dimension,
  many,
  one,
  optional,
  sha256Hex,
  type TaskDefinition,
  TaskFailure,
} from '#libs/pipeline';
import { z } from 'zod';
import { USER_STORAGE_CLASSES, type UserStorageClass } from './storage-classes.js';
import type { UserTask } from './submission.js';

export const USER_PACKAGE = { name: 'user', version: '0' } as const;

interface DeclaredConnection {
  readonly name: string;
  readonly datasetType?: string | undefined;
  readonly storageClass: UserStorageClass;
  readonly multiplicity: 'one' | 'optional' | 'many';
  readonly dimensions?: readonly Dimension[] | undefined;
  readonly prerequisite?: boolean;
}

const MAKERS = { one, optional, many } as const;

const connectionsOf = (declared: readonly DeclaredConnection[]): Readonly<Record<string, Connection<unknown>>> =>
  Object.fromEntries(
    declared.map(({ name, datasetType = name, storageClass, multiplicity, dimensions, prerequisite = false }) => [
      name,
      MAKERS[multiplicity](datasetType, USER_STORAGE_CLASSES[storageClass], {
        ...(dimensions && { dimensions }),
        ...(prerequisite && { prerequisite }),
      }),
    ]),
  );

/** The schema of a parameter is that of its default. */
function schemaOf(value: UserTask['parameters'][string]): z.ZodType {
  if (typeof value === 'number') return z.number().default(value);
  if (typeof value === 'string') return z.string().default(value);
  if (typeof value === 'boolean') return z.boolean().default(value);
  return value.every((item) => typeof item === 'number')
    ? z.array(z.number()).default(value)
    : z.array(z.string()).default(value as string[]);
}

/** The version is a digest of the text, so that provenance tells two texts of one name apart. */
export const versionOf = (task: UserTask): string => `user-${sha256Hex(task.code).slice(0, 16)}`;

export function userTaskDefinition(task: UserTask): TaskDefinition {
  const { name, description, dimensions, inputs, outputs, parameters } = task;
  return {
    name,
    version: versionOf(task),
    description,
    dimensions,
    config: z.object(Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, schemaOf(value)]))),
    inputs: connectionsOf(inputs),
    outputs: connectionsOf(outputs),
    run() {
      throw new TaskFailure('bug', 'NOT_SANDBOXED', `the user Task '${name}' can only run in the sandbox`);
    },
  };
}
