export * from './cholesky.js';
export * from './convolution.js';
export * from './lanczos.js';
export * from './polynomial.js';
export * from './random.js';
export * from './statistics.js';
