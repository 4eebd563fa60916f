import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface EntryPoint {
  readonly url: URL;
  readonly execArgv: readonly string[];
}

/** A file of this folder to start a thread or process with; its source, through a loader, where there is no build (tests). */
export function entryPoint(name: string): EntryPoint {
  const built = new URL(`./${name}.js`, import.meta.url);
  if (existsSync(built)) return { url: built, execArgv: [] };
  const loader = fileURLToPath(new URL('../../../test/support/typescript.mjs', import.meta.url));
  return { url: new URL(`./${name}.ts`, import.meta.url), execArgv: ['--no-warnings', '--import', loader] };
}
