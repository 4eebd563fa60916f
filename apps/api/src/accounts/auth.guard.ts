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
import { AccessService, allows, type Caller, type Principal, type Scope } from '#libs/accounts';
import { ApiError } from '../http/problem.js';

const SCOPE = 'almagest:scope';
/** What a door asks of the caller; doors without it are open to everybody. */
export const RequireScope = (scope: Scope) => SetMetadata(SCOPE, scope);

const TABLE = 'almagest:table';
/** A door that shows something with a policy of its own (ALERTS, IMAGES, a table): it does not exist for those who may not see it. */
export const RequireVisible = (table: string) => SetMetadata(TABLE, { table, whole: false });
/** The same for a door that cannot leave out rows: an embargo closes it. */
export const RequireWhole = (table: string) => SetMetadata(TABLE, { table, whole: true });

interface WithCaller {
  readonly caller: Caller;
}

/** Who asks, of an HTTP request or of a subscription's socket. */
export function callerOf(context: ExecutionContext): Caller {
  if (context.getType<string>() === 'graphql') {
    const graphql = GqlExecutionContext.create(context).getContext<WithCaller>();
    return graphql.caller;
  }
  return context.switchToHttp().getRequest<WithCaller>().caller;
}

export const CurrentCaller = createParamDecorator((_data: unknown, context: ExecutionContext): Caller =>
  callerOf(context),
);

const noToken = (): ApiError =>
  new ApiError('UNAUTHENTICATED', 'this needs an access token: Authorization: Bearer alm_...');

/** The principal of a door that requires a scope. */
export const CurrentPrincipal = createParamDecorator((_data: unknown, context: ExecutionContext): Principal => {
  const { principal } = callerOf(context);
  if (!principal) throw noToken();
  return principal;
});

/** Holds the caller against what a door asks: a scope, sight of a table. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(AccessService) private readonly access: AccessService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const asked = <T>(key: string): T | undefined =>
      this.reflector.getAllAndOverride<T | undefined>(key, [context.getHandler(), context.getClass()]);
    const { principal } = callerOf(context);
    const scope = asked<Scope>(SCOPE);
    if (scope) {
      if (!principal) throw noToken();
      if (!allows(principal, scope))
        throw new ApiError('MISSING_SCOPE', `this token lacks the scope '${scope}'`, scope);
    }
    const shown = asked<{ table: string; whole: boolean }>(TABLE);
    if (shown) {
      const visible = await this.access.visibility(shown.table, principal);
      if (!visible || (shown.whole && visible.beforeMjdTai !== undefined))
        throw new ApiError('NOT_FOUND', 'there is no such thing here for you');
    }
    return true;
  }
}
