export type * from './catalog.js';
export { compileAdql, type CompileOptions } from './compile.js';
export { AdqlError, type AdqlErrorCode } from './error.js';
export { RESERVED_WORDS } from './reserved-words.js';
export { MAX_QUERY_LENGTH } from './tokens.js';
export { type FunctionDescription, USER_FUNCTIONS } from './user-functions.js';
export { standaloneSql } from './standalone-sql.js';
