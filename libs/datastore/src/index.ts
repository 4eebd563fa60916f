export * from './datastore-error.js';
export * from './folder-dataset-store.js';
export * from './folder-storage.js';
export * from './object-storage.js';
