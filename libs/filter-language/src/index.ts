export type * from './ast.js';
export type { BatchColumn, FilterBatch } from './batch.js';
export { columnKey, type FilterColumn, FilterColumns } from './columns.js';
export {
  type ClauseSelectivity,
  compileFilter,
  type CompiledFilter,
  type EvaluateOptions,
  type FilterMatch,
} from './compile.js';
export { FilterError, type FilterErrorCode, type SourceRange } from './error.js';
export { FILTER_FUNCTIONS, type FilterFunction } from './functions.js';
export { parseFilter } from './parser.js';
export { suggest } from './suggest.js';
export { filterToSql, type SqlFilter, type SqlOptions } from './to-sql.js';
export { type CheckedFilter, checkFilter, type Clause, type TypedExpression } from './typed.js';
