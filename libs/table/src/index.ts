export { TableError, type TableErrorCode, type TablePlace } from './errors.js';
export * from './array-column.js';
export * from './table.js';
export * from './votable/model.js';
export { votableField, votableFields } from './votable/fields.js';
export { writeVotable, writeVotableDocument, type VotableResult, type VotableWriteOptions } from './votable/write.js';
export type { ByteSource, RandomAccess } from './sources.js';
export type { VotableEvent } from './votable/read-document.js';
export {
  emptyTable as emptyVotableTable,
  queryStatus,
  readVotable,
  readVotableTable,
  votableEvents,
  votableTables,
} from './votable/read.js';
export { csvBatches, inferCsvColumns, readCsv, type CsvReadOptions } from './csv/read.js';
export { writeCsv, type CsvWriteOptions } from './csv/write.js';
export {
  parquetBatches,
  readParquet,
  readParquetHead,
  type ParquetHead,
  type ParquetReadOptions,
} from './parquet/read.js';
export { writeParquet, type ParquetWriteOptions } from './parquet/write.js';
