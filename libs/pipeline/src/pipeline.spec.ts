import { describe, expect, it } from '@jest/globals';
import { taskPackage } from '../testing/toy-tasks.js';
import { PipelineError } from './errors.js';
import { parsePipeline, selectTasks } from './pipeline.js';
import { TaskRegistry } from './task-registry.js';

const registry = new TaskRegistry().registerPackage(taskPackage);
const codeOf = (text: string, overrides = {}): string => {
  try {
    parsePipeline(text, registry, { overrides });
  } catch (error) {
    if (error instanceof PipelineError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'fine';
};

const text = `
name: toy
tasks:
  clean: { config: { scale: 2, limits: { window: 7 } } }
  again: { task: measure, version: '1', outputs: { measured: secondMeasure } }
  measure:
overrides:
  clean.config.limits.threshold: 9
subsets:
  prompt: [clean]
  late: { description: after the fact, tasks: [measure, again] }
persist: [clean]
`;

describe('a pipeline text', () => {
  it('gives labelled Tasks with complete configs, renamed datasets and subsets', () => {
    const pipeline = parsePipeline(text, registry);
    expect(pipeline.tasks.map(({ label }) => label)).toEqual(['clean', 'again', 'measure']);
    expect(pipeline.tasks[0]!.config).toEqual({
      scale: 2,
      dead: [],
      failure: 'unprocessable',
      limits: { threshold: 9, window: 7 },
    });
    expect(pipeline.tasks[1]!.outputs.measured!.datasetType).toBe('secondMeasure');
    expect(selectTasks(pipeline, 'late').tasks.map(({ label }) => label)).toEqual(['again', 'measure']);
    expect(selectTasks(pipeline, 'late').persist).toEqual([]);
  });
  it("obeys the caller's overrides before those of the text", () => {
    const pipeline = parsePipeline(text, registry, {
      overrides: { 'clean.config.limits.threshold': 1, 'clean.config.scale': 3 },
    });
    expect(pipeline.tasks[0]!.config).toMatchObject({ scale: 3, limits: { threshold: 1, window: 7 } });
  });
  it('refuses what it cannot mean, with a code, a place and a proposal', () => {
    expect(codeOf('name: [')).toContain('INVALID_PIPELINE: not valid YAML');
    expect(codeOf('tasks: {}')).toContain('INVALID_PIPELINE: name');
    expect(codeOf('name: x\ntasks: { claen: {} }')).toBe(
      "UNKNOWN_TASK: there is no Task 'claen' (did you mean 'clean'?)",
    );
    expect(codeOf("name: x\ntasks: { clean: { version: '9' } }")).toContain('has no version 9 (there are: 1)');
    expect(codeOf('name: x\ntasks: { clean: { config: { scael: 1 } } }')).toContain(
      "'config.scael' (did you mean 'scale'?)",
    );
    expect(codeOf('name: x\ntasks: { clean: {} }', { 'claen.config.scale': 1 })).toContain("did you mean 'clean'?");
    expect(codeOf('name: x\ntasks: { clean: {} }', { 'clean.scale': 1 })).toContain("'clean.config.<field>'");
    expect(codeOf('name: x\ntasks: { clean: { inputs: { rwa: r } } }')).toContain(
      "no connection 'rwa' (did you mean 'raw'?)",
    );
    expect(codeOf('name: x\ntasks: { clean: {}, again: { task: clean } }')).toContain('DUPLICATE_PRODUCER');
    expect(codeOf('name: x\ntasks: { clean: {} }\npersist: [claen]')).toContain("did you mean 'clean'?");
    expect(codeOf('name: x\ntasks: { clean: {}, measure: { inputs: { clean: coadd } }, stack: {} }')).toContain(
      'STORAGE_CLASS_MISMATCH',
    );
    expect(
      codeOf(
        'name: x\ntasks: { refine: {} }\nrepeat: [{ iterations: [a], tasks: [refine], carry: { previousModel: modle } }]',
      ),
    ).toContain('REPEAT_INVALID');
    expect(() => selectTasks(parsePipeline(text, registry), 'promt')).toThrow("did you mean 'prompt'?");
  });
  it('refuses two different Tasks under one name and version', () => {
    const own = new TaskRegistry().registerPackage(taskPackage);
    const other = { ...taskPackage.tasks[0]! };
    expect(() => own.register(other, { name: 'other', version: '1' })).toThrow(
      "given twice, by packages 'toy' and 'other'",
    );
    expect(() => own.registerPackage(taskPackage)).not.toThrow();
  });
  it('takes the highest version as a number, not as a word', () => {
    const [first] = taskPackage.tasks;
    const own = new TaskRegistry().register({ ...first!, version: '9' }).register({ ...first!, version: '10' });
    expect(own.get('clean').task.version).toBe('10');
  });
});
