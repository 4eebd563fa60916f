export type FitsErrorCode =
  /** the first bytes are not those of a FITS file */
  | 'NOT_FITS'
  /** the file ends before what its headers promise */
  | 'TRUNCATED'
  /** a header without END, or one whose mandatory cards are missing or contradict each other */
  | 'BAD_HEADER'
  /** a keyword is missing or its value is of the wrong type or out of range */
  | 'BAD_KEYWORD'
  /** a value that FITS cannot express was to be written */
  | 'BAD_VALUE'
  /** table columns, descriptors or heap are inconsistent */
  | 'BAD_TABLE'
  /** a compressed stream is damaged */
  | 'BAD_COMPRESSION'
  /** legal FITS (or a legal wrapper) that this library does not read */
  | 'UNSUPPORTED'
  /** decompressed size is beyond what the stored bytes can honestly hold, or beyond the given limit */
  | 'TOO_LARGE'
  /** no such HDU, or the HDU is of another kind than asked for */
  | 'NO_SUCH_HDU'
  | 'WRONG_KIND'
  /** a region outside the image, or of an image that is not two-dimensional */
  | 'BAD_REGION'
  /** the server of the bytes does not answer, or not as HTTP ranges ask */
  | 'SOURCE_FAILED'
  /** the bytes became others while they were read */
  | 'SOURCE_CHANGED';

export interface FitsErrorPlace {
  /** index of the HDU, 0 for the primary */
  readonly hdu?: number;
  /** the offending keyword or card */
  readonly card?: string;
  /** byte offset in the (uncompressed) file */
  readonly offset?: number;
  readonly value?: unknown;
}

/** Everything this library refuses; `message` is a sentence for people, `code` is for programs. */
export class FitsError extends Error {
  override readonly name = 'FitsError';
  readonly hdu?: number;
  readonly card?: string;
  readonly offset?: number;
  readonly value?: unknown;

  constructor(
    readonly code: FitsErrorCode,
    message: string,
    place: FitsErrorPlace = {},
  ) {
    super(message);
    if (place.hdu !== undefined) this.hdu = place.hdu;
    if (place.card !== undefined) this.card = place.card;
    if (place.offset !== undefined) this.offset = place.offset;
    if (place.value !== undefined) this.value = place.value;
  }
}
