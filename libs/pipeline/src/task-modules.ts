import { PipelineError } from './errors.js';
import { TaskRegistry, type TaskPackage } from './task-registry.js';

const isPackage = (value: unknown): value is TaskPackage =>
  typeof value === 'object' &&
  value !== null &&
  'tasks' in value &&
  Array.isArray(value.tasks) &&
  'name' in value &&
  'version' in value;

/** Loads Task packages by module URL or path: each module exports `taskPackage`. */
export async function loadTaskModules(modules: readonly string[]): Promise<TaskRegistry> {
  const registry = new TaskRegistry();
  for (const module of modules) {
    let loaded: { readonly taskPackage?: unknown };
    try {
      loaded = (await import(module)) as { readonly taskPackage?: unknown };
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      throw new PipelineError(
        'MODULE_INVALID',
        `the Task module '${module}' cannot be loaded: ${text}`,
        { module },
        { cause: error },
      );
    }
    if (!isPackage(loaded.taskPackage))
      throw new PipelineError(
        'MODULE_INVALID',
        `the module '${module}' exports no \`taskPackage\` { name, version, tasks }`,
        { module },
      );
    registry.registerPackage(loaded.taskPackage);
  }
  return registry;
}
