export type * from './wcs-types.js';
export * from './angles.js';
export * from './celestial-frames.js';
export * from './celestial-wcs.js';
export * from './equinox-frames.js';
export * from './errors.js';
export * from './fit-tan-sip.js';
export * from './plane-map.js';
export * from './projection.js';
export * from './projections.js';
export * from './wcs-header.js';
export { healpixPixelArea, healpixPixelCount, MAX_HEALPIX_ORDER } from './healpix-order.js';
export * from './healpix.js';
export * from './healpix-arrays.js';
export { convexNormals } from './convex-normals.js';
export {
  type CellSense,
  coneHpx29Ranges,
  coneRanges,
  type HealpixRange,
  maxPixelRadius,
  polygonRanges,
  refineRanges,
} from './healpix-coverage.js';
export * from './skymap.js';
export * from './apparent-place.js';
export * from './celestial-pole.js';
export * from './earth-orientation.js';
export * from './earth-position.js';
export * from './earth-rotation.js';
export { nutation, nutation2000A, nutation2000B, type Nutation } from './nutation.js';
export * from './observatory.js';
export * from './observatory-codes.js';
export * from './observed-place.js';
export * from './refraction.js';
export * from './tdb.js';
export * from './time-scales.js';
export * from './moc.js';
export * from './moc-fits.js';
export * from './space-time-moc.js';
export * from './time-moc.js';
export { type RegionFrame, toIcrs } from './region-frames.js';
export * from './regions.js';
export * from './region-text.js';
export type { SkyBox } from './region-bounds.js';
export * from './sky-shape.js';
export { SphericalPolygon } from './spherical-polygon.js';
