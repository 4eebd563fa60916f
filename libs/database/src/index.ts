export { type BinaryField, BinaryQuery, parameterText, type RowChunk } from './binary-query.js';
export {
  type BulkColumn,
  bulkInsert,
  bulkInsertColumns,
  type BulkInsertOptions,
  type ColumnValues,
  type SqlClient,
} from './bulk-insert.js';
export { createDataSource, type DataSourceOptions, type MigrationClass, splitSessionOptions } from './data-source.js';
export { DatabaseError, type DatabaseErrorCode, sqlState } from './database-error.js';
export { DatabaseModule } from './database.module.js';
export { quoteIdentifier } from './identifier.js';
export { revertMigrations, runMigrations } from './run-migrations.js';
export { type TransactionOptions, withTransaction } from './transaction.js';
export { valueTypes } from './value-types.js';
