import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { canonicalJson, configHash, mergeConfig, resolveConfig, treeFromPath } from './config.js';
import { nearestName } from './did-you-mean.js';
import { PipelineError } from './errors.js';

const Schema = z.object({
  threshold: z.number().positive().default(5),
  grid: z.object({ size: z.number().int().default(64), edge: z.enum(['clip', 'extend']).default('clip') }).prefault({}),
  names: z.array(z.object({ label: z.string() })).default([]),
  free: z.record(z.string(), z.number()).default({}),
});
const failing = (overrides: Record<string, unknown>): PipelineError => {
  try {
    resolveConfig('tasks.isr', Schema, overrides);
  } catch (error) {
    return error as PipelineError;
  }
  throw new Error('no error');
};

describe('the config of a Task', () => {
  it('is complete with defaults, nested too, when only part is overridden', () => {
    expect(resolveConfig('t', Schema, { grid: { size: 32 } })).toEqual({
      threshold: 5,
      grid: { size: 32, edge: 'clip' },
      names: [],
      free: {},
    });
  });
  it('refuses a field that does not exist, by its full path, and says which was meant', () => {
    const error = failing({ grid: { sise: 32 } });
    expect(error).toBeInstanceOf(PipelineError);
    expect(error.code).toBe('CONFIG_UNKNOWN_FIELD');
    expect(error.message).toBe("tasks.isr: there is no field 'config.grid.sise' (did you mean 'size'?)");
    expect(failing({ names: [{ lable: 'x' }] }).message).toContain("'config.names.0.lable' (did you mean 'label'?)");
  });
  it('lets a record have any key', () => {
    expect(resolveConfig('t', Schema, { free: { a: 1 } }).free).toEqual({ a: 1 });
  });
  it('names path, value and rule of a bad value', () => {
    const error = failing({ threshold: -3, grid: { edge: 'wrap' } });
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain('config.threshold = -3');
    expect(error.message).toContain('config.grid.edge = "wrap"');
    expect(error.details.issues).toEqual(
      expect.arrayContaining([expect.objectContaining({ path: 'config.threshold', value: -3 })]),
    );
  });
  it('merges trees with the later one winning and lists replaced', () => {
    expect(mergeConfig({ a: { b: 1, c: [1, 2] } }, treeFromPath(['a', 'c'], [3]))).toEqual({ a: { b: 1, c: [3] } });
    expect(() => mergeConfig(JSON.parse('{"__proto__": {"x": 1}}') as Record<string, unknown>)).toThrow(PipelineError);
  });
  it('has a hash that does not depend on the order of its fields', () => {
    expect(configHash({ a: 1, b: { c: 2, d: [3] } })).toBe(configHash({ b: { d: [3], c: 2 }, a: 1 }));
    expect(configHash({ a: 1 })).not.toBe(configHash({ a: 2 }));
    // NaN and Infinity are null in plain JSON and would collide
    expect(canonicalJson({ a: NaN })).not.toBe(canonicalJson({ a: null }));
  });
});

describe('did you mean', () => {
  it('finds swapped and missing letters, and keeps silent when nothing is near', () => {
    expect(nearestName('overscna', ['overscan', 'bias'])).toBe('overscan');
    expect(nearestName('Overscan', ['overscan'])).toBe('overscan');
    expect(nearestName('zzz', ['overscan', 'bias'])).toBeUndefined();
  });
});
