import { GraphQLScalarType } from 'graphql';

/** Any JSON value; 64-bit integers inside are strings. Output only. */
export const GraphQLJSON = new GraphQLScalarType({
  name: 'JSON',
  description: 'Any JSON value; 64-bit identifiers inside are strings.',
  serialize: (value) =>
    JSON.parse(
      JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner)),
    ) as unknown,
});
