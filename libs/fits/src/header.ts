export type FitsValue = string | number | bigint | boolean | undefined;

/** An ordered FITS header. Keywords are upper case; HIERARCH keywords are given without the prefix. */
export interface FitsHeader {
  get(keyword: string): FitsValue;
  has(keyword: string): boolean;
  set(keyword: string, value: FitsValue, comment?: string): void;
  delete(keyword: string): void;
}
