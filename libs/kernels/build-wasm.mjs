// Compiles assembly/index.ts into the one WebAssembly module of the kernels: `node libs/kernels/build-wasm.mjs <output.wasm>`.
// Memory is imported and shared; the stub runtime has no collector and lays nothing out, every pointer comes from outside.
import { readFileSync, writeFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';

const [output] = process.argv.slice(2);
if (!output) {
  process.stderr.write('usage: build-wasm.mjs <output.wasm>\n');
  process.exit(64);
}

const folder = new URL('assembly/', import.meta.url).pathname;
const options = [
  '-O3',
  '--noAssert',
  '--runtime=stub',
  '--uncheckedBehavior=always',
  '--enable=simd',
  '--enable=threads',
  '--importMemory',
  '--sharedMemory',
  '--initialMemory=1',
  '--maximumMemory=65536',
];
let binary;
const { error } = await asc.main(['index.ts', '--baseDir', folder, '--outFile=kernels.wasm', ...options], {
  readFile: (name, base) => {
    try {
      return readFileSync(new URL(name, new URL(`${base ?? '.'}/`, `file://${folder}`)), 'utf8');
    } catch {
      return null;
    }
  },
  writeFile: (_name, contents) => void (binary = contents),
  listFiles: () => [],
  stderr: process.stderr,
});
if (error || binary === undefined) {
  process.stderr.write(`build-wasm: ${error?.message ?? 'no module was made'}\n`);
  process.exit(1);
}
writeFileSync(output, binary);
