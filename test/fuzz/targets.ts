import type { FuzzTarget } from './fuzz-target.js';

/** Every reader of bytes that others send us; loaded by name, so that one that fails to load fails alone. */
export const TARGETS: Readonly<Record<string, () => Promise<FuzzTarget>>> = {
  adql: async () => (await import('./adql.js')).adqlTarget,
  csv: async () => (await import('./csv.js')).csvTarget,
  fits: async () => (await import('./fits.js')).fitsTarget,
  moc: async () => (await import('./moc.js')).mocTarget,
  votable: async () => (await import('./votable.js')).votableTarget,
};

/** Not run unless named: it misbehaves on purpose, so that the runner itself can be tested. */
const MISBEHAVING = async (): Promise<FuzzTarget> => (await import('./misbehaving.js')).misbehavingTarget;

export async function loadTarget(name: string): Promise<FuzzTarget> {
  const load = name === 'misbehaving' ? MISBEHAVING : TARGETS[name];
  if (!load) throw new Error(`there is no fuzz target '${name}'; there are ${Object.keys(TARGETS).join(', ')}`);
  return load();
}
