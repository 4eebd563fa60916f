// GraphQL at /graphql: POST and GET over HTTP, subscriptions over graphql-transport-ws. Counts each request as one of the caller's queries.

import { Inject, Injectable } from '@nestjs/common';
import { AbstractGraphQLDriver, type GqlModuleOptions, GqlSubscriptionService } from '@nestjs/graphql';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type DocumentNode, getOperationAST, GraphQLError, type GraphQLSchema, validate } from 'graphql';
import type { IncomingMessage } from 'node:http';
import { AccessService, AccountService, type Caller, tokenIn } from '#libs/accounts';
import { APP_CONFIG, type AppConfig } from '#libs/config';
import { checkSameSite, principalWith } from '../accounts/request-guard.js';
import { sessionIn } from '../accounts/session-cookie.js';
import { ApiError, problemOf } from '../http/problem.js';
import { sendProblem } from '../http/send-problem.js';
import { type GraphQLAnswer, GraphQLEngine, type GraphQLRequest } from './engine.js';
import { checkOperation } from './query-limits.js';

interface Socket {
  readonly connectionParams?: Readonly<Record<string, unknown>>;
  readonly extra: { readonly request: IncomingMessage; caller?: Caller };
}

@Injectable()
export class GraphQLDriver extends AbstractGraphQLDriver {
  #subscriptions: GqlSubscriptionService | undefined;

  constructor(
    @Inject(AccessService) private readonly access: AccessService,
    @Inject(AccountService) private readonly accounts: AccountService,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {
    super();
  }

  start(options: GqlModuleOptions & { readonly schema?: GraphQLSchema }): Promise<void> {
    const schema = options.schema!;
    const engine = new GraphQLEngine(schema);
    const { httpAdapter } = this.httpAdapterHost;
    const fastify = httpAdapter.getInstance<FastifyInstance>();
    fastify.post('/graphql', (request, reply) =>
      this.#answer(engine, () => request.body as GraphQLRequest, request, reply, false),
    );
    fastify.get('/graphql', (request, reply) =>
      this.#answer(engine, () => fromAddress(request.query as Record<string, unknown>), request, reply, true),
    );
    this.#subscriptions = new GqlSubscriptionService(
      {
        schema,
        path: '/graphql',
        context: (socket: Socket) => ({ caller: socket.extra.caller }),
        'graphql-ws': {
          path: '/graphql',
          onConnect: (socket: Socket) => this.#connect(socket),
          onSubscribe: (socket: Socket) => this.#subscribe(socket),
          validate: validateSubscription,
        },
      } as unknown as ConstructorParameters<typeof GqlSubscriptionService>[0],
      httpAdapter.getHttpServer(),
    );
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    await this.#subscriptions?.stop();
  }

  async #answer(
    engine: GraphQLEngine,
    read: () => GraphQLRequest | null,
    request: FastifyRequest,
    reply: FastifyReply,
    readOnly: boolean,
  ): Promise<FastifyReply> {
    const { caller } = request;
    const startedAt = new Date();
    const started = performance.now();
    try {
      const body = read();
      if (typeof body !== 'object' || body === null || Array.isArray(body))
        throw new ApiError('BAD_REQUEST', 'a request is a JSON object: { query, variables }');
      const answer = await this.access.withQuery(caller, () => engine.run(body, { caller }, readOnly));
      const text = JSON.stringify(answer.body);
      this.access.spend(caller, { bytes: text.length });
      this.#record(engine, body, caller, startedAt, (performance.now() - started) / 1000, answer, text.length);
      return reply.status(answer.status).header('content-type', 'application/json; charset=utf-8').send(text);
    } catch (error) {
      return sendProblem(request, reply, error);
    }
  }

  #record(
    engine: GraphQLEngine,
    body: GraphQLRequest,
    caller: Caller,
    startedAt: Date,
    seconds: number,
    { body: { errors } }: GraphQLAnswer,
    bytes: number,
  ): void {
    if (!caller.principal) return;
    const [error] = errors ?? [];
    const code = error?.extensions?.['code'];
    if (code === 'PERSISTED_QUERY_NOT_FOUND') return;
    const query = engine.textOf(body);
    if (query === undefined) return;
    this.access.recordQuery(caller, {
      door: 'graphql',
      language: 'GraphQL',
      query:
        Object.keys(body.variables ?? {}).length === 0
          ? query
          : `${query}\n# variables: ${JSON.stringify(body.variables)}`,
      startedAt,
      seconds,
      bytes,
      ...(error && { error: { code: typeof code === 'string' ? code : 'INTERNAL', message: error.message } }),
    });
  }

  /** The bearer of a WebSocket is told once, when it opens: connectionParams.authorization, or a session's cookie from our own pages. */
  async #connect({ connectionParams, extra }: Socket): Promise<void> {
    const { headers, socket } = extra.request;
    const address = socket.remoteAddress ?? '';
    const authorization = connectionParams?.['authorization'];
    const token = tokenIn(typeof authorization === 'string' ? authorization : undefined);
    const session = sessionIn(headers.cookie);
    if (token !== undefined)
      extra.caller = { address, principal: await principalWith(this.accounts, token, 'personal') };
    else if (session === undefined) extra.caller = { address };
    else {
      checkSameSite(
        {
          ...(headers.origin !== undefined && { origin: headers.origin }),
          ...(headers.host !== undefined && { host: headers.host }),
        },
        this.config,
      );
      extra.caller = { address, principal: await principalWith(this.accounts, session, 'session') };
    }
  }

  /** Each subscription is a request: quota left, and the token still good. */
  async #subscribe({ connectionParams, extra }: Socket): Promise<readonly GraphQLError[] | undefined> {
    try {
      if (extra.caller?.principal) await this.#connect({ ...(connectionParams && { connectionParams }), extra });
      await this.access.countRequest(extra.caller!);
      return undefined;
    } catch (error) {
      const problem = problemOf(error);
      if (!problem) throw error;
      const { detail, ...extensions } = problem;
      return [new GraphQLError(detail, { extensions: { ...extensions } })];
    }
  }
}

/** A GET carries JSON in its parameters. */
function fromAddress({
  query,
  operationName,
  variables,
  extensions,
}: Readonly<Record<string, unknown>>): GraphQLRequest {
  const json = (text: unknown, name: string): unknown => {
    if (typeof text !== 'string' || text === '') return undefined;
    try {
      return JSON.parse(text);
    } catch {
      throw new ApiError('BAD_REQUEST', `${name} is not JSON`, text);
    }
  };
  return { query, operationName, variables: json(variables, 'variables'), extensions: json(extensions, 'extensions') };
}

/** Subscriptions are held to the limits of queries. */
function validateSubscription(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
  const errors = validate(schema, document);
  const operation = getOperationAST(document);
  if (errors.length > 0 || !operation) return errors;
  try {
    checkOperation(schema, document, operation);
    return [];
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
}
