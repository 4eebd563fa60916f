// Lets a thread or child process run TypeScript sources, for tests without a build: `--import` this file.
import { register } from 'node:module';
register('./source-hooks.mjs', import.meta.url);
