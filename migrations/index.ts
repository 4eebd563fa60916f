import type { MigrationInterface } from 'typeorm';
import { Platform1700000000100 } from './0100-platform.js';
import { Accounts1700000000150 } from './0150-accounts.js';
import { Access1700000000160 } from './0160-access.js';
import { DerivedTokens1700000000165 } from './0165-derived-tokens.js';
import { Registry1700000000200 } from './0200-registry.js';
import { Jobs1700000000300 } from './0300-jobs.js';
import { Catalog1700000000400 } from './0400-catalog.js';
import { ForcedSource1700000000410 } from './0410-forced-source.js';
import { Alerts1700000000500 } from './0500-alerts.js';
import { Filters1700000000600 } from './0600-filters.js';
import { FilterLanguage1700000000610 } from './0610-filter-language.js';
import { Level31700000000800 } from './0800-level3.js';
import { Vo1700000000900 } from './0900-vo.js';

/** Every migration, oldest first. One file and one line per migration; a released one is never edited. */
export const migrations: readonly (new () => MigrationInterface)[] = [
  Platform1700000000100,
  Accounts1700000000150,
  Access1700000000160,
  DerivedTokens1700000000165,
  Registry1700000000200,
  Jobs1700000000300,
  Catalog1700000000400,
  ForcedSource1700000000410,
  Alerts1700000000500,
  Filters1700000000600,
  FilterLanguage1700000000610,
  Level31700000000800,
  Vo1700000000900,
];
