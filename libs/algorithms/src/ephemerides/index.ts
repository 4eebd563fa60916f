export * from './ephemeris.js';
export * from './predict.js';
export * from './two-body.js';
export * from './solar-system-table.js';
