import { Logger } from '@nestjs/common';
import type { GraphQLFormattedError } from 'graphql';
import { problemOf } from '../http/problem.js';

const log = new Logger('graphql');

/** GraphQL errors carry the same code, value and place as REST problems; errors of ours are logged and say so. */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const original = (error as { originalError?: unknown }).originalError ?? error;
  const problem = problemOf(original);
  const place = {
    ...(formatted.path && { path: formatted.path }),
    ...(formatted.locations && { locations: formatted.locations }),
  };
  if (problem) {
    const { detail, ...extensions } = problem;
    return {
      message: detail,
      ...place,
      extensions: {
        ...extensions,
        value: typeof extensions.value === 'bigint' ? extensions.value.toString() : extensions.value,
      },
    };
  }
  const code = formatted.extensions?.['code'];
  if (typeof code === 'string' && code !== 'INTERNAL_SERVER_ERROR')
    return { message: formatted.message, ...place, extensions: { code } };
  log.error(original instanceof Error ? (original.stack ?? original.message) : JSON.stringify(original));
  return {
    message: 'an error of ours; the operators find it in the log',
    ...place,
    extensions: { code: 'INTERNAL', status: 500 },
  };
}
