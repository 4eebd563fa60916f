// Server-sent events (WHATWG HTML, section 9.2) from a generator: as fast as the reader takes them, a comment now and then to keep proxies awake.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { once } from 'node:events';

export interface ServerSentEvent {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

const HEARTBEAT_MS = 20_000;
const RETRY_MS = 2_000;

export async function sendEvents<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  start: (signal: AbortSignal) => AsyncGenerator<T>,
  toEvent: (item: T) => ServerSentEvent,
): Promise<void> {
  const controller = new AbortController();
  request.raw.once('close', () => controller.abort());
  reply.hijack();
  const out = reply.raw;
  out.once('close', () => controller.abort());
  out.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  out.write(`retry: ${RETRY_MS}\n\n`);
  const heartbeat = setInterval(() => out.write(': still here\n\n'), HEARTBEAT_MS);
  try {
    for await (const item of start(controller.signal)) {
      const { id, event, data } = toEvent(item);
      if (!out.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`) && !controller.signal.aborted)
        await once(out, 'drain', { signal: controller.signal }).catch(() => undefined);
    }
  } finally {
    clearInterval(heartbeat);
    out.end();
  }
}
