export { TableError, type TableErrorCode, type TablePlace } from './errors.js';
export * from './array-column.js';
export * from './table.js';
export * from './votable/model.js';
export { votableField, votableFields } from './votable/fields.js';
export { writeVotable, writeVotableDocument, type VotableResult, type VotableWriteOptions } from './votable/write.js';
