// GraphQL requests: each text is parsed, checked and compiled once; a text may be named by its hash (automatic persisted queries).

import { createHash } from 'node:crypto';
import {
  type DocumentNode,
  execute,
  type ExecutionResult,
  type FormattedExecutionResult,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  OperationTypeNode,
  parse,
  validate,
} from 'graphql';
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit';
import { formatError } from './format-error.js';
import { checkOperation } from './query-limits.js';

export interface GraphQLRequest {
  readonly query?: unknown;
  readonly variables?: unknown;
  readonly operationName?: unknown;
  readonly extensions?: unknown;
}

export interface GraphQLAnswer {
  readonly status: number;
  readonly body: FormattedExecutionResult;
}

interface Known {
  readonly document: DocumentNode;
  readonly errors: readonly GraphQLError[];
  readonly compiled: Map<string, CompiledQuery | false>;
  uses: number;
}

const MAX_TEXT = 100_000;
const MAX_KNOWN = 2_000;
const MAX_TOKENS = 10_000;

/** The least recently used goes first. */
class Recent<V> {
  readonly #values = new Map<string, V>();
  get(key: string): V | undefined {
    const value = this.#values.get(key);
    if (value !== undefined) {
      this.#values.delete(key);
      this.#values.set(key, value);
    }
    return value;
  }
  set(key: string, value: V): void {
    this.#values.set(key, value);
    if (this.#values.size > MAX_KNOWN) this.#values.delete(this.#values.keys().next().value!);
  }
}

const refusal = (message: string, code: string): GraphQLError => new GraphQLError(message, { extensions: { code } });
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export class GraphQLEngine {
  readonly #texts = new Recent<string>();
  readonly #known = new Recent<Known>();

  constructor(private readonly schema: GraphQLSchema) {}

  /** `readOnly`: a GET, which must not change anything. */
  async run(request: GraphQLRequest, context: object, readOnly = false): Promise<GraphQLAnswer> {
    try {
      const { text, variables, operationName } = this.#read(request);
      const known = this.#parse(text);
      if (known.errors.length > 0) return failed(known.errors, 400);
      const operation = getOperationAST(known.document, operationName);
      if (!operation)
        throw refusal(
          operationName
            ? `there is no operation ${operationName} in the document`
            : 'the document has several operations: give operationName',
          'OPERATION_RESOLUTION_FAILURE',
        );
      if (operation.operation === OperationTypeNode.SUBSCRIPTION)
        throw refusal('subscriptions are asked over a WebSocket (graphql-transport-ws)', 'SUBSCRIPTION');
      if (readOnly && operation.operation !== OperationTypeNode.QUERY)
        throw refusal('a mutation is asked by POST', 'METHOD_NOT_ALLOWED');
      checkOperation(this.schema, known.document, operation, variables);
      const result = await this.#execute(known, operationName, context, variables);
      const errors = result.errors?.map((error) => formatError(error.toJSON(), error));
      return {
        status: result.data === undefined ? 400 : 200,
        body: { ...(errors && { errors }), ...(result.data !== undefined && { data: result.data }) },
      };
    } catch (error) {
      if (error instanceof GraphQLError) return failed([error], 400);
      throw error;
    }
  }

  /** The text a request asks, for the history of queries; undefined where there is none. */
  textOf({ query, extensions }: GraphQLRequest): string | undefined {
    if (typeof query === 'string') return query;
    const hash = hashIn(extensions);
    return hash === undefined ? undefined : this.#texts.get(hash);
  }

  #read({ query, variables, operationName, extensions }: GraphQLRequest): {
    text: string;
    variables: Readonly<Record<string, unknown>>;
    operationName: string | undefined;
  } {
    if (variables != null && !isObject(variables)) throw refusal('variables must be an object', 'BAD_REQUEST');
    if (operationName != null && typeof operationName !== 'string')
      throw refusal('operationName must be a string', 'BAD_REQUEST');
    return {
      text: this.#text(query, hashIn(extensions)),
      variables: variables ?? {},
      operationName: operationName || undefined,
    };
  }

  #text(query: unknown, hash: string | undefined): string {
    if (query != null && typeof query !== 'string') throw refusal('query must be a string', 'BAD_REQUEST');
    if (query && query.length > MAX_TEXT) throw refusal(`a query has at most ${MAX_TEXT} characters`, 'TOO_LARGE');
    if (hash === undefined) {
      if (!query) throw refusal('there is no query in this request', 'BAD_REQUEST');
      return query;
    }
    if (!query) {
      const text = this.#texts.get(hash);
      // the client sends the text along then
      if (text === undefined) throw refusal('PersistedQueryNotFound', 'PERSISTED_QUERY_NOT_FOUND');
      return text;
    }
    if (createHash('sha256').update(query).digest('hex') !== hash)
      throw refusal('the hash given is not that of the query', 'BAD_REQUEST');
    this.#texts.set(hash, query);
    return query;
  }

  #parse(text: string): Known {
    let known = this.#known.get(text);
    if (!known) {
      const document = parse(text, { maxTokens: MAX_TOKENS });
      known = {
        document,
        errors: validate(this.schema, document, undefined, { maxErrors: 10 }),
        compiled: new Map(),
        uses: 0,
      };
      this.#known.set(text, known);
    }
    known.uses++;
    return known;
  }

  /** Compiled from the second time on: compiling takes as long as a few executions. */
  #execute(
    known: Known,
    operationName: string | undefined,
    context: object,
    variables: Readonly<Record<string, unknown>>,
  ): ExecutionResult | Promise<ExecutionResult> {
    const { document, compiled, uses } = known;
    let query = compiled.get(operationName ?? '');
    if (query === undefined && uses > 1) {
      const result = compileQuery(this.schema, document, operationName, { disablingCapturingStackErrors: true });
      query = isCompiledQuery(result) ? (result as CompiledQuery) : false;
      compiled.set(operationName ?? '', query);
    }
    if (query) return query.query({}, context, variables) as ExecutionResult | Promise<ExecutionResult>;
    return execute({ schema: this.schema, document, operationName, contextValue: context, variableValues: variables });
  }
}

function hashIn(extensions: unknown): string | undefined {
  const persisted = isObject(extensions) ? extensions['persistedQuery'] : undefined;
  if (!isObject(persisted)) return undefined;
  const { version, sha256Hash } = persisted;
  if (version !== 1 || typeof sha256Hash !== 'string' || !/^[0-9a-f]{64}$/.test(sha256Hash))
    throw refusal('a persisted query has version 1 and a SHA-256 in hexadecimal', 'BAD_REQUEST');
  return sha256Hash;
}

const failed = (errors: readonly GraphQLError[], status: number): GraphQLAnswer => ({
  status,
  body: {
    errors: errors.map((error) =>
      formatError({ ...error.toJSON(), extensions: { code: codeOf(error), ...error.extensions } }, error),
    ),
  },
});

/** Errors of the grammar and of validation carry no code of their own. */
const codeOf = (error: GraphQLError): string =>
  error.originalError
    ? 'INTERNAL_SERVER_ERROR'
    : error.message.startsWith('Syntax Error')
      ? 'GRAPHQL_PARSE_FAILED'
      : 'GRAPHQL_VALIDATION_FAILED';
