// Requests as they are, every header under the test's control.

import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Sent {
  readonly method?: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** an object goes as JSON */
  readonly payload?: object;
}

export interface Answered {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Sends one request to an application that listens on a free port of this machine. */
export function send(
  app: NestFastifyApplication,
  { method = 'GET', url, headers = {}, payload }: Sent,
): Promise<Answered> {
  const { port } = app.getHttpServer().address() as AddressInfo;
  const body = payload === undefined || payload instanceof Uint8Array ? payload : JSON.stringify(payload);
  const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        port,
        host: '127.0.0.1',
        method,
        path: url,
        headers: { ...(payload && { 'content-type': 'application/json' }), ...Object.fromEntries(given) },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ statusCode: response.statusCode!, headers: response.headers, body: text }));
      },
    );
    outgoing.once('error', reject).end(body);
  });
}
