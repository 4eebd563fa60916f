export type * from './ast.js';
export { columnKey, type FilterColumn, FilterColumns } from './columns.js';
export { type BatchColumn, compileFilter, type CompiledFilter, type FilterBatch, type FilterMatch } from './compile.js';
export { FilterError, type FilterErrorCode, type SourceRange } from './error.js';
export { FILTER_FUNCTIONS, type FilterFunction } from './functions.js';
export { parseFilter } from './parser.js';
export { suggest } from './suggest.js';
