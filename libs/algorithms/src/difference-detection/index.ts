export * from './crop.js';
export * from './subtract.js';
