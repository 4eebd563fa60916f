// What operators decide about access: quotas, who may see which table, what an account may do.

import { Command, InvalidArgumentError, Option } from 'commander';
import { resolve } from 'node:path';
import {
  AccessService,
  AccountError,
  AccountService,
  type QuotaGrant,
  type Role,
  RulesService,
  type TableAccess,
} from '#libs/accounts';
import { CommandError, ExitCode } from '../exit-codes.js';
import { createReporter } from '../reporter.js';
import { withDatabase } from '../services.js';

interface Common {
  readonly dataDir: string;
  readonly json?: boolean;
}
interface Services {
  readonly accounts: AccountService;
  readonly rules: RulesService;
}

const common = (command: Command): Command =>
  command
    .option(
      '--data-dir <folder>',
      'where the embedded database lives (with DATABASE_URL set, that one is used)',
      process.env['ALMAGEST_DATA_DIR'] ?? '.almagest/data',
    )
    .option('--json', 'one summary object on stdout');

async function change(
  name: string,
  { dataDir, json = false }: Common,
  facts: Record<string, unknown>,
  work: (services: Services) => Promise<unknown>,
): Promise<void> {
  const reporter = createReporter(json);
  await withDatabase(resolve(dataDir), reporter, async (dataSource) => {
    const access = new AccessService(dataSource);
    try {
      await work({ accounts: new AccountService(dataSource), rules: new RulesService(dataSource, access) });
    } catch (error) {
      if (error instanceof AccountError) throw new CommandError(error.code, error.message, ExitCode.usage);
      throw error;
    } finally {
      await access.onApplicationShutdown();
    }
  });
  reporter.summary({ command: `admin ${name}`, ...facts }, () => 'done');
}

/** `rowsPerDay=1000` or `openJobs=none`, which lifts the limit. */
function grant(text: string, before: QuotaGrant = {}): QuotaGrant {
  const [, kind, amount] = /^(\w+)=(\d+|none)$/.exec(text) ?? [];
  if (kind === undefined) throw new InvalidArgumentError('expected kind=number or kind=none.');
  return { ...before, [kind]: amount === 'none' ? null : Number(amount) };
}

export function accessCommands(): Command[] {
  return [quotaCommand(), policyCommand(), userCommand()];
}

function quotaCommand(): Command {
  return common(new Command('quota'))
    .description(
      'set quotas: requestsPerMinute, concurrentQueries, rowsPerQuery, rowsPerDay, bytesPerDay, uploadBytes, openJobs',
    )
    .argument('<who>', '`anonymous`, `user` (the default of all), or the name of a user')
    .requiredOption('--set <kind=amount>', 'a quota; `none` lifts it, 0 closes it (may be repeated)', grant)
    .option('--days <number>', 'for a user: for so many days', Number)
    .action(async (who: string, options: Common & { set: QuotaGrant; days?: number }) => {
      await change('quota', options, { who, quota: options.set }, async ({ accounts, rules }) => {
        const until = options.days === undefined ? {} : { until: new Date(Date.now() + options.days * 86_400_000) };
        if (who === 'anonymous' || who === 'user') return rules.setQuota(who, options.set, until);
        const user = await accounts.findUser(who);
        if (!user) throw new AccountError('NO_SUCH_USER', `there is no user ${who}`, who);
        return rules.setQuota({ userId: user.id }, options.set, until);
      });
    });
}

function policyCommand(): Command {
  return common(new Command('policy'))
    .description('say who may see a table, Alert (alert packets) or Image (image files)')
    .argument('<table>', 'name of the table')
    .addOption(
      new Option('--access <who>', 'everybody, holders of data rights, or operators')
        .choices(['public', 'rights', 'operator'])
        .default('public'),
    )
    .option('--embargo-days <number>', 'rows newer than this are for holders of data rights', Number, 0)
    .action(async (table: string, options: Common & { access: TableAccess; embargoDays: number }) => {
      const { access, embargoDays } = options;
      await change('policy', options, { table, access, embargoDays }, ({ rules }) =>
        rules.setPolicy(table, access, embargoDays),
      );
    });
}

function userCommand(): Command {
  return common(new Command('user'))
    .description('change what an account may do; its tokens follow at once')
    .argument('<user>', 'user name')
    .option('--roles <list>', 'comma-separated: astronomer, filter-owner, level3, telescope')
    .option('--data-rights <yes|no>', 'may see what is proprietary')
    .option('--close', 'close the account: none of its tokens is good any more')
    .option('--open', 'open it again')
    .action(
      async (
        user: string,
        options: Common & { roles?: string; dataRights?: string; close?: boolean; open?: boolean },
      ) => {
        const { roles, dataRights, close, open } = options;
        const wanted = {
          ...(roles !== undefined && { roles: roles.split(',').filter(Boolean) as Role[] }),
          ...(dataRights !== undefined && { dataRights: dataRights === 'yes' }),
          ...((close || open) && { disabled: close === true }),
        };
        await change('user', options, { user, ...wanted }, ({ accounts }) => accounts.changeUser(user, wanted));
      },
    );
}
