import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { checkSubmission, Level3Error, type SubmissionProblem } from './index.js';

const user = 'ada';
const task = {
  name: 'countRows',
  code: 'function run({ sources }) { return { counts: { rows: sources.rowCount } }; }',
  dimensions: ['visit', 'detector'],
  inputs: [{ name: 'sources', datasetType: 'source', storageClass: 'Table' }],
  outputs: [{ name: 'counts', datasetType: 'sourceCount', storageClass: 'JSON' }],
  parameters: { threshold: 5, bands: ['g'], strict: false },
};
const good = {
  pipeline: { name: 'mine', tasks: { countRows: { config: { threshold: 7 } } } },
  tasks: [task],
  data: { instrument: 'ToyCam', visit: ['9007199254740993'] },
};
const problemsOf = (submission: unknown): readonly SubmissionProblem[] => {
  try {
    checkSubmission(submission, { user });
  } catch (error) {
    if (error instanceof Level3Error && error.code === 'INVALID_SUBMISSION')
      return error.value as readonly SubmissionProblem[];
    throw error;
  }
  return [];
};
const withTask = (changes: object): unknown => ({ ...good, tasks: [{ ...task, ...changes }] });

describe('a submission', () => {
  it('becomes a pipeline whose user Tasks run in the sandbox, with the collections of its instrument', () => {
    const { pipeline, collections, persist, query, limits } = checkSubmission(good, { user });
    expect(pipeline.tasks[0]).toMatchObject({
      label: 'countRows',
      runtime: 'sandbox',
      config: { threshold: 7, bands: ['g'], strict: false },
    });
    expect(pipeline.tasks[0]!.registered.task.version).toMatch(/^user-[0-9a-f]{16}$/);
    expect(collections).toEqual(['ap/ToyCam', 'templates/ToyCam', 'raw/ToyCam', 'calib/ToyCam', 'refcats']);
    expect(persist).toEqual(['sourceCount']);
    expect(query.visit).toEqual(['9007199254740993']);
    expect(limits).toEqual({ timeMs: 60_000, memoryMiB: 1024, outputBytes: 268_435_456 });
  });

  it('is accepted as YAML text inside, with library Tasks beside, whatever runtime the text asks for', () => {
    const pipeline =
      'name: two\ntasks:\n  characterize: { config: { detection: { threshold: 9 } }, runtime: sandbox }\n  countRows: { runtime: thread }\n';
    const checked = checkSubmission({ ...good, pipeline }, { user });
    expect(checked.pipeline.tasks.map(({ label, runtime }) => [label, runtime])).toEqual([
      ['characterize', 'thread'],
      ['countRows', 'sandbox'],
    ]);
    expect(checked.persist).toEqual(['icExp', 'icSource', 'background', 'sourceCount']);
  });

  it('of the worked example is valid', () => {
    const text = readFileSync(new URL('../examples/blue-variables.yaml', import.meta.url), 'utf8');
    const { pipeline, persist } = checkSubmission(parse(text), { user });
    expect(pipeline.tasks.map(({ label }) => label)).toEqual([
      'isr',
      'combineSnaps',
      'characterize',
      'lightCurves',
      'blueVariables',
    ]);
    expect(persist).toEqual(['icSource', 'lightCurve', 'blueVariable']);
  });

  it.each<[string, unknown, string, string, RegExp]>([
    [
      'a field that is none',
      { ...good, pipline: 'x' },
      'UNKNOWN_FIELD',
      'submission',
      /'pipline' \(did you mean 'pipeline'\?\)/,
    ],
    ['a field of a Task that is none', withTask({ ouputs: [] }), 'UNKNOWN_FIELD', 'tasks.0', /did you mean 'outputs'/],
    [
      'a storage class that is not for users',
      withTask({ inputs: [{ name: 'x', storageClass: 'Psf' }] }),
      'INVALID_FIELD',
      'tasks.0.inputs.0.storageClass',
      /Exposure.*Table.*JSON/,
    ],
    [
      'deferred inputs',
      withTask({ inputs: [{ name: 'x', storageClass: 'Table', multiplicity: 'deferredMany' }] }),
      'INVALID_FIELD',
      'tasks.0.inputs.0.multiplicity',
      /use 'many'/,
    ],
    ['an unknown dimension', withTask({ dimensions: ['element'] }), 'INVALID_FIELD', 'tasks.0.dimensions.0', /visit/],
    [
      'a visit as an unsafe number',
      { ...good, data: { instrument: 'ToyCam', visit: 2 ** 53 } },
      'INVALID_FIELD',
      'data.visit',
      /./,
    ],
    [
      'limits above what is allowed',
      { ...good, limits: { memoryMiB: 100_000 } },
      'INVALID_FIELD',
      'limits.memoryMiB',
      /2048/,
    ],
    [
      'the name of a library Task',
      withTask({ name: 'characterize' }),
      'NAME_TAKEN',
      'tasks.0.name',
      /Task of the library/,
    ],
    [
      'a syntax error',
      withTask({ code: 'function run() {\n  return {\n}' }),
      'SYNTAX_ERROR',
      'tasks.0.code:3',
      /line 3/,
    ],
    [
      'an import',
      withTask({ code: "import fs from 'node:fs';\nfunction run() {}" }),
      'SYNTAX_ERROR',
      'tasks.0.code:1',
      /without modules/,
    ],
    ['a text without run', withTask({ code: 'const x = 1;' }), 'NO_RUN_FUNCTION', 'tasks.0.code', /function run/],
    [
      'a misspelt Task',
      { ...good, pipeline: { tasks: { countRow: null } } },
      'UNKNOWN_TASK',
      'pipeline',
      /did you mean 'countRows'/,
    ],
    [
      'a misspelt parameter',
      { ...good, pipeline: { tasks: { countRows: { config: { treshold: 1 } } } } },
      'CONFIG_UNKNOWN_FIELD',
      'pipeline',
      /did you mean 'threshold'/,
    ],
    [
      'a parameter of another type',
      { ...good, pipeline: { tasks: { countRows: { config: { threshold: 'high' } } } } },
      'CONFIG_INVALID',
      'pipeline',
      /config\.threshold = "high"/,
    ],
    ['broken YAML', { ...good, pipeline: 'name: x\ntasks: [' }, 'INVALID_PIPELINE', 'pipeline:2', /YAML/],
    [
      'a Task that is not used',
      { ...good, pipeline: { tasks: { isr: null } } },
      'UNUSED_TASK',
      'tasks.0.name',
      /countRows/,
    ],
    [
      'a misspelt dataset type',
      withTask({ inputs: [{ name: 'sources', datasetType: 'sorce', storageClass: 'Table' }] }),
      'UNKNOWN_DATASET_TYPE',
      'pipeline.tasks.countRows.inputs.sources',
      /did you mean 'source'/,
    ],
    [
      'another storage class than the library has',
      withTask({ inputs: [{ name: 'sources', datasetType: 'calexp', storageClass: 'Table' }] }),
      'STORAGE_CLASS_MISMATCH',
      'pipeline.tasks.countRows.inputs.sources',
      /is Exposure, not Table/,
    ],
    [
      "another user's collection",
      { ...good, inputs: ['ap/ToyCam', 'u/bob/level3.1'] },
      'NOT_YOURS',
      'inputs.1',
      /another user/,
    ],
    [
      'neither instrument nor collections',
      { ...good, data: { visit: 1 } },
      'NO_COLLECTIONS',
      'data.instrument',
      /instrument/,
    ],
    [
      'a path as the name of a dataset',
      { ...good, pipeline: { tasks: { countRows: { outputs: { counts: '../x' } } } } },
      'INVALID_NAME',
      'pipeline.tasks.countRows.outputs.counts',
      /letter/,
    ],
    ['no object at all', 'pipeline', 'INVALID_FIELD', 'submission', /object/],
  ])('is refused with its place: %s', (_what, submission, code, place, message) => {
    expect(problemsOf(submission)).toContainEqual({ code, place, message: expect.stringMatching(message) });
  });

  it('is told all its faults at once', () => {
    const bad = { ...good, tasks: [{ ...task, name: 'isr', code: 'run(' }], inputs: ['u/bob/x'] };
    expect(problemsOf(bad).map(({ code }) => code)).toEqual(['NAME_TAKEN', 'SYNTAX_ERROR', 'NOT_YOURS']);
  });

  it('may read what is stored and what its own earlier runs made', () => {
    const mine = withTask({ inputs: [{ name: 'sources', datasetType: 'myTable', storageClass: 'Table' }] }) as object;
    const storedTypes = [{ name: 'myTable', storageClass: 'Table' }];
    const { collections } = checkSubmission({ ...mine, inputs: ['u/ada/level3.7'] }, { user, storedTypes });
    expect(collections).toEqual(['u/ada/level3.7']);
  });

  it('never runs the text while it is checked', () => {
    const code = 'globalThis.touched = true; throw new Error("ran"); function run() {}';
    expect(problemsOf(withTask({ code }))).toEqual([]);
    expect(Object.hasOwn(globalThis, 'touched')).toBe(false);
  });
});
