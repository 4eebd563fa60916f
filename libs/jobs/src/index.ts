export * from './job.js';
export * from './job-dispatcher.js';
export * from './job-error.js';
export { JobEvents } from './job-events.js';
export * from './job-runner.js';
export * from './job-service.js';
export type { JobFilter } from './job-store.js';
export * from './job-sweeper.js';
export * from './visit-jobs.js';
