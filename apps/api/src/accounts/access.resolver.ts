// What somebody may do here and has done; what operators have done.

import { Inject } from '@nestjs/common';
import {
  Args,
  Field,
  Float,
  GraphQLISODateTime,
  ID,
  Int,
  Mutation,
  ObjectType,
  Query,
  registerEnumType,
  Resolver,
} from '@nestjs/graphql';
import { DataSource } from 'typeorm';
import {
  AccessService,
  AccountService,
  type Caller,
  type Principal,
  readAudit,
  type Scope,
  SCOPES,
} from '#libs/accounts';
import { idOf } from '../graphql/arguments.js';
import { GraphQLJSON } from '../graphql/json.scalar.js';
import { checkFirst } from '../graphql/page.js';
import { ApiError } from '../http/problem.js';
import { CurrentCaller, CurrentPrincipal, RequireScope } from './auth.guard.js';

const ScopeEnum = Object.fromEntries(SCOPES.map((scope) => [scope, scope]));
registerEnumType(ScopeEnum, { name: 'Scope', description: 'What a token allows.' });

@ObjectType({ description: 'One quota of yours.' })
class QuotaEntry {
  @Field(() => String) kind: string;
  @Field(() => Float, { nullable: true, description: 'null: no limit' }) limit: number | null;
  @Field(() => Float, { nullable: true, description: 'null where nothing is counted: a limit of one request' }) used:
    number | null;
  @Field(() => GraphQLISODateTime, { nullable: true, description: 'when the count starts again' })
  resetsAt: Date | null;
}

@ObjectType({ description: 'A query somebody asked.' })
class PastQueryType {
  @Field(() => ID) id: string;
  @Field(() => String) door: string;
  @Field(() => String) language: string;
  @Field(() => String) query: string;
  @Field(() => GraphQLISODateTime) startedAt: Date;
  @Field(() => Float) seconds: number;
  @Field(() => Float, { nullable: true }) rows: number | null;
  @Field(() => Float, { nullable: true }) bytes: number | null;
  @Field(() => String, { description: 'ok or failed' }) outcome: string;
  @Field(() => String, { nullable: true }) errorCode: string | null;
  @Field(() => String, { nullable: true }) errorMessage: string | null;
}

@ObjectType({ description: 'An access token of yours; the token itself is shown when it is made and never again.' })
class TokenType {
  @Field(() => ID) id: string;
  @Field(() => String) label: string;
  @Field(() => String, { description: 'personal, or session of a browser' }) kind: string;
  @Field(() => [ScopeEnum]) scopes: readonly Scope[];
  @Field(() => GraphQLISODateTime) createdAt: Date;
  @Field(() => GraphQLISODateTime, { nullable: true }) expiresAt: Date | null;
  @Field(() => GraphQLISODateTime, { nullable: true }) revokedAt: Date | null;
}

@ObjectType()
class NewToken {
  @Field(() => ID) id: string;
  @Field(() => String, { description: 'keep it: it is shown only now' }) token: string;
}

@ObjectType({ description: 'Something an operator has done.' })
class AuditEntryType {
  @Field(() => ID) id: string;
  @Field(() => GraphQLISODateTime) at: Date;
  @Field(() => String) actor: string;
  @Field(() => String) act: string;
  @Field(() => String) subject: string;
  @Field(() => GraphQLJSON) detail: unknown;
}

@Resolver()
export class AccessResolver {
  constructor(
    @Inject(AccessService) private readonly access: AccessService,
    @Inject(AccountService) private readonly accounts: AccountService,
    @Inject(DataSource) private readonly dataSource: DataSource,
  ) {}

  @Query(() => [QuotaEntry], { description: 'What you may have, what you have used, and when counting starts again.' })
  async myQuota(@CurrentCaller() caller: Caller): Promise<QuotaEntry[]> {
    return (await this.access.quotaStatus(caller)).map(({ kind, limit, used, resetsAt }) => ({
      kind,
      limit,
      used: used ?? null,
      resetsAt: resetsAt === undefined ? null : new Date(resetsAt),
    }));
  }

  @RequireScope('read')
  @Query(() => [PastQueryType], { description: 'Your queries through any door, newest first; failed ones too.' })
  async myQueries(
    @CurrentPrincipal() principal: Principal,
    @Args('first', { type: () => Int, defaultValue: 100 }) first: number,
    @Args('before', { type: () => ID, nullable: true }) before?: string,
  ): Promise<PastQueryType[]> {
    const past = await this.access.pastQueries(
      principal,
      checkFirst(first),
      before == null ? undefined : idOf(before, 'before').toString(),
    );
    return past.map((query) => ({
      ...query,
      rows: query.rows === null ? null : Number(query.rows),
      bytes: query.bytes === null ? null : Number(query.bytes),
    }));
  }

  @RequireScope('read')
  @Query(() => [TokenType], { description: 'Your access tokens, oldest first.' })
  async myTokens(@CurrentPrincipal() { userId }: Principal): Promise<TokenType[]> {
    return this.accounts.listTokens(userId);
  }

  @RequireScope('read')
  @Mutation(() => NewToken, {
    description:
      'A new access token, with no more scopes than the one this is asked with; made with a token, it ends with that one.',
  })
  async createToken(
    @CurrentPrincipal() principal: Principal,
    @Args('label', { type: () => String }) label: string,
    @Args('scopes', { type: () => [ScopeEnum] }) scopes: Scope[],
    @Args('days', { type: () => Int, description: 'lifetime, 1 to 366' }) days: number,
  ): Promise<NewToken> {
    if (!(days >= 1 && days <= 366)) throw new ApiError('BAD_ARGUMENTS', `days must be 1 to 366, not ${days}`, days);
    const more = scopes.find((scope) => !principal.scopes.includes(scope));
    if (more !== undefined) throw new ApiError('MISSING_SCOPE', `this token lacks the scope '${more}'`, more);
    return this.accounts.issueToken(principal.userId, label.slice(0, 200), scopes, days, {
      actor: principal.name,
      madeWith: principal.rootTokenId,
    });
  }

  @RequireScope('read')
  @Mutation(() => Boolean, { description: 'Ends a token of yours, at once and for good.' })
  async revokeToken(
    @CurrentPrincipal() principal: Principal,
    @Args('id', { type: () => ID }) id: string,
  ): Promise<boolean> {
    await this.accounts.revokeToken(principal.userId, id, { actor: principal.name });
    return true;
  }

  @RequireScope('operate')
  @Query(() => [AuditEntryType], { description: 'Administrative acts, newest first. For operators.' })
  auditLog(
    @Args('first', { type: () => Int, defaultValue: 100 }) first: number,
    @Args('before', { type: () => ID, nullable: true }) before?: string,
    @Args('subject', { type: () => String, nullable: true }) subject?: string,
  ): Promise<AuditEntryType[]> {
    return readAudit(this.dataSource, {
      limit: checkFirst(first),
      ...(before != null && { before: idOf(before, 'before').toString() }),
      ...(subject != null && { subject }),
    });
  }
}
