import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { createHmac, randomBytes } from 'node:crypto';
import { AccountError, type LoginAttempt } from '#libs/accounts';
import { APP_CONFIG, type AppConfig } from '#libs/config';
import { cookieIn, setCookie } from './session-cookie.js';

const COOKIE = 'almagest_login';
const PATH = '/api/login';
const MINUTES = 10;

interface Remembered {
  readonly attempt: LoginAttempt;
  readonly back: string;
}

/** Login attempts live in a signed cookie of the browser that began them: any process can finish one, and only that browser. */
@Injectable()
export class LoginAttempts {
  readonly #key: string;

  constructor(@Inject(APP_CONFIG) private readonly config: AppConfig) {
    this.#key = config.secret || randomBytes(32).toString('hex');
  }

  remember(reply: FastifyReply, attempt: LoginAttempt, back?: string): void {
    const text = Buffer.from(
      JSON.stringify({ attempt, back: ownPage(back), until: Date.now() + MINUTES * 60_000 }),
    ).toString('base64url');
    setCookie(reply, this.config, COOKIE, `${text}.${this.#sign(text)}`, MINUTES * 60, PATH);
  }

  /** Once: the cookie is taken away. Throws LOGIN_FAILED. */
  recall(request: FastifyRequest, reply: FastifyReply): Remembered {
    const [text = '', signature = ''] = (cookieIn(request.headers.cookie, COOKIE) ?? '').split('.');
    setCookie(reply, this.config, COOKIE, '', 0, PATH);
    if (text === '' || signature !== this.#sign(text))
      throw new AccountError('LOGIN_FAILED', 'this browser has not begun a login, or too long ago');
    const { until, ...remembered } = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Remembered & {
      until: number;
    };
    if (until < Date.now()) throw new AccountError('LOGIN_FAILED', 'this login was begun too long ago');
    return remembered;
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#key).update(`login ${text}`).digest('base64url');
  }
}

/** A page of ours: nobody is sent elsewhere after a login. */
const ownPage = (back = '/'): string => (/^\/(?![/\\])[\x21-\x7e]*$/.test(back) ? back : '/');
