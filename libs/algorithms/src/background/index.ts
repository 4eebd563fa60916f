export * from './estimate.js';
export * from './model.js';
