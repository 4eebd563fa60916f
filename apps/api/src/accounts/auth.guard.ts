import {
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  Inject,
  Injectable,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { GqlExecutionContext } from '@nestjs/graphql';
import { AccountService, allows, type Principal, type Scope } from '#libs/accounts';
import { ApiError } from '../http/problem.js';

const SCOPE = 'almagest:scope';
/** What a door asks of the caller; doors without it are open to everybody. */
export const RequireScope = (scope: Scope) => SetMetadata(SCOPE, scope);

interface Caller {
  headers: Record<string, string | string[] | undefined>;
  principal?: Principal;
}

export function callerOf(context: ExecutionContext): Caller {
  if (context.getType<string>() === 'graphql') {
    const graphql = GqlExecutionContext.create(context).getContext<{ req?: Caller; caller?: Caller }>();
    return graphql.caller ?? graphql.req ?? { headers: {} };
  }
  return context.switchToHttp().getRequest<Caller>();
}

/** The principal of a door that requires a scope. */
export const CurrentPrincipal = createParamDecorator((_data: unknown, context: ExecutionContext): Principal => {
  const { principal } = callerOf(context);
  if (!principal) throw new ApiError('UNAUTHENTICATED', 'this needs an access token: Authorization: Bearer alm_...');
  return principal;
});

/** Reads `Authorization: Bearer <token>` and holds it against the door's scope. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(AccountService) private readonly accounts: AccountService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const scope = this.reflector.getAllAndOverride<Scope | undefined>(SCOPE, [
      context.getHandler(),
      context.getClass(),
    ]);
    const caller = callerOf(context);
    const header = caller.headers['authorization'];
    const token = typeof header === 'string' ? /^Bearer\s+(\S+)$/i.exec(header)?.[1] : undefined;
    if (token && !caller.principal) caller.principal = await this.accounts.authenticate(token);
    if (!scope) return true;
    if (!caller.principal)
      throw new ApiError('UNAUTHENTICATED', 'this needs an access token: Authorization: Bearer alm_...');
    if (!allows(caller.principal, scope))
      throw new ApiError('MISSING_SCOPE', `this token lacks the scope '${scope}'`, scope);
    return true;
  }
}
