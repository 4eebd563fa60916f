// The floors of the house: imports run downwards only (see CONTRIBUTING.md). `npm run boundaries` checks it; a violation fails CI.
const science =
  'kernels|schema|sky|image|fits|table|table-files|instruments|algorithms|pipeline|productions|simulation|filter-language|adql';
const platform = 'config|database|queue|observability';
const domain = 'datastore|catalog|processing|alerts|filters|jobs|level3|quality|vo|accounts';
const tests = '\\.(spec|medium-spec|e2e-spec|bench)\\.ts$';

module.exports = {
  forbidden: [
    {
      name: 'every-lib-has-a-floor',
      severity: 'error',
      comment: 'name the library in one of the three lists at the top of this file',
      from: { path: '^libs/', pathNot: `^libs/(${science}|${platform}|${domain})/` },
      to: {},
    },
    {
      name: 'science-stands-on-science',
      severity: 'error',
      comment:
        'floor 1 runs in a worker thread, a browser or somebody else’s program: nothing above it, no server libraries',
      from: { path: `^libs/(${science})/`, pathNot: tests },
      to: {
        path: [
          `^libs/(${platform}|${domain})/`,
          '^(apps|workers|migrations)/',
          '^node_modules/(@nestjs|typeorm|pg|ioredis|bullmq|graphql|@apollo|fastify)/',
          '^(node:)?(http|https|net)$',
        ],
      },
    },
    {
      name: 'platform-below-domain',
      severity: 'error',
      from: { path: `^libs/(${platform})/`, pathNot: tests },
      to: { path: [`^libs/(${domain})/`, '^(apps|workers|migrations)/'] },
    },
    {
      name: 'domain-below-processes',
      severity: 'error',
      from: { path: `^libs/(${domain})/`, pathNot: tests },
      to: { path: '^(apps|workers|migrations)/' },
    },
    {
      name: 'processes-do-not-import-each-other',
      severity: 'error',
      comment: 'they start siblings by spawning',
      from: { path: '^(apps|workers)/([^/]+)/', pathNot: tests },
      to: { path: '^(apps|workers)/', pathNot: '^$1/$2/' },
    },
    {
      name: 'one-public-door',
      severity: 'error',
      comment: 'other libraries are reached through #libs/<name> only',
      from: { path: '^(libs/[^/]+|apps/[^/]+|workers/[^/]+|migrations)/', pathNot: tests },
      to: { path: '^libs/([^/]+)/src/(?!index\\.ts$)', pathNot: '^$1/' },
    },
    {
      name: 'simulation-shares-no-code-with-algorithms',
      severity: 'error',
      comment: 'the simulator is the truth the algorithms are judged by',
      from: { path: '^libs/simulation/' },
      to: { path: '^libs/(algorithms|productions)/' },
    },
    {
      name: 'pipeline-knows-no-astronomy',
      severity: 'error',
      from: { path: '^libs/pipeline/', pathNot: tests },
      to: { path: '^libs/(algorithms|productions|instruments|simulation|sky|fits)/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: { path: '^(apps|libs|workers)/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^dist|/assembly/|^apps/portal/)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['source', 'import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
      mainFields: ['module', 'main'],
    },
  },
};
