import type { CutoutTriplet } from './alert-publisher.js';

/** Where packets and cut-outs lie; the processes bind it to the file store. */
export interface AlertStorage {
  /** atomic */
  put(key: string, bytes: Uint8Array): Promise<unknown>;
  get(key: string): Promise<Uint8Array>;
  /** the cut-outs that a run made for a visit and detector; empty when there are none */
  cutouts(run: string, visit: bigint, detector: number): Promise<readonly CutoutTriplet[]>;
}

/** Injection token of the AlertStorage. */
export const ALERT_STORAGE = Symbol('AlertStorage');
