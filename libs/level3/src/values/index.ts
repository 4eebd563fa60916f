export { exposureFromPlain, plainExposure, type PlainExposure } from './plain-exposure.js';
export { jsonFromPlain } from './plain-json.js';
export { plainTable, type PlainTable, tableFromPlain } from './plain-table.js';
export { describe, isRecord, ValueError } from './value-error.js';
