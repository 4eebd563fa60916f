// Configs of Tasks: a zod schema in which every field has a default, overridden from pipeline YAML or from paths
// such as `isr.config.overscan.method`. What comes out is complete and checked; it is stored with the provenance.

import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { didYouMean } from './did-you-mean.js';
import { PipelineError } from './errors.js';

export type ConfigTree = Readonly<Record<string, unknown>>;

interface SchemaDefinition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly element?: z.ZodType;
  readonly catchall?: z.ZodType;
}
const definitionOf = (schema: z.ZodType): SchemaDefinition => schema.def as unknown as SchemaDefinition;

function unwrap(schema: z.ZodType): z.ZodType {
  for (let at = schema; ;) {
    const { innerType, in: inner } = definitionOf(at);
    const next = innerType ?? inner;
    if (next === undefined) return at;
    at = next;
  }
}

const isTree = (value: unknown): value is ConfigTree =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);

/** zod drops unknown keys silently; here they are mistakes. */
function rejectUnknownFields(where: string, schema: z.ZodType, value: unknown, path: readonly string[]): void {
  const bare = unwrap(schema);
  const { type, shape, element, catchall } = definitionOf(bare);
  if (type === 'array' && element !== undefined && Array.isArray(value)) {
    value.forEach((item, i) => rejectUnknownFields(where, element, item, [...path, String(i)]));
    return;
  }
  if (type !== 'object' || shape === undefined || !isTree(value)) return;
  for (const [key, item] of Object.entries(value)) {
    const field = shape[key];
    if (field !== undefined) rejectUnknownFields(where, field, item, [...path, key]);
    else if (catchall === undefined || definitionOf(catchall).type === 'never')
      throw new PipelineError(
        'CONFIG_UNKNOWN_FIELD',
        `${where}: there is no field '${[...path, key].join('.')}'${didYouMean(key, Object.keys(shape))}`,
        { path: [...path, key].join('.'), value: item },
      );
  }
}

const show = (value: unknown): string => {
  const text = JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? `${item}` : item));
  return text === undefined ? 'nothing' : text.length > 80 ? `${text.slice(0, 77)}...` : text;
};

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    value,
  );

/** The complete config of a Task. `where` names it in errors. */
export function resolveConfig<S extends z.ZodType>(where: string, schema: S, overrides: ConfigTree = {}): z.output<S> {
  rejectUnknownFields(where, schema, overrides, ['config']);
  const parsed = schema.safeParse(overrides);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => ({
    path: ['config', ...issue.path.map(String)].join('.'),
    value: valueAt(overrides, issue.path),
    message: issue.message,
  }));
  const text = issues.map(({ path, value, message }) => `${path} = ${show(value)}: ${message}`).join('; ');
  throw new PipelineError('CONFIG_INVALID', `${where}: ${text}`, { issues });
}

/** Later trees win; objects merge, lists and values replace. */
export function mergeConfig(...trees: readonly ConfigTree[]): ConfigTree {
  const merged: Record<string, unknown> = {};
  for (const tree of trees)
    for (const [key, value] of Object.entries(tree)) {
      if (key === '__proto__' || key === 'constructor' || key === 'prototype')
        throw new PipelineError('CONFIG_UNKNOWN_FIELD', `'${key}' cannot be a config field`, { path: key });
      const before = Object.hasOwn(merged, key) ? merged[key] : undefined;
      merged[key] = isTree(value) ? mergeConfig(isTree(before) ? before : {}, value) : value;
    }
  return merged;
}

/** `x.y.z` = value as a tree. */
export const treeFromPath = (path: readonly string[], value: unknown): ConfigTree => {
  const [head, ...rest] = path;
  if (head === undefined || head === '')
    throw new PipelineError('CONFIG_UNKNOWN_FIELD', 'an empty config path', { path });
  return { [head]: rest.length === 0 ? value : treeFromPath(rest, value) };
};

/** JSON with sorted keys: the same text for the same config, whatever the order it was written in. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === 'bigint') return item.toString();
    if (typeof item === 'number' && !Number.isFinite(item)) return String(item);
    return isTree(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : item;
  });
}

export const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');

export const configHash = (config: unknown): string => sha256Hex(canonicalJson(config));
