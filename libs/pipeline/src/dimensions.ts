/** The axes along which data and work are divided. */
export const DIMENSIONS = [
  'instrument',
  'visit',
  'snap',
  'detector',
  'band',
  'day',
  'tract',
  'patch',
  'healpix',
  'iteration',
  'element',
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** Coordinates of a dataset or quantum. 64-bit ids (visit) are decimal strings, so that they survive JSON. */
export type DataId = Readonly<Partial<Record<Dimension, string | number>>>;

/** A stable text form: dimensions in the order above. */
export function dataIdKey(dataId: DataId): string {
  return DIMENSIONS.filter((dimension) => dataId[dimension] !== undefined)
    .map((dimension) => `${dimension}=${dataId[dimension]}`)
    .join(',');
}

export function projectDataId(dataId: DataId, dimensions: readonly Dimension[]): DataId {
  return Object.fromEntries(
    dimensions.flatMap((dimension) => (dataId[dimension] === undefined ? [] : [[dimension, dataId[dimension]]])),
  );
}
