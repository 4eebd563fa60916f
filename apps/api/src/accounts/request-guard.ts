// What happens once per HTTP request, before any handler: who is asking, whether the request was made on purpose, and whether there is quota
// left for it. Every route has `request.caller` afterwards.

import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  AccessService,
  AccountError,
  AccountService,
  type Caller,
  type Principal,
  rateLimitHeaders,
  tokenIn,
} from '#libs/accounts';
import type { AppConfig } from '#libs/config';
import { ApiError } from '../http/problem.js';
import { sendProblem } from '../http/send-problem.js';
import { clearSession, sessionIn } from './session-cookie.js';

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller;
  }
}

/** Not counted: what watches the house, and what pages are made of. */
const UNCOUNTED = /^\/(health|metrics|assets\/|$)/;
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export function guardRequests(app: NestFastifyApplication, config: AppConfig): void {
  const accounts = app.get(AccountService);
  const access = app.get(AccessService);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.decorateRequest('caller', null as never);
  fastify.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    request.caller = { address: request.ip };
    try {
      const principal = await principalOf(request, reply, accounts, config);
      if (principal) {
        request.caller = { principal, address: request.ip };
        void reply.header('x-vo-authenticated', principal.name);
        if (principal.kind === 'session' && !SAFE_METHODS.has(request.method)) checkSameSite(request.headers, config);
      }
      if (UNCOUNTED.test(request.url)) return;
      void reply.headers(rateLimitHeaders(await access.countRequest(request.caller), Date.now()));
    } catch (error) {
      return sendProblem(request, reply, error);
    }
  });
}

async function principalOf(
  request: FastifyRequest,
  reply: FastifyReply,
  accounts: AccountService,
  config: AppConfig,
): Promise<Principal | undefined> {
  const token = tokenIn(request.headers.authorization);
  if (token !== undefined) return principalWith(accounts, token, 'personal');
  const session = sessionIn(request.headers.cookie);
  if (session === undefined) return undefined;
  try {
    return await principalWith(accounts, session, 'session');
  } catch (error) {
    if (!(error instanceof AccountError)) throw error;
    // the browser is told to forget it; a page still opens, but without the session
    clearSession(reply, config);
    if (request.headers['sec-fetch-dest'] === 'document') return undefined;
    throw error;
  }
}

/** A token speaks only where it belongs: sessions in cookies, others in headers. */
export async function principalWith(
  accounts: AccountService,
  token: string | null,
  kind: Principal['kind'],
): Promise<Principal> {
  const principal = token === null ? undefined : await accounts.authenticate(token);
  if (principal?.kind !== kind) throw new AccountError('INVALID_TOKEN', 'this access token is not known');
  return principal;
}

/** A browser sends a session's cookie along with what other sites make it ask: only our own pages may change something with it. */
export function checkSameSite(
  headers: { readonly origin?: string; readonly host?: string; readonly 'sec-fetch-site'?: string | string[] },
  config: Pick<AppConfig, 'publicUrl'>,
): void {
  const site = headers['sec-fetch-site'];
  const ours = new Set([new URL(config.publicUrl).host, headers.host]);
  const origin = headers.origin;
  const same = origin === undefined ? site === 'same-origin' : URL.canParse(origin) && ours.has(new URL(origin).host);
  if (!same || (site !== undefined && site !== 'same-origin'))
    throw new ApiError(
      'CROSS_SITE',
      'a session may change something from our own pages only; use an access token elsewhere',
      origin,
      403,
    );
}
