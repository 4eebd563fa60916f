import { base } from './jest.base.mjs';
export default base('spec', { testTimeout: 20_000 });
