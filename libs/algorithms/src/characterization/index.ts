export * from './characterize.js';
