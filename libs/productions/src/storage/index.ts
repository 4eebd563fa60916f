export * from './exposure-storage.js';
export * from './table-storage.js';
