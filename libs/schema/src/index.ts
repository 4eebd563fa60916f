export * from './description.js';
export * from './entity.js';
export * from './ids.js';
export * from './memory-table.js';
export * from './sql.js';
export * from './tables.js';
export * from './visit-plan.js';
