// Which code turns a serialised PSF back into a Psf. Models register themselves by name when their module is loaded.

import type { Psf, PsfRecord } from './psf.js';

export class PsfModelError extends Error {
  override readonly name = 'PsfModelError';
  constructor(
    readonly code: 'UNKNOWN_MODEL' | 'BAD_RECORD',
    message: string,
  ) {
    super(message);
  }
}

const models = new Map<string, (record: PsfRecord) => Psf>();

/** Registers the restorer of a model; the same name may be registered again by the same code (module reloads). */
export function registerPsfModel(model: string, restore: (record: PsfRecord) => Psf): void {
  models.set(model, restore);
}

/** The Psf of a record made by `psf.toJSON()`, also after a trip through JSON text. */
export function restorePsf(record: PsfRecord): Psf {
  const restore = models.get(record.model);
  if (!restore)
    throw new PsfModelError(
      'UNKNOWN_MODEL',
      `no code is loaded for PSF model "${record.model}"; known: ${[...models.keys()].sort().join(', ') || 'none'}`,
    );
  return restore(record);
}
