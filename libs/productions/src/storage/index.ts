export * from './exposure-storage.js';
export * from './table-storage.js';
export * from './background-storage.js';
