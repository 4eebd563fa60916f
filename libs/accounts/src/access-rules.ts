// The operators' rules as every process sees them: read together, kept for a few seconds.

import type { DataSource } from 'typeorm';
import type { TableAccess, TablePolicy } from './data-rights.js';
import { DEFAULT_QUOTAS, type Quota, type QuotaGrant } from './quota.js';

export interface AccessRules {
  readonly policies: ReadonlyMap<string, TablePolicy>;
  readonly defaults: Readonly<Record<'anonymous' | 'user', Quota>>;
  /** by user id */
  readonly exceptions: ReadonlyMap<string, QuotaGrant>;
  readonly groups: ReadonlyMap<string, { readonly bypass: boolean; readonly grant: QuotaGrant }>;
}

/** Rules changed by another process are heard of within this time. */
export const RULES_FRESH_MS = 3_000;

export async function readRules(dataSource: DataSource): Promise<AccessRules> {
  const [policies, quotas, groups] = await Promise.all([
    dataSource.query<{ table: string; access: TableAccess; embargoDays: number }[]>(
      'SELECT table_name AS table, access, embargo_days AS "embargoDays" FROM table_policy',
    ),
    dataSource.query<{ appliesTo: string; quota: QuotaGrant }[]>(
      'SELECT applies_to AS "appliesTo", quota FROM quota_rule WHERE until IS NULL OR until > now()',
    ),
    dataSource.query<{ name: string; bypass: boolean; quota: QuotaGrant }[]>(
      'SELECT name, bypass_quota AS bypass, quota FROM user_group',
    ),
  ]);
  const rules = new Map(quotas.map(({ appliesTo, quota }) => [appliesTo, quota]));
  const defaultsOf = (kind: 'anonymous' | 'user'): Quota => ({ ...DEFAULT_QUOTAS[kind], ...rules.get(kind) });
  return {
    policies: new Map(policies.map((policy) => [policy.table, policy])),
    defaults: { anonymous: defaultsOf('anonymous'), user: defaultsOf('user') },
    exceptions: new Map(
      [...rules].filter(([who]) => who.startsWith('user:')).map(([who, quota]) => [who.slice(5), quota]),
    ),
    groups: new Map(groups.map(({ name, bypass, quota }) => [name, { bypass, grant: quota }])),
  };
}
