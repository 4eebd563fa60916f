import { fileURLToPath } from 'node:url';

/** The repository (or installation) root, from dist/apps/cli/src. */
export const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
