export * from './aperture-correction.js';
