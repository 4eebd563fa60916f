import { Controller, Get, HttpCode, Inject, Optional, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProperty, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccountService, type IdentityProvider, type Principal, scopesOf } from '#libs/accounts';
import { APP_CONFIG, type AppConfig } from '#libs/config';
import { ApiError } from '../http/problem.js';
import { CurrentPrincipal, RequireScope } from './auth.guard.js';
import { LoginAttempts } from './login-attempts.js';
import { clearSession, SESSION_DAYS, setSession } from './session-cookie.js';

export const IDENTITY_PROVIDER = 'IDENTITY_PROVIDER';
const CALLBACK = '/api/login/callback';

class MeDto {
  @ApiProperty({ nullable: true, type: String, description: 'null: nobody is logged in' }) user: string | null;
  @ApiProperty({ enum: ['user', 'operator'], nullable: true, type: String }) role: string | null;
  @ApiProperty({ type: [String] }) roles: readonly string[];
  @ApiProperty({ type: [String] }) scopes: readonly string[];
  @ApiProperty({ type: [String] }) groups: readonly string[];
  @ApiProperty() dataRights: boolean;
  @ApiProperty({ description: 'whether there is a login provider' }) provider: boolean;
}

/** Sessions of browsers: begun with an access token or at a login provider, kept in a cookie that no script reads. */
@ApiTags('accounts')
@Controller('api')
export class LoginController {
  constructor(
    @Inject(AccountService) private readonly accounts: AccountService,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    @Inject(LoginAttempts) private readonly attempts: LoginAttempts,
    @Optional() @Inject(IDENTITY_PROVIDER) private readonly provider?: IdentityProvider,
  ) {}

  @Get('me')
  @ApiOperation({ summary: 'Who is asking' })
  @ApiOkResponse({ type: MeDto })
  me(@Req() { caller: { principal } }: FastifyRequest): MeDto {
    const { name, role, roles, scopes, groups, dataRights } = principal ?? {};
    return {
      user: name ?? null,
      role: role ?? null,
      roles: roles ?? [],
      scopes: scopes ?? [],
      groups: groups ?? [],
      dataRights: dataRights ?? false,
      provider: this.provider !== undefined,
    };
  }

  @RequireScope('read')
  @Post('login')
  @HttpCode(204)
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Begins a session with the scopes of the access token that is shown' })
  async withToken(
    @CurrentPrincipal() principal: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { token } = await this.accounts.issueToken(principal.userId, 'browser', principal.scopes, SESSION_DAYS, {
      kind: 'session',
      actor: principal.name,
      madeWith: principal.rootTokenId,
    });
    setSession(reply, this.config, token);
  }

  @RequireScope('read')
  @Post('logout')
  @HttpCode(204)
  @ApiOperation({ summary: 'Ends the session' })
  async logout(
    @CurrentPrincipal() principal: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    if (principal.kind !== 'session')
      throw new ApiError('NO_SESSION', 'this is no session; revoke the token instead', undefined, 400);
    await this.accounts.revokeToken(principal.userId, principal.tokenId, { actor: principal.name });
    clearSession(reply, this.config);
  }

  @Get('login/start')
  @ApiOperation({ summary: 'Sends a browser to the login provider' })
  @ApiQuery({ name: 'return', required: false, description: 'page to come back to' })
  async start(@Res() reply: FastifyReply, @Query('return') back?: string): Promise<void> {
    const { url, attempt } = await this.#provider().begin(this.config.publicUrl + CALLBACK);
    this.attempts.remember(reply, attempt, back);
    await reply.redirect(url, 303);
  }

  @Get('login/callback')
  @ApiOperation({ summary: 'Where the login provider sends a browser back to' })
  async callback(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { attempt, back } = this.attempts.recall(request, reply);
    const identity = await this.#provider().finish(new URL(this.config.publicUrl + request.url), attempt);
    const user = await this.accounts.userOfIdentity(identity);
    const { token } = await this.accounts.issueToken(
      user.id,
      'browser',
      scopesOf(user.role, user.roles),
      SESSION_DAYS,
      {
        kind: 'session',
        actor: user.name,
      },
    );
    setSession(reply, this.config, token);
    await reply.redirect(back, 303);
  }

  #provider(): IdentityProvider {
    if (!this.provider)
      throw new ApiError('NOT_FOUND', 'this installation has no login provider; log in with an access token');
    return this.provider;
  }
}
