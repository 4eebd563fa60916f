export { AccessService, type VisibleTable } from './access-service.js';
export { AccountError, type AccountErrorCode, QuotaExceeded } from './account-error.js';
export { AccountService, type By, type IssuedToken, type TokenInfo, type UserAccount } from './account-service.js';
export { AccountsModule } from './accounts.module.js';
export { type AuditEntry, readAudit } from './audit-log.js';
export {
  ALERTS,
  IMAGES,
  ROW_TIMES,
  rowCondition,
  type RowTime,
  type TableAccess,
  type Visibility,
} from './data-rights.js';
export { type Identity, type IdentityProvider, type LoginAttempt, OpenIdProvider } from './identity-provider.js';
export type { AskedQuery, PastQuery } from './query-history.js';
export {
  DEFAULT_QUOTAS,
  type Quota,
  QUOTA_KINDS,
  type QuotaGrant,
  type QuotaKind,
  type QuotaStatus,
  rateLimitHeaders,
} from './quota.js';
export { type GroupChange, POLICY_SUBJECTS, RulesService } from './rules-service.js';
export {
  allows,
  type Caller,
  type Principal,
  quotaSubject,
  type Role,
  ROLES,
  type Scope,
  SCOPES,
  scopesOf,
} from './scopes.js';
export { looksLikeToken, tokenIn, type TokenKind } from './tokens.js';
