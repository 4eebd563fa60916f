// What one request may ask for: how deep it nests, and how many values it could be answered with.

import {
  type DocumentNode,
  type FragmentDefinitionNode,
  getNamedType,
  GraphQLError,
  type GraphQLOutputType,
  type GraphQLSchema,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  valueFromAST,
} from 'graphql';

export const MAX_DEPTH = 10;
/** values in the answer, by the worst estimate */
export const MAX_COST = 1_000_000;
/** a list without a page size, such as a light curve, is taken to be this long */
const LIST_LENGTH = 20;

const isList = (type: GraphQLOutputType): boolean => isListType(isNonNullType(type) ? type.ofType : type);

/** Throws when an operation is too deep or too costly; introspection is free. */
export function checkOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>> = {},
): void {
  const fragments = new Map(
    document.definitions
      .filter((definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
  const costOf = (set: SelectionSetNode, typeName: string | undefined, depth: number, pageSize: number): number => {
    if (depth > MAX_DEPTH)
      throw new GraphQLError(
        `a query may be ${MAX_DEPTH} levels deep; ask for what lies deeper in a query of its own, by identifier`,
        { extensions: { code: 'TOO_DEEP', value: depth } },
      );
    const type = typeName === undefined ? undefined : schema.getType(typeName);
    let cost = 0;
    for (const selection of set.selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        cost += costOf(selection.selectionSet, selection.typeCondition?.name.value ?? typeName, depth, pageSize);
      } else if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(selection.name.value);
        if (fragment) cost += costOf(fragment.selectionSet, fragment.typeCondition.name.value, depth, pageSize);
      } else if (!selection.name.value.startsWith('__')) {
        const field = isObjectType(type) ? type.getFields()[selection.name.value] : undefined;
        if (!field) continue;
        const first = field.args.find(({ name }) => name === 'first');
        const given = selection.arguments?.find(({ name }) => name.value === 'first');
        const size =
          first &&
          Number((given && valueFromAST(given.value, first.type, variables)) ?? first.defaultValue ?? LIST_LENGTH);
        // a page's size counts where its rows are listed: `nodes`, or the field itself
        const length = isList(field.type) ? (size ?? (selection.name.value === 'nodes' ? pageSize : LIST_LENGTH)) : 1;
        cost += selection.selectionSet
          ? length * (1 + costOf(selection.selectionSet, getNamedType(field.type).name, depth + 1, size ?? LIST_LENGTH))
          : 1;
      }
      if (cost > MAX_COST)
        throw new GraphQLError(
          `this query could be answered with more than ${MAX_COST} values; ask for fewer rows or columns`,
          {
            extensions: { code: 'TOO_COSTLY' },
          },
        );
    }
    return cost;
  };
  costOf(operation.selectionSet, schema.getRootType(operation.operation)?.name, 1, LIST_LENGTH);
}
