// embedded-db: PGlite + PostGIS behind a PostgreSQL wire gateway on loopback. Prints one JSON line when it is ready.
import { fileURLToPath } from 'node:url';
import { type EmbeddedDatabaseOptions, parseOptions, UsageError } from './options.js';
import { EXIT_CANNOT_START, EXIT_ENGINE_LOST, EXIT_USAGE, serve } from './serve.js';
import { CHILD_FLAG, type ChildMessage, type ParentMessage, supervise } from './supervisor.js';

function complain(error: unknown): void {
  const { code, message } = error as { code?: string; message: string };
  process.stderr.write(
    `${JSON.stringify({ time: new Date().toISOString(), level: 'error', component: 'embedded-db', code, message })}\n`,
  );
}

async function run(options: EmbeddedDatabaseOptions, supervised: boolean): Promise<void> {
  const service = await serve(options, (cause) => {
    complain({ code: 'engine_lost', message: cause });
    process.exit(EXIT_ENGINE_LOST);
  });
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    service.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        complain(error);
        process.exit(EXIT_ENGINE_LOST);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (!supervised) process.stdout.write(`${JSON.stringify(service.ready)}\n`);
  else {
    process.on('disconnect', stop); // the supervisor is gone
    process.on('message', ({ ping }: ParentMessage) => process.send?.({ pong: ping } satisfies ChildMessage));
    process.send?.({ ready: service.ready } satisfies ChildMessage);
  }
}

try {
  const options = parseOptions(process.argv.slice(2));
  const isChild = process.env[CHILD_FLAG] === '1';
  if (isChild || options.unsupervised) await run(options, isChild);
  else process.exitCode = await supervise(fileURLToPath(import.meta.url), options);
} catch (error) {
  complain(error);
  process.exit(error instanceof UsageError ? EXIT_USAGE : EXIT_CANNOT_START);
}
