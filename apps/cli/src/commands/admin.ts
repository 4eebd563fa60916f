import { Command } from 'commander';
import { AccountService, type Scope, SCOPES } from '#libs/accounts';
import { loadConfig } from '#libs/config';
import { createReporter } from '../reporter.js';
import { connect, migrate } from '../stack.js';

/** `almagest admin`: what operators do by hand. */
export function adminCommand(): Command {
  const admin = new Command('admin').description(
    'migrate the database, add users, issue tokens (uses DATABASE_URL or a running embedded database)',
  );
  admin
    .command('migrate')
    .description('apply pending migrations')
    .option('--json', 'one summary object on stdout')
    .action(async (options: { json?: boolean }) => {
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
    .option('--json', 'one summary object on stdout')
    .action(async (name: string, options: { scopes: string; operator?: boolean; days?: string; json?: boolean }) => {
      const dataSource = await connect(loadConfig());
      try {
        const accounts = new AccountService(dataSource);
        const user =
          (await accounts.findUser(name)) ?? (await accounts.createUser(name, options.operator ? 'operator' : 'user'));
        const issued = await accounts.issueToken(
          user.id,
          'issued on the command line',
          options.scopes.split(',') as Scope[],
          options.days === undefined ? undefined : Number(options.days),
        );
        createReporter(options.json ?? false).summary(
          { command: 'admin token', user: user.name, scopes: options.scopes.split(','), token: issued.token },
          () => issued.token,
        );
      } finally {
        await dataSource.destroy();
      }
    });
  return admin;
}
