// Against a provider of our own: real HTTP, real signatures, and the attacks a client has to withstand.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { OpenIdProvider } from './identity-provider.js';

const CLIENT = { clientId: 'almagest', clientSecret: 'a secret' };
const BACK = 'http://127.0.0.1:3000/api/login/callback';

let server: Server;
let issuer: string;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let strangerKeys: Awaited<ReturnType<typeof generateKeyPair>>;
/** how the provider lies in a test */
let lie: { claims?: Record<string, unknown>; foreignKey?: boolean } = {};
const codes = new Map<string, URLSearchParams>();

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const json = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const { pathname } = new URL(request.url!, issuer);
  if (pathname === '/.well-known/openid-configuration')
    return json(200, {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    });
  if (pathname === '/keys')
    return json(200, { keys: [{ ...(await exportJWK(keys.publicKey)), kid: '1', alg: 'RS256', use: 'sig' }] });
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const form = new URLSearchParams(body);
  const asked = codes.get(form.get('code') ?? '');
  codes.delete(form.get('code') ?? '');
  const challenge = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url');
  const basic = `Basic ${Buffer.from(`${CLIENT.clientId}:${encodeURIComponent(CLIENT.clientSecret).replaceAll('%20', '+')}`).toString('base64')}`;
  if (!asked || challenge !== asked.get('code_challenge') || request.headers.authorization !== basic)
    return json(400, { error: 'invalid_grant' });
  const idToken = await new SignJWT({
    nonce: asked.get('nonce'),
    preferred_username: 'hypatia',
    email: 'h@example.org',
    ...lie.claims,
  })
    .setProtectedHeader({ alg: 'RS256', kid: '1' })
    .setIssuer((lie.claims?.['iss'] as string | undefined) ?? issuer)
    .setAudience((lie.claims?.['aud'] as string | undefined) ?? CLIENT.clientId)
    .setSubject('person-1')
    .setIssuedAt()
    .setExpirationTime((lie.claims?.['exp'] as number | undefined) ?? '5m')
    .sign((lie.foreignKey ? strangerKeys : keys).privateKey);
  return json(200, { access_token: 'x', token_type: 'Bearer', id_token: idToken });
}

/** A person who says yes: the address the provider sends the browser back to. */
function consent(url: string): URL {
  const asked = new URL(url).searchParams;
  const code = `code-${codes.size + 1}-${asked.get('state')}`;
  codes.set(code, asked);
  return new URL(`${BACK}?${new URLSearchParams({ code, state: asked.get('state')! }).toString()}`);
}

beforeAll(async () => {
  [keys, strangerKeys] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
  server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  lie = {};
});
afterAll(async () => {
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

const provider = (): OpenIdProvider => new OpenIdProvider({ issuer, ...CLIENT });

describe('OpenID Connect', () => {
  it('leads to the provider and back to an identity', async () => {
    const door = provider();
    const { url, attempt } = await door.begin(BACK);
    const asked = new URL(url);
    expect(asked.origin + asked.pathname).toBe(`${issuer}/authorize`);
    expect(asked.searchParams.get('code_challenge_method')).toBe('S256');
    expect(asked.searchParams.get('redirect_uri')).toBe(BACK);
    expect(await door.finish(consent(url), attempt)).toEqual({
      issuer,
      subject: 'person-1',
      name: 'hypatia',
      email: 'h@example.org',
    });
  });

  it.each([
    ['is signed by somebody else', { foreignKey: true }],
    ['is meant for another client', { claims: { aud: 'another' } }],
    ['is of another issuer', { claims: { iss: 'https://evil.example' } }],
    ['has expired', { claims: { exp: Math.floor(Date.now() / 1000) - 3600 } }],
    ['answers another login', { claims: { nonce: 'of somebody else' } }],
  ])('refuses an identity token that %s', async (_, told) => {
    const door = provider();
    const { url, attempt } = await door.begin(BACK);
    lie = told;
    await expect(door.finish(consent(url), attempt)).rejects.toMatchObject({ code: 'LOGIN_FAILED' });
  });

  it('refuses a callback of another attempt, a stolen code and a second use of one', async () => {
    const door = provider();
    const [mine, theirs] = [await door.begin(BACK), await door.begin(BACK)];
    await expect(door.finish(consent(theirs.url), mine.attempt)).rejects.toMatchObject({ code: 'LOGIN_FAILED' });
    // their code brought to my attempt: the state fits, the verifier does not
    const stolen = consent(theirs.url);
    stolen.searchParams.set('state', mine.attempt.state);
    await expect(door.finish(stolen, mine.attempt)).rejects.toMatchObject({ code: 'LOGIN_FAILED' });
    const callback = consent(mine.url);
    await door.finish(callback, mine.attempt);
    await expect(door.finish(callback, mine.attempt)).rejects.toMatchObject({ code: 'LOGIN_FAILED' });
  });

  it('says so when the provider does not answer, and asks again the next time', async () => {
    const dead = new OpenIdProvider({ ...CLIENT, issuer: 'http://127.0.0.1:9' });
    await expect(dead.begin(BACK)).rejects.toMatchObject({ code: 'LOGIN_FAILED' });
    await expect(dead.begin(BACK)).rejects.toMatchObject({ code: 'LOGIN_FAILED' });
  });
});
