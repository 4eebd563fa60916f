// Who may see which table, and how new its rows may be. Pure: policy, person and time in, answer out.

import type { Principal } from './scopes.js';

/** public: everybody. rights: holders of data rights. operator: nobody else. */
export type TableAccess = 'public' | 'rights' | 'operator';

export interface TablePolicy {
  readonly table: string;
  readonly access: TableAccess;
  /** of a public table: rows newer than so many days are for holders of data rights only; 0 is no embargo */
  readonly embargoDays: number;
}

/** Policies name tables of the catalog and two things that are none: alert packets and image files. */
export const ALERTS = 'Alert';
export const IMAGES = 'Image';

/** Where a row's time is: a column of its own [MJD TAI], or that of the row another column names. */
export type RowTime =
  | { readonly column: string }
  | { readonly key: string; readonly of: string; readonly itsKey: string; readonly column: string };

const throughVisit = { key: 'visit', of: 'Visit', itsKey: 'visit', column: 'expMidptMJD' } as const;

/** Tables not named have no time: an embargo closes them. */
export const ROW_TIMES: Readonly<Record<string, RowTime>> = {
  Visit: { column: 'expMidptMJD' },
  DetectorVisitProcessingSummary: throughVisit,
  Source: throughVisit,
  ForcedSource: throughVisit,
  DiaSource: { column: 'midpointMjdTai' },
  DiaForcedSource: { column: 'midpointMjdTai' },
  DiaObject: { column: 'lastDiaSourceMjdTai' },
  DiaObjectLast: { column: 'lastDiaSourceMjdTai' },
  SSSource: { key: 'diaSourceId', of: 'DiaSource', itsKey: 'diaSourceId', column: 'midpointMjdTai' },
  [ALERTS]: { column: 'midpointMjdTai' },
  [IMAGES]: throughVisit,
};

/** What somebody may see of a table. */
export interface Visibility {
  readonly table: string;
  /** rows of this time or later are hidden [MJD TAI]; absent: every row is shown */
  readonly beforeMjdTai?: number;
}

const PUBLIC: Omit<TablePolicy, 'table'> = { access: 'public', embargoDays: 0 };

/** undefined: the table does not exist for this person. */
export function visibilityOf(
  table: string,
  policy: Omit<TablePolicy, 'table'> = PUBLIC,
  principal: Principal | undefined,
  nowMjdTai: number,
): Visibility | undefined {
  const operator = principal?.role === 'operator' && principal.scopes.includes('operate');
  if (operator) return { table };
  if (policy.access === 'operator') return undefined;
  // data rights are used with a token that may read
  const rights = principal !== undefined && principal.dataRights && principal.scopes.includes('read');
  if (rights) return { table };
  if (policy.access === 'rights') return undefined;
  if (policy.embargoDays === 0) return { table };
  if (ROW_TIMES[table] === undefined) return undefined;
  return { table, beforeMjdTai: nowMjdTai - policy.embargoDays };
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The condition on rows of a table aliased `alias`, to be joined with AND; undefined where every row is shown. No parameters. */
export function rowCondition({ table, beforeMjdTai }: Visibility, alias: string): string | undefined {
  if (beforeMjdTai === undefined) return undefined;
  const time = ROW_TIMES[table]!;
  const limit = beforeMjdTai.toFixed(6);
  if (!('of' in time)) return `${quoted(alias)}.${quoted(time.column)} < ${limit}`;
  return `EXISTS (SELECT 1 FROM ${quoted(time.of)} embargo WHERE embargo.${quoted(time.itsKey)} = ${quoted(alias)}.${quoted(time.key)} AND embargo.${quoted(time.column)} < ${limit})`;
}
