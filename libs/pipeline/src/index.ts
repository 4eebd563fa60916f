export * from './connection.js';
export * from './dimensions.js';
export * from './failure.js';
export * from './storage-class.js';
export * from './task.js';
