import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PUBLIC_TABLES } from '#libs/schema';
import { sqlState, withTransaction } from '#libs/database';
import { AccessService } from './access-service.js';
import { AccountError } from './account-error.js';
import { COMMAND_LINE, recordAct } from './audit-log.js';
import type { By } from './account-service.js';
import { ALERTS, IMAGES, type TableAccess } from './data-rights.js';
import { invalidGrant, type QuotaGrant } from './quota.js';

export interface GroupChange {
  readonly description?: string;
  readonly dataRights?: boolean;
  readonly bypassQuota?: boolean;
  readonly quota?: QuotaGrant;
}

const FOREIGN_KEY_VIOLATION = '23503';
const CHECK_VIOLATION = '23514';
const ACCESS: readonly TableAccess[] = ['public', 'rights', 'operator'];
export const POLICY_SUBJECTS: readonly string[] = [...PUBLIC_TABLES.map(({ name }) => name), ALERTS, IMAGES];

/** What operators decide: groups, quotas, data rights. Every change is in the audit log. */
@Injectable()
export class RulesService {
  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(AccessService) private readonly access: AccessService,
  ) {}

  /** Makes a group or changes one. */
  async setGroup(name: string, change: GroupChange, by: By = {}): Promise<void> {
    checkGrant(change.quota);
    try {
      await this.#act(by, 'set group', name, change, [
        `INSERT INTO user_group (name, description, data_rights, bypass_quota, quota)
         VALUES ($1, coalesce($2, ''), coalesce($3, false), coalesce($4, false), coalesce($5::jsonb, '{}'))
         ON CONFLICT (name) DO UPDATE SET description = coalesce($2, user_group.description), data_rights = coalesce($3, user_group.data_rights),
           bypass_quota = coalesce($4, user_group.bypass_quota), quota = coalesce($5::jsonb, user_group.quota)`,
        [
          name,
          change.description ?? null,
          change.dataRights ?? null,
          change.bypassQuota ?? null,
          change.quota ? JSON.stringify(change.quota) : null,
        ],
      ]);
    } catch (error) {
      if (sqlState(error) === CHECK_VIOLATION)
        throw new AccountError(
          'INVALID_NAME',
          `a group name is 2 to 63 characters, a-z, 0-9, '.', '_' or '-': not ${JSON.stringify(name)}`,
          name,
        );
      throw error;
    }
  }

  async addMember(group: string, userId: string, by: By = {}): Promise<void> {
    try {
      await this.#act(by, 'add member', group, { userId }, [
        'INSERT INTO group_member (group_name, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING',
        [group, userId],
      ]);
    } catch (error) {
      if (sqlState(error) === FOREIGN_KEY_VIOLATION)
        throw new AccountError('NO_SUCH_GROUP', `there is no group ${group}, or no such user`, group);
      throw error;
    }
  }

  async removeMember(group: string, userId: string, by: By = {}): Promise<void> {
    await this.#act(by, 'remove member', group, { userId }, [
      'DELETE FROM group_member WHERE group_name = $1 AND user_id = $2',
      [group, userId],
    ]);
  }

  /** Sets the default of a class of callers, or an exception for one user until some time. */
  async setQuota(
    appliesTo: 'anonymous' | 'user' | { readonly userId: string },
    quota: QuotaGrant,
    { until, ...by }: By & { readonly until?: Date } = {},
  ): Promise<void> {
    checkGrant(quota);
    const who = typeof appliesTo === 'string' ? appliesTo : `user:${appliesTo.userId}`;
    await this.#act(by, 'set quota', who, { quota, until }, [
      `INSERT INTO quota_rule (applies_to, quota, until) VALUES ($1, $2::jsonb, $3)
       ON CONFLICT (applies_to) DO UPDATE SET quota = excluded.quota, until = excluded.until, changed_at = now()`,
      [who, JSON.stringify(quota), until ?? null],
    ]);
  }

  /** Who may see a table (or alert packets, or images), and after how many days everybody may. */
  async setPolicy(table: string, access: TableAccess, embargoDays = 0, by: By = {}): Promise<void> {
    if (!POLICY_SUBJECTS.includes(table))
      throw new AccountError(
        'NO_SUCH_TABLE',
        `there is no table ${table}; there are ${POLICY_SUBJECTS.join(', ')}`,
        table,
      );
    if (!ACCESS.includes(access))
      throw new AccountError('INVALID_POLICY', `access is one of ${ACCESS.join(', ')}`, access);
    if (!(embargoDays >= 0 && Number.isFinite(embargoDays)))
      throw new AccountError('INVALID_POLICY', `an embargo is 0 or more days, not ${embargoDays}`, embargoDays);
    await this.#act(by, 'set policy', table, { access, embargoDays }, [
      `INSERT INTO table_policy (table_name, access, embargo_days) VALUES ($1, $2, $3)
       ON CONFLICT (table_name) DO UPDATE SET access = excluded.access, embargo_days = excluded.embargo_days, changed_at = now()`,
      [table, access, embargoDays],
    ]);
  }

  async #act(
    by: By,
    act: string,
    subject: string,
    detail: object,
    [sql, parameters]: [string, unknown[]],
  ): Promise<void> {
    await withTransaction(this.dataSource, async (manager) => {
      await manager.query(sql, parameters);
      await recordAct(manager, { actor: by.actor ?? COMMAND_LINE, act, subject, detail: { ...detail } });
    });
    this.access.forgetRules();
  }
}

function checkGrant(quota: QuotaGrant | undefined): void {
  const mistake = quota && invalidGrant(quota);
  if (mistake) throw new AccountError('INVALID_QUOTA', mistake, quota);
}
