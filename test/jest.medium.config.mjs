import { base } from './jest.base.mjs';
/** Runs against a real PostGIS and queue: the embedded one unless DATABASE_URL and QUEUE_URL name others. */
export default base('medium-spec', {
  testTimeout: 60_000,
  maxWorkers: 1,
  globalSetup: '<rootDir>/test/support/medium-setup.mjs',
  globalTeardown: '<rootDir>/test/support/medium-teardown.mjs',
});
