import type { FastifyReply } from 'fastify';
import type { AppConfig } from '#libs/config';

export const SESSION_DAYS = 7;
const SESSION = 'almagest_session';

/** The value of a cookie in a Cookie header. */
export function cookieIn(header: string | undefined, name: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}

export const sessionIn = (header: string | undefined): string | undefined => cookieIn(header, SESSION) || undefined;

/** HttpOnly: no script reads it. Lax: other sites' forms do not send it. Secure wherever the outside world comes by https. */
export function setCookie(
  reply: FastifyReply,
  config: Pick<AppConfig, 'publicUrl'>,
  name: string,
  value: string,
  seconds: number,
  path = '/',
): void {
  const secure = config.publicUrl.startsWith('https:') ? '; Secure' : '';
  const cookies = reply.getHeader('set-cookie');
  const before = cookies === undefined ? [] : Array.isArray(cookies) ? cookies : [String(cookies)];
  void reply
    .removeHeader('set-cookie')
    .header('set-cookie', [
      ...before,
      `${name}=${value}; Path=${path}; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`,
    ]);
}

export const setSession = (reply: FastifyReply, config: Pick<AppConfig, 'publicUrl'>, token: string): void =>
  setCookie(reply, config, SESSION, token, SESSION_DAYS * 86_400);
export const clearSession = (reply: FastifyReply, config: Pick<AppConfig, 'publicUrl'>): void =>
  setCookie(reply, config, SESSION, '', 0);
