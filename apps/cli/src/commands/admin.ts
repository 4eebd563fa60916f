import { Command } from 'commander';
import { resolve } from 'node:path';
import { AccountService, type Scope, SCOPES } from '#libs/accounts';
import { loadConfig } from '#libs/config';
import { CommandError, ExitCode } from '../exit-codes.js';
import { createReporter } from '../reporter.js';
import { withDatabase } from '../services.js';
import { migrate } from '../stack.js';
import { accessCommands } from './admin-access.js';

/** `almagest admin`: what operators do by hand. */
export function adminCommand(): Command {
  const admin = new Command('admin').description('migrate the database, add users, issue tokens');
  admin
    .command('migrate')
    .description('apply pending migrations to DATABASE_URL (the embedded database gets them whenever it is started)')
    .option('--json', 'one summary object on stdout')
    .action(async (options: { json?: boolean }) => {
      if (!process.env['DATABASE_URL'] && !process.env['ALMAGEST_DATABASE_PORT'])
        throw new CommandError(
          'NO_DATABASE_URL',
          'DATABASE_URL is not set; the embedded database is brought up to date whenever it is started',
          ExitCode.usage,
        );
      const applied = await migrate(loadConfig());
      createReporter(options.json ?? false).summary({ command: 'admin migrate', applied }, () =>
        applied.length ? applied.join('\n') : 'nothing to do',
      );
    });
  admin
    .command('token')
    .description('issue an access token; the user is made if there is none of that name')
    .argument('<user>', 'user name')
    .option('--scopes <list>', `comma-separated: ${SCOPES.join(', ')}`, 'read,filters,jobs')
    .option('--operator', 'make a new user an operator')
    .option('--days <number>', 'lifetime in days (default: no end)')
    .option(
      '--data-dir <folder>',
      'where the embedded database lives (with DATABASE_URL set, that one is used)',
      process.env['ALMAGEST_DATA_DIR'] ?? '.almagest/data',
    )
    .option('--json', 'one summary object on stdout')
    .action(async (name: string, options: TokenOptions) => {
      const reporter = createReporter(options.json ?? false);
      const scopes = options.scopes.split(',') as Scope[];
      const { user, token } = await withDatabase(resolve(options.dataDir), reporter, async (dataSource) => {
        const accounts = new AccountService(dataSource);
        const user = await accounts.userFor(name, scopes, options.operator ? 'operator' : 'user');
        const days = options.days === undefined ? undefined : Number(options.days);
        const { token } = await accounts.issueToken(user.id, 'issued on the command line', scopes, days);
        return { user: user.name, token };
      });
      reporter.summary({ command: 'admin token', user, scopes, token }, () => token);
    });
  for (const command of accessCommands()) admin.addCommand(command);
  return admin;
}

interface TokenOptions {
  readonly scopes: string;
  readonly operator?: boolean;
  readonly days?: string;
  readonly dataDir: string;
  readonly json?: boolean;
}
