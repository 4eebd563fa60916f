export * from './calibrate-exposure.js';
export * from './zero-point.js';
