export * from './collections.js';
export * from './database-dataset-store.js';
export * from './database-provenance.js';
export { DatabaseRegistry } from './database-registry.js';
export * from './datastore-error.js';
export * from './folder-dataset-store.js';
export * from './folder-storage.js';
export * from './ingest.js';
export * from './object-storage.js';
