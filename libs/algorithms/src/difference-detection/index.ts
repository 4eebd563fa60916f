export * from './crop.js';
export * from './detect-difference.js';
export * from './dia-source-table.js';
export * from './dipole.js';
export * from './fit-position.js';
export * from './stamp-features.js';
export * from './stamps.js';
export * from './subtract.js';
