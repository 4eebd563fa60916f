export { AccountError, type AccountErrorCode } from './account-error.js';
export { AccountService, type IssuedToken, type TokenInfo, type UserAccount } from './account-service.js';
export { AccountsModule } from './accounts.module.js';
export { allows, type Principal, type Scope, SCOPES } from './scopes.js';
