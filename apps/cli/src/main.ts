import { Command, CommanderError } from 'commander';
import { accuracyCommand } from './commands/accuracy.js';
import { adminCommand } from './commands/admin.js';
import { benchCommand } from './commands/bench.js';
import { demoCommand } from './commands/demo.js';
import { emitApiCommand } from './commands/emit-api.js';
import { fuzzCommand } from './commands/fuzz.js';
import { ingestCommand } from './commands/ingest.js';
import { jobCommand } from './commands/level3.js';
import { runCommand } from './commands/run.js';
import { simulateCommand } from './commands/simulate.js';
import { synthesizeCommand } from './commands/synthesize.js';
import { testCommand } from './commands/test.js';
import { upCommand } from './commands/up.js';
import { CommandError, ExitCode } from './exit-codes.js';

const program = new Command('almagest')
  .description('Almagest: raw telescope images in; alerts, catalogs and users’ own products out.')
  .showHelpAfterError('(add --help for the options)')
  .exitOverride();
for (const command of [
  demoCommand(),
  upCommand(),
  ingestCommand(),
  runCommand(),
  jobCommand(),
  simulateCommand(),
  synthesizeCommand(),
  testCommand(),
  adminCommand(),
  emitApiCommand(),
  benchCommand(),
  accuracyCommand(),
  fuzzCommand(),
])
  program.addCommand(command);
for (const command of program.commands) command.exitOverride().showHelpAfterError('(add --help for the options)');

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  else if (error instanceof CommandError) {
    process.stderr.write(`almagest: ${error.message} [${error.code}]\n`);
    process.exitCode = error.exitCode;
  } else {
    process.stderr.write(
      `almagest: internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exitCode = ExitCode.internal;
  }
}
