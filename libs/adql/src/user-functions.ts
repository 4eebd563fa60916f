// The functions beyond the standard's own that may be called: those of the IVOA's catalogue of user-defined functions, and ours.

export interface FunctionDescription {
  readonly name: string;
  /** as the TAPRegExt capability #features-udf wants it */
  readonly signature: string;
  readonly description: string;
}

export const USER_FUNCTIONS: readonly FunctionDescription[] = [
  {
    name: 'ivo_healpix_index',
    signature: 'ivo_healpix_index(hpxOrder INTEGER, ra DOUBLE, dec DOUBLE) -> BIGINT',
    description: 'Nested HEALPix index of a position in degrees, at an order of 0 to 29.',
  },
  {
    name: 'ivo_healpix_index',
    signature: 'ivo_healpix_index(hpxOrder INTEGER, p POINT) -> BIGINT',
    description: 'Nested HEALPix index of a point, at an order of 0 to 29.',
  },
  {
    name: 'ivo_healpix_center',
    signature: 'ivo_healpix_center(hpxOrder INTEGER, hpxIndex BIGINT) -> POINT',
    description: 'Centre of a HEALPix pixel given by its order and nested index, as literal numbers.',
  },
  {
    name: 'ivo_nocasematch',
    signature: 'ivo_nocasematch(value VARCHAR(*), pattern VARCHAR(*)) -> INTEGER',
    description: '1 if the pattern (as in LIKE) matches the value whatever the case, 0 otherwise.',
  },
  {
    name: 'ivo_hasword',
    signature: 'ivo_hasword(haystack VARCHAR(*), needle VARCHAR(*)) -> INTEGER',
    description: '1 if all words of the needle are words of the haystack, whatever the case, 0 otherwise.',
  },
  {
    name: 'ivo_hashlist_has',
    signature: 'ivo_hashlist_has(hashlist VARCHAR(*), item VARCHAR(*)) -> INTEGER',
    description: '1 if the item, whatever its case, is in a list of words separated by hashes, 0 otherwise.',
  },
  {
    name: 'ivo_interval_overlaps',
    signature: 'ivo_interval_overlaps(l1 DOUBLE, h1 DOUBLE, l2 DOUBLE, h2 DOUBLE) -> INTEGER',
    description: '1 if the interval l1 to h1 overlaps l2 to h2 (limits included), 0 otherwise.',
  },
  {
    name: 'ivo_string_agg',
    signature: 'ivo_string_agg(expr VARCHAR(*), deli VARCHAR(*)) -> VARCHAR(*)',
    description: 'Aggregate: all values of the expression, joined by the delimiter.',
  },
  {
    name: 'mag',
    signature: 'mag(flux DOUBLE) -> DOUBLE',
    description: 'AB magnitude of a flux in nJy: 31.4 - 2.5 log10(flux); NULL if the flux is not positive.',
  },
  {
    name: 'mag_err',
    signature: 'mag_err(flux DOUBLE, fluxErr DOUBLE) -> DOUBLE',
    description: 'Error of the magnitude of a flux: 1.0857 fluxErr / flux; NULL if the flux is not positive.',
  },
  {
    name: 'flux',
    signature: 'flux(mag DOUBLE) -> DOUBLE',
    description: 'Flux in nJy of an AB magnitude.',
  },
  {
    name: 'bitwise_and',
    signature: 'bitwise_and(a BIGINT, b BIGINT) -> BIGINT',
    description: 'The bits set in both integers.',
  },
  {
    name: 'bitwise_or',
    signature: 'bitwise_or(a BIGINT, b BIGINT) -> BIGINT',
    description: 'The bits set in either integer.',
  },
  {
    name: 'bitwise_xor',
    signature: 'bitwise_xor(a BIGINT, b BIGINT) -> BIGINT',
    description: 'The bits set in one integer but not in the other.',
  },
  {
    name: 'bitwise_not',
    signature: 'bitwise_not(a BIGINT) -> BIGINT',
    description: 'The bits not set in an integer.',
  },
];
