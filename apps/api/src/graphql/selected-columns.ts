// Which columns of a table a query wants: only those are read.

import { type FieldNode, type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';
import type { TableDescription } from '#libs/schema';

type Info = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>;

/** Documents are parsed once and kept, so a field's nodes are the same objects in every execution of the same text. */
const known = new WeakMap<FieldNode, Map<string, readonly string[]>>();

/** Field names below a field, through fragments; those that @skip or @include may leave out are among them. */
function fieldsBelow(sets: readonly (SelectionSetNode | undefined)[], fragments: Info['fragments']): FieldNode[] {
  return sets.flatMap((set) =>
    (set?.selections ?? []).flatMap((selection): FieldNode[] => {
      if (selection.kind === Kind.FIELD) return [selection];
      const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments[selection.name.value];
      return fieldsBelow([inner?.selectionSet], fragments);
    }),
  );
}

/**
 * Columns of `table` wanted below `path` of the field being resolved, and those that relations among them (`needs`: field to columns) stand on.
 */
export function selectedColumns(
  info: Info,
  table: TableDescription,
  path: readonly string[],
  needs: Readonly<Record<string, readonly string[]>> = {},
): readonly string[] {
  const [first] = info.fieldNodes;
  const cached = first && known.get(first);
  const cacheKey = `${table.name} ${path.join('.')} ${info.fieldNodes.length}`;
  const before = cached?.get(cacheKey);
  if (before) return before;
  let nodes: readonly FieldNode[] = info.fieldNodes;
  for (const name of [...path, undefined]) {
    nodes = fieldsBelow(
      nodes.map(({ selectionSet }) => selectionSet),
      info.fragments,
    );
    if (name !== undefined) nodes = nodes.filter((node) => node.name.value === name);
  }
  const names = new Set(nodes.flatMap(({ name: { value } }) => [value, ...(needs[value] ?? [])]));
  const columns = table.columns.filter((column) => names.has(column.name)).map(({ name }) => name);
  if (first) {
    if (cached) cached.set(cacheKey, columns);
    else known.set(first, new Map([[cacheKey, columns]]));
  }
  return columns;
}
