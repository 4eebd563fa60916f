import { didYouMean } from './did-you-mean.js';
import { PipelineError } from './errors.js';
import type { TaskDefinition } from './task.js';

/** Tasks that come together: what a module gives when its path stands in a config (`export const tasks = { ... }`). */
export interface TaskPackage {
  readonly name: string;
  readonly version: string;
  readonly tasks: readonly TaskDefinition[];
}

export interface RegisteredTask {
  readonly task: TaskDefinition;
  readonly packageName: string;
  readonly packageVersion: string;
}

const byVersion = new Intl.Collator('en', { numeric: true });

/** Tasks by name and version. */
export class TaskRegistry {
  readonly #tasks = new Map<string, Map<string, RegisteredTask>>();

  register(
    task: TaskDefinition,
    from: { readonly name: string; readonly version: string } = { name: 'local', version: '0' },
  ): this {
    const versions = this.#tasks.get(task.name) ?? new Map<string, RegisteredTask>();
    const already = versions.get(task.version);
    if (already !== undefined && already.task !== task)
      throw new PipelineError(
        'DUPLICATE_TASK',
        `Task '${task.name}' version ${task.version} is given twice, by packages '${already.packageName}' and '${from.name}'`,
        { name: task.name, version: task.version },
      );
    this.#tasks.set(
      task.name,
      versions.set(task.version, { task, packageName: from.name, packageVersion: from.version }),
    );
    return this;
  }

  registerPackage(taskPackage: TaskPackage): this {
    for (const task of taskPackage.tasks) this.register(task, taskPackage);
    return this;
  }

  /** The named version, or the highest one. */
  get(name: string, version?: string): RegisteredTask {
    const versions = this.#tasks.get(name);
    if (versions === undefined)
      throw new PipelineError('UNKNOWN_TASK', `there is no Task '${name}'${didYouMean(name, this.#tasks.keys())}`, {
        name,
      });
    const wanted = version ?? [...versions.keys()].sort(byVersion.compare).at(-1)!;
    const found = versions.get(wanted);
    if (found === undefined)
      throw new PipelineError(
        'UNKNOWN_TASK',
        `Task '${name}' has no version ${wanted} (there are: ${[...versions.keys()].join(', ')})`,
        { name, version: wanted },
      );
    return found;
  }

  list(): readonly RegisteredTask[] {
    return [...this.#tasks.values()].flatMap((versions) => [...versions.values()]);
  }
}
