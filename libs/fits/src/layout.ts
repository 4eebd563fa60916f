import type { Header } from './header.js';
import type { Bitpix } from './pixels.js';

export type HduKind =
  'image' | 'compressed-image' | 'binary-table' | 'compressed-table' | 'ascii-table' | 'random-groups' | 'other';

/** Where an HDU lies and what its mandatory keywords say. */
export interface HduLayout {
  readonly index: number;
  readonly kind: HduKind;
  readonly header: Header;
  readonly bitpix: Bitpix;
  /** NAXIS1 first */
  readonly axes: readonly number[];
  readonly headerOffset: number;
  readonly dataOffset: number;
  /** without padding */
  readonly dataSize: number;
}
