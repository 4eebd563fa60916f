// `node --import ./test/support/typescript.mjs file.ts` runs the sources as they are: #libs/* and relative .js specifiers
// lead to .ts files, compiled one by one with the settings of .swcrc. For child processes and threads of tests only.
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
