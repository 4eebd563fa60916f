// Builds what is stale: the TypeScript of apps, libs, workers and migrations; the WebAssembly kernels; the portal.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const bin = (name) => join(root, 'node_modules/.bin', name);

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

function files(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? entry.name === 'node_modules'
        ? []
        : files(join(folder, entry.name))
      : [join(folder, entry.name)],
  );
}
const newest = (paths) => Math.max(0, ...paths.map((path) => statSync(path).mtimeMs));
const isStale = (output, inputs) => !existsSync(output) || statSync(output).mtimeMs < newest(inputs);

run(bin('tsc'), ['-p', 'tsconfig.json']);

// Data files that live beside the code (pipeline YAML, camera JSON, SQL, Avro schemas) go with it.
for (const folder of ['apps', 'libs', 'workers'])
  for (const path of files(join(root, folder))) {
    if (!/\.(ya?ml|json|sql|avsc|csv|mjs)$/.test(path) || path.includes('/portal/') || path.includes('/node_modules/'))
      continue;
    const target = join(root, 'dist', path.slice(root.length));
    if (isStale(target, [path])) {
      mkdirSync(join(target, '..'), { recursive: true });
      cpSync(path, target);
    }
  }

const assembly = join(root, 'libs/kernels/assembly');
if (existsSync(assembly)) {
  const wasm = join(root, 'dist/libs/kernels/kernels.wasm');
  if (isStale(wasm, files(assembly))) {
    mkdirSync(join(wasm, '..'), { recursive: true });
    run(process.execPath, [join(root, 'libs/kernels/build-wasm.mjs'), wasm]);
  }
}

const portal = join(root, 'apps/portal');
if (existsSync(join(portal, 'index.html'))) {
  const page = join(root, 'dist/portal/index.html');
  const sources = files(portal).filter((path) => !path.endsWith('.spec.ts'));
  if (isStale(page, sources))
    run(bin('vite'), ['build', portal, '--outDir', join(root, 'dist/portal'), '--emptyOutDir', '--logLevel', 'warn']);
}
