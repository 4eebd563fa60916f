// A submission is checked completely before it becomes a job: what can be said at once is said at once, all of it.

import {
  type Connection,
  type DataQuery,
  didYouMean,
  parsePipeline,
  type Pipeline,
  PipelineError,
  TaskRegistry,
} from '#libs/pipeline';
import { collectionsOf, REFERENCE_CATALOGS } from '#libs/processing';
import { taskPackage } from '#libs/productions';
import type { z } from 'zod';
import { checkCode } from './check-code.js';
import { invalidSubmission, type SubmissionProblem } from './level3-error.js';
import type { SandboxLimits } from './sandbox/sandbox.js';
import { USER_STORAGE_CLASSES } from './storage-classes.js';
import { isDatasetTypeName, type Submission, SubmissionSchema, type UserTask, UserTaskSchema } from './submission.js';
import { USER_PACKAGE, userTaskDefinition } from './user-task.js';

/** A dataset type as others know it. */
export interface KnownType {
  readonly name: string;
  readonly storageClass: string;
}

export interface CheckOptions {
  /** name of the user who submits: other users' runs are not to be read */
  readonly user: string;
  /** dataset types that are stored somewhere, beside those of the library's Tasks */
  readonly storedTypes?: readonly KnownType[];
}

/** A submission that can run. */
export interface CheckedSubmission {
  readonly submission: Submission;
  readonly pipeline: Pipeline;
  readonly tasks: TaskRegistry;
  /** texts of the user's Tasks by name */
  readonly code: ReadonlyMap<string, string>;
  readonly query: DataQuery;
  readonly collections: readonly string[];
  /** dataset types that are kept as results */
  readonly persist: readonly string[];
  readonly limits: SandboxLimits;
}

const libraryTasks = taskPackage.tasks;
const libraryNames = libraryTasks.map(({ name }) => name);
const connectionsOf = (connections: unknown): readonly Connection<unknown>[] =>
  Object.values(connections as Readonly<Record<string, Connection<unknown>>>);
const libraryTypes: ReadonlyMap<string, string> = new Map(
  libraryTasks.flatMap(({ inputs, outputs }) =>
    [...connectionsOf(inputs), ...connectionsOf(outputs)].map(
      ({ datasetType, storageClass }) => [datasetType, storageClass.name] as const,
    ),
  ),
);

/** Throws Level3Error INVALID_SUBMISSION with every problem found. */
export function checkSubmission(input: unknown, options: CheckOptions): CheckedSubmission {
  const parsed = SubmissionSchema.safeParse(input);
  if (!parsed.success) throw invalidSubmission(parsed.error.issues.map((issue) => shapeProblem(issue)));
  const submission = parsed.data;
  const problems: SubmissionProblem[] = submission.tasks.flatMap((task, i) => taskProblems(task, i, submission.tasks));
  problems.push(...collectionProblems(submission, options.user));
  if (problems.length > 0) throw invalidSubmission(problems);

  const tasks = new TaskRegistry().registerPackage(taskPackage);
  for (const task of submission.tasks) tasks.register(userTaskDefinition(task), USER_PACKAGE);
  const pipeline = withRuntimes(pipelineOf(submission, tasks));
  problems.push(...pipelineProblems(submission, pipeline, options.storedTypes ?? []));
  if (problems.length > 0) throw invalidSubmission(problems);
  return {
    submission,
    pipeline,
    tasks,
    code: new Map(submission.tasks.map(({ name, code }) => [name, code])),
    query: submission.data as DataQuery,
    collections: submission.inputs ?? usualCollections(submission),
    persist: resultTypes(pipeline),
    limits: submission.limits,
  };
}

function shapeProblem(issue: z.core.$ZodIssue): SubmissionProblem {
  const place = issue.path.map(String).join('.') || 'submission';
  if (issue.code !== 'unrecognized_keys') return { code: 'INVALID_FIELD', place, message: issue.message };
  const known =
    issue.path.length === 0
      ? Object.keys(SubmissionSchema.shape)
      : issue.path[0] === 'tasks' && issue.path.length === 2
        ? Object.keys(UserTaskSchema.shape)
        : [];
  const message = issue.keys.map((key) => `there is no field '${key}'${didYouMean(key, known)}`).join('; ');
  return { code: 'UNKNOWN_FIELD', place, message };
}

function taskProblems(task: UserTask, index: number, all: readonly UserTask[]): readonly SubmissionProblem[] {
  const place = `tasks.${index}`;
  const problems: SubmissionProblem[] = [];
  const say = (code: string, where: string, message: string): void => {
    problems.push({ code, place: `${place}.${where}`, message });
  };
  if (libraryNames.includes(task.name))
    say('NAME_TAKEN', 'name', `'${task.name}' is a Task of the library; give yours another name`);
  if (all.findIndex(({ name }) => name === task.name) !== index)
    say('NAME_TAKEN', 'name', `two of your Tasks are called '${task.name}'`);
  for (const side of ['inputs', 'outputs'] as const)
    for (const [i, { name }] of task[side].entries())
      if (task[side].findIndex((other) => other.name === name) !== i)
        say('NAME_TAKEN', `${side}.${i}.name`, `two ${side} are called '${name}'`);
  const fault = checkCode(task.code, `${place}.code`);
  if (fault) problems.push(fault);
  return problems;
}

const usualCollections = ({ data }: Submission): readonly string[] => {
  const instruments = [data.instrument ?? []].flat().map(String);
  return [
    ...instruments.flatMap((instrument) => {
      const { alertProduction, templates, raw, calibrations } = collectionsOf(instrument);
      return [alertProduction, templates, raw, calibrations];
    }),
    REFERENCE_CATALOGS,
  ];
};

function collectionProblems(submission: Submission, user: string): readonly SubmissionProblem[] {
  const { inputs, data } = submission;
  if (inputs === undefined)
    return data.instrument === undefined
      ? [
          {
            code: 'NO_COLLECTIONS',
            place: 'data.instrument',
            message:
              'name the instrument whose collections are to be searched, or the collections themselves in `inputs`',
          },
        ]
      : [];
  return inputs.flatMap((collection, i) =>
    collection.startsWith('u/') && !collection.startsWith(`u/${user}/`)
      ? [
          {
            code: 'NOT_YOURS',
            place: `inputs.${i}`,
            message: `'${collection}' belongs to another user; yours begin with 'u/${user}/'`,
          },
        ]
      : [],
  );
}

function pipelineOf({ pipeline }: Submission, tasks: TaskRegistry): Pipeline {
  const named = typeof pipeline === 'string' ? pipeline : JSON.stringify({ name: 'level3', ...pipeline });
  try {
    return parsePipeline(named, tasks);
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    const at = error.details['at'] as { readonly line?: number } | undefined;
    throw invalidSubmission([
      { code: error.code, place: at?.line === undefined ? 'pipeline' : `pipeline:${at.line}`, message: error.message },
    ]);
  }
}

const isUserTask = ({ registered }: Pipeline['tasks'][number]): boolean => registered.packageName === USER_PACKAGE.name;

/** Where a Task runs is not for the pipeline to say: users' Tasks in the sandbox, ours in threads. */
const withRuntimes = (pipeline: Pipeline): Pipeline => ({
  ...pipeline,
  tasks: pipeline.tasks.map((task) => ({ ...task, runtime: isUserTask(task) ? 'sandbox' : 'thread' })),
});

function pipelineProblems(
  { tasks }: Submission,
  pipeline: Pipeline,
  storedTypes: readonly KnownType[],
): readonly SubmissionProblem[] {
  const problems: SubmissionProblem[] = [];
  if (pipeline.tasks.length === 0)
    problems.push({ code: 'INVALID_PIPELINE', place: 'pipeline.tasks', message: 'there is no Task in it' });
  for (const [i, { name }] of tasks.entries())
    if (!pipeline.tasks.some(({ registered }) => registered.task.name === name))
      problems.push({ code: 'UNUSED_TASK', place: `tasks.${i}.name`, message: `the pipeline does not use '${name}'` });
  const made = new Set(pipeline.tasks.flatMap(({ outputs }) => Object.values(outputs).map((one) => one.datasetType)));
  const known = new Map([...storedTypes.map((one) => [one.name, one.storageClass] as const), ...libraryTypes]);
  for (const task of pipeline.tasks) {
    for (const side of ['inputs', 'outputs'] as const)
      for (const [name, { datasetType, storageClass, prerequisite }] of Object.entries(task[side])) {
        const place = `pipeline.tasks.${task.label}.${side}.${name}`;
        if (!isDatasetTypeName(datasetType))
          problems.push({
            code: 'INVALID_NAME',
            place,
            message: `a dataset type is a letter and up to 63 letters, digits and _: ${JSON.stringify(datasetType)}`,
          });
        const expected = known.get(datasetType);
        if (side === 'inputs' && expected === undefined && !made.has(datasetType) && prerequisite !== true)
          problems.push({
            code: 'UNKNOWN_DATASET_TYPE',
            place,
            message: `nothing makes or holds '${datasetType}'${didYouMean(datasetType, [...known.keys(), ...made])}`,
          });
        if (isUserTask(task) && expected !== undefined && expected !== storageClass.name)
          problems.push({
            code: 'STORAGE_CLASS_MISMATCH',
            place,
            message: `'${datasetType}' is ${expected}${expected in USER_STORAGE_CLASSES ? '' : ' (which user Tasks cannot read)'}, not ${storageClass.name}`,
          });
      }
  }
  return problems;
}

/** The pipeline's own list, or else what users' Tasks make and what no other Task goes on with. */
function resultTypes({ tasks, persist }: Pipeline): readonly string[] {
  if (persist.length > 0) return persist;
  const used = new Set(tasks.flatMap(({ inputs }) => Object.values(inputs).map(({ datasetType }) => datasetType)));
  return [
    ...new Set(
      tasks.flatMap((task) =>
        Object.values(task.outputs)
          .map(({ datasetType }) => datasetType)
          .filter((datasetType) => isUserTask(task) || !used.has(datasetType)),
      ),
    ),
  ];
}
