import type { MigrationInterface } from 'typeorm';
import { Platform1700000000100 } from './0100-platform.js';

/** Every migration, oldest first. One file and one line per migration; a released one is never edited. */
export const migrations: readonly (new () => MigrationInterface)[] = [Platform1700000000100];
