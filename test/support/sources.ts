import { fileURLToPath } from 'node:url';

/** `node ...fromSource('apps/x/src/main.ts')` runs a process from its sources, without a build. */
export const fromSource = (path: string): string[] => [
  '--import',
  new URL('typescript.mjs', import.meta.url).href,
  fileURLToPath(new URL(`../../${path}`, import.meta.url)),
];
