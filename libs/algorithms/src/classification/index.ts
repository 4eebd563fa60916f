export * from './reality-score.js';
