import { base } from './jest.base.mjs';
/** Runs the built product (dist/) as real processes. */
export default base('e2e-spec', { testTimeout: 300_000, maxWorkers: 1 });
