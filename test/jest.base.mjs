process.env.TZ = 'UTC';
const root = new URL('..', import.meta.url).pathname;
/** Jest does not apply export conditions to package imports, so the two maps below point `#libs/*` at the sources. */
export const base = (suffix, extra = {}) => ({
  rootDir: root,
  testEnvironment: 'node',
  roots: ['apps', 'libs', 'workers', 'test', 'migrations'].map((folder) => `<rootDir>/${folder}`),
  testRegex: `\\.${suffix}\\.ts$`,
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['<rootDir>/test/jest-transform.mjs'] },
  moduleNameMapper: {
    '^#libs/([^/]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^#migrations$': '<rootDir>/migrations/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  coverageProvider: 'v8',
  maxWorkers: 2,
  ...extra,
});
