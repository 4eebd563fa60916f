export * from './decorrelate.js';
export * from './fft.js';
