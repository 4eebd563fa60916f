// Logging in elsewhere: the port, and OpenID Connect (authorization code with PKCE; the identity token's signature is checked against the
// provider's keys).

import * as oidc from 'openid-client';
import { AccountError } from './account-error.js';

export interface Identity {
  readonly issuer: string;
  /** the provider's own name for the person: never given to another */
  readonly subject: string;
  /** a wish for a user name */
  readonly name: string;
  readonly email?: string;
}

/** What must be remembered between leaving for the provider and coming back. */
export interface LoginAttempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface IdentityProvider {
  begin(redirectUri: string): Promise<{ readonly url: string; readonly attempt: LoginAttempt }>;
  /** `callback`: the address the provider sent the browser to. Throws LOGIN_FAILED. */
  finish(callback: URL, attempt: LoginAttempt): Promise<Identity>;
}

export interface OpenIdSettings {
  readonly issuer: string;
  readonly clientId: string;
  /** empty for a public client */
  readonly clientSecret: string;
}

export class OpenIdProvider implements IdentityProvider {
  #discovered: Promise<oidc.Configuration> | undefined;

  constructor(private readonly settings: OpenIdSettings) {}

  /** The provider's description, asked for at the first login and again when that failed. */
  #configuration(): Promise<oidc.Configuration> {
    const { issuer, clientId, clientSecret } = this.settings;
    const insecure = issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : [];
    this.#discovered ??= oidc
      .discovery(
        new URL(issuer),
        clientId,
        {},
        clientSecret === '' ? oidc.None() : oidc.ClientSecretBasic(clientSecret),
        {
          execute: [...insecure, oidc.enableNonRepudiationChecks],
          timeout: 10,
        },
      )
      .catch((error: unknown) => {
        this.#discovered = undefined;
        throw new AccountError(
          'LOGIN_FAILED',
          'the login provider does not answer',
          error instanceof Error ? error.message : undefined,
        );
      });
    return this.#discovered;
  }

  async begin(redirectUri: string): Promise<{ url: string; attempt: LoginAttempt }> {
    const configuration = await this.#configuration();
    const attempt = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier: oidc.randomPKCECodeVerifier() };
    const url = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: 'openid profile email',
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(attempt.verifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href, attempt };
  }

  async finish(callback: URL, { state, nonce, verifier }: LoginAttempt): Promise<Identity> {
    const configuration = await this.#configuration();
    const tokens = await oidc
      .authorizationCodeGrant(configuration, callback, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      })
      .catch((error: unknown) => {
        throw new AccountError(
          'LOGIN_FAILED',
          'the login provider did not confirm this login',
          (error as { code?: unknown }).code,
        );
      });
    const claims = tokens.claims();
    if (!claims) throw new AccountError('LOGIN_FAILED', 'the login provider said nothing of who this is');
    const text = (value: unknown): string | undefined =>
      typeof value === 'string' && value !== '' ? value : undefined;
    const email = text(claims['email']);
    return {
      issuer: claims.iss,
      subject: claims.sub,
      name: text(claims['preferred_username']) ?? email ?? text(claims['name']) ?? 'user',
      ...(email !== undefined && { email }),
    };
  }
}
