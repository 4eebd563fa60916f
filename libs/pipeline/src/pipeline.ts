// Pipelines as YAML: labelled Tasks, config overrides, named subsets, fixed repetition. No instrument is named here.

import { parseDocument } from 'yaml';
import { z } from 'zod';
import { type ConfigTree, mergeConfig, resolveConfig, treeFromPath } from './config.js';
import type { Connection } from './connection.js';
import { didYouMean } from './did-you-mean.js';
import { PipelineError } from './errors.js';
import type { TaskDefinition } from './task.js';
import type { RegisteredTask, TaskRegistry } from './task-registry.js';

export type Runtime = 'thread' | 'process' | 'sandbox';

/** One labelled Task with its complete config. */
export interface PipelineTask {
  readonly label: string;
  readonly registered: RegisteredTask;
  readonly config: unknown;
  readonly runtime: Runtime;
  /** dataset types after renaming, by connection */
  readonly inputs: Readonly<Record<string, Connection<unknown>>>;
  readonly outputs: Readonly<Record<string, Connection<unknown>>>;
  /** labels that must have run before, where no dataset says so */
  readonly after: readonly string[];
}

/** A block of Tasks run several times; what one iteration made is carried into the next. */
export interface Repeat {
  readonly iterations: readonly string[];
  readonly tasks: readonly string[];
  /** input dataset type of iteration n -> dataset type made by iteration n - 1 */
  readonly carry: Readonly<Record<string, string>>;
  /** complete configs by iteration and label where they differ from the Task's */
  readonly configs: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface Pipeline {
  readonly name: string;
  readonly description: string;
  readonly tasks: readonly PipelineTask[];
  readonly subsets: Readonly<Record<string, readonly string[]>>;
  readonly repeats: readonly Repeat[];
  /** dataset types that are kept unless the caller says otherwise */
  readonly persist: readonly string[];
}

const labels = z.array(z.string().min(1));
const Scalars = z.record(z.string(), z.unknown());
const TaskEntry = z.strictObject({
  task: z.string().optional(),
  version: z.coerce.string().optional(),
  config: Scalars.default({}),
  inputs: z.record(z.string(), z.string()).default({}),
  outputs: z.record(z.string(), z.string()).default({}),
  runtime: z.enum(['thread', 'process', 'sandbox']).default('thread'),
  after: labels.default([]),
});
const Document = z.strictObject({
  name: z.string().min(1),
  description: z.string().default(''),
  tasks: z.record(z.string(), TaskEntry.nullable()),
  overrides: Scalars.default({}),
  subsets: z
    .record(z.string(), z.union([labels, z.strictObject({ description: z.string().optional(), tasks: labels })]))
    .default({}),
  repeat: z
    .array(
      z.strictObject({
        iterations: z.array(z.coerce.string()).min(1),
        tasks: labels.min(1),
        carry: z.record(z.string(), z.string()).default({}),
        overrides: z.record(z.string(), Scalars).default({}),
      }),
    )
    .default([]),
  persist: labels.default([]),
});

const splitOverride = (path: string, known: Iterable<string>): { label: string; fields: string[] } => {
  const [label, config, ...fields] = path.split('.');
  const names = [...known];
  if (label === undefined || !names.includes(label))
    throw new PipelineError(
      'UNKNOWN_TASK',
      `override '${path}': the pipeline has no task '${label}'${didYouMean(label ?? '', names)}`,
      { path },
    );
  if (config !== 'config' || fields.length === 0)
    throw new PipelineError('CONFIG_UNKNOWN_FIELD', `override '${path}' should read '${label}.config.<field>'`, {
      path,
    });
  return { label, fields };
};

const overridesFor = (label: string, overrides: ConfigTree, known: readonly string[]): ConfigTree =>
  mergeConfig(
    ...Object.entries(overrides).flatMap(([path, value]) => {
      const split = splitOverride(path, known);
      return split.label === label ? [treeFromPath(split.fields, value)] : [];
    }),
  );

function renamed(
  label: string,
  side: 'inputs' | 'outputs',
  connections: Readonly<Record<string, Connection<unknown>>>,
  names: Readonly<Record<string, string>>,
): Readonly<Record<string, Connection<unknown>>> {
  for (const name of Object.keys(names))
    if (!(name in connections))
      throw new PipelineError(
        'INVALID_PIPELINE',
        `tasks.${label}.${side}: there is no connection '${name}'${didYouMean(name, Object.keys(connections))}`,
        { label, name },
      );
  return Object.fromEntries(
    Object.entries(connections).map(([name, connection]) => [
      name,
      { ...connection, datasetType: names[name] ?? connection.datasetType },
    ]),
  );
}

const connectionsOf = (connections: unknown) => connections as Readonly<Record<string, Connection<unknown>>>;

function knownLabels(where: string, used: readonly string[], known: readonly string[]): void {
  for (const label of used)
    if (!known.includes(label))
      throw new PipelineError(
        'UNKNOWN_TASK',
        `${where}: the pipeline has no task '${label}'${didYouMean(label, known)}`,
        { label },
      );
}

export interface ParseOptions {
  /** `label.config.x.y` -> value; wins over everything in the text */
  readonly overrides?: ConfigTree;
}

/** Reads a pipeline and checks all of it: Tasks, connections, configs, subsets. */
export function parsePipeline(text: string, registry: TaskRegistry, options: ParseOptions = {}): Pipeline {
  const yaml = parseDocument(text, { uniqueKeys: true });
  const fault = yaml.errors[0];
  if (fault !== undefined)
    throw new PipelineError('INVALID_PIPELINE', `not valid YAML: ${fault.message}`, { at: fault.linePos?.[0] });
  const parsed = Document.safeParse(yaml.toJS({ maxAliasCount: 50 }));
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => ({
      path: issue.path.map(String).join('.'),
      message: issue.message,
    }));
    throw new PipelineError(
      'INVALID_PIPELINE',
      issues.map(({ path, message }) => `${path || 'pipeline'}: ${message}`).join('; '),
      { issues },
    );
  }
  const { name, description, subsets, repeat, persist } = parsed.data;
  const known = Object.keys(parsed.data.tasks);
  const written = { ...parsed.data.overrides, ...options.overrides };
  for (const path of Object.keys(written)) splitOverride(path, known);

  const trees = new Map<string, ConfigTree>();
  const tasks = Object.entries(parsed.data.tasks).map(([label, given]): PipelineTask => {
    const entry = given ?? TaskEntry.parse({});
    const registered = registry.get(entry.task ?? label, entry.version);
    const { task } = registered;
    // the caller's overrides last, whatever the order of the keys
    const tree = mergeConfig(
      entry.config,
      overridesFor(label, parsed.data.overrides, known),
      overridesFor(label, options.overrides ?? {}, known),
    );
    trees.set(label, tree);
    knownLabels(`tasks.${label}.after`, entry.after, known);
    return {
      label,
      registered,
      config: resolveConfig(`tasks.${label}`, task.config, tree),
      runtime: entry.runtime,
      inputs: renamed(label, 'inputs', connectionsOf(task.inputs), entry.inputs),
      outputs: renamed(label, 'outputs', connectionsOf(task.outputs), entry.outputs),
      after: entry.after,
    };
  });

  const repeated = new Set<string>();
  const repeats = repeat.map((block): Repeat => {
    knownLabels('repeat', block.tasks, known);
    for (const label of block.tasks) {
      if (repeated.has(label))
        throw new PipelineError('REPEAT_INVALID', `task '${label}' stands in two repeat blocks`, { label });
      repeated.add(label);
    }
    const members = tasks.filter(({ label }) => block.tasks.includes(label));
    const made = members.flatMap(({ outputs }) => Object.values(outputs).map(({ datasetType }) => datasetType));
    for (const [input, output] of Object.entries(block.carry))
      if (!made.includes(output))
        throw new PipelineError(
          'REPEAT_INVALID',
          `repeat.carry: nothing in the block makes '${output}'${didYouMean(output, made)}`,
          { input, output },
        );
    const configs = Object.entries(block.overrides).map(([iteration, overrides]) => {
      if (!block.iterations.includes(iteration))
        throw new PipelineError(
          'REPEAT_INVALID',
          `repeat.overrides: there is no iteration '${iteration}'${didYouMean(iteration, block.iterations)}`,
          { iteration },
        );
      for (const path of Object.keys(overrides))
        knownLabels(`repeat.overrides.${iteration}`, [splitOverride(path, known).label], block.tasks);
      return [
        iteration,
        Object.fromEntries(
          members.map(({ label, registered }) => [
            label,
            resolveConfig(
              `tasks.${label} (${iteration})`,
              registered.task.config,
              mergeConfig(
                trees.get(label)!,
                overridesFor(label, overrides, known),
                overridesFor(label, options.overrides ?? {}, known),
              ),
            ),
          ]),
        ),
      ] as const;
    });
    return {
      iterations: block.iterations,
      tasks: block.tasks,
      carry: block.carry,
      configs: Object.fromEntries(configs),
    };
  });

  const named = Object.fromEntries(
    Object.entries(subsets).map(([subset, members]) => {
      const list = Array.isArray(members) ? members : members.tasks;
      knownLabels(`subsets.${subset}`, list, known);
      return [subset, list];
    }),
  );
  const pipeline: Pipeline = { name, description, tasks, subsets: named, repeats, persist };
  checkProducers(pipeline);
  const types = new Set(tasks.flatMap(({ outputs }) => Object.values(outputs).map(({ datasetType }) => datasetType)));
  for (const type of persist)
    if (!types.has(type))
      throw new PipelineError(
        'INVALID_PIPELINE',
        `persist: nothing in the pipeline makes '${type}'${didYouMean(type, types)}`,
        { type },
      );
  return pipeline;
}

/** One maker per dataset type, one storage class for all who touch it. */
function checkProducers({ tasks }: Pipeline): void {
  const makers = new Map<string, string>();
  const classes = new Map<string, { readonly name: string; readonly label: string }>();
  for (const { label, inputs, outputs } of tasks) {
    for (const { datasetType } of Object.values(outputs)) {
      const other = makers.get(datasetType);
      if (other !== undefined)
        throw new PipelineError(
          'DUPLICATE_PRODUCER',
          `'${datasetType}' is made by both '${other}' and '${label}'; rename one of them`,
          { datasetType },
        );
      makers.set(datasetType, label);
    }
    for (const { datasetType, storageClass } of [...Object.values(inputs), ...Object.values(outputs)]) {
      const seen = classes.get(datasetType);
      if (seen !== undefined && seen.name !== storageClass.name)
        throw new PipelineError(
          'STORAGE_CLASS_MISMATCH',
          `'${datasetType}' is ${seen.name} for '${seen.label}' but ${storageClass.name} for '${label}'`,
          { datasetType },
        );
      classes.set(datasetType, { name: storageClass.name, label });
    }
  }
}

/** The pipeline reduced to a named subset, or to a list of labels. */
export function selectTasks(pipeline: Pipeline, selection: string | readonly string[]): Pipeline {
  const wanted = typeof selection === 'string' ? pipeline.subsets[selection] : selection;
  if (wanted === undefined)
    throw new PipelineError(
      'UNKNOWN_SUBSET',
      `pipeline '${pipeline.name}' has no subset '${String(selection)}'${didYouMean(String(selection), Object.keys(pipeline.subsets))}`,
      { selection },
    );
  knownLabels(
    'subset',
    wanted,
    pipeline.tasks.map(({ label }) => label),
  );
  const tasks = pipeline.tasks
    .filter(({ label }) => wanted.includes(label))
    .map((task) => ({ ...task, after: task.after.filter((label) => wanted.includes(label)) }));
  const types = new Set(tasks.flatMap(({ outputs }) => Object.values(outputs).map(({ datasetType }) => datasetType)));
  return {
    ...pipeline,
    tasks,
    persist: pipeline.persist.filter((type) => types.has(type)),
    repeats: pipeline.repeats
      .map((repeat) => ({ ...repeat, tasks: repeat.tasks.filter((label) => wanted.includes(label)) }))
      .filter(({ tasks: members }) => members.length > 0),
  };
}

/** A pipeline of one Task with defaults: handy for tests and single steps. */
export function pipelineOf(name: string, registry: TaskRegistry, definitions: readonly TaskDefinition[]): Pipeline {
  for (const definition of definitions) registry.register(definition);
  return parsePipeline(
    JSON.stringify({
      name,
      tasks: Object.fromEntries(definitions.map((task) => [task.name, { version: task.version }])),
    }),
    registry,
  );
}
