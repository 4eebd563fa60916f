// The parameters of SODA 1.0: which images, which parts of them, as what.

import { circleOf, type DaliParameters, polygonOf, type Shape, shapeOf } from './dali.js';
import { rangePolygon } from './sia.js';
import { VoError } from './vo-error.js';

export interface SodaRequest {
  readonly ids: readonly string[];
  /** empty: the whole image */
  readonly shapes: readonly Shape[];
  readonly format: 'fits' | 'png';
}

const FORMATS: Readonly<Record<string, SodaRequest['format']>> = {
  fits: 'fits',
  'application/fits': 'fits',
  'image/fits': 'fits',
  png: 'png',
  'image/png': 'png',
};
const MOST_RESULTS = 1000;

export function sodaRequestOf(parameters: DaliParameters): SodaRequest {
  const ids = parameters.all('ID');
  if (ids.length === 0) throw new VoError('MISSING_PARAMETER', 'the parameter ID is missing', 'ID');
  const shapes = [
    ...parameters.all('POS').map((value) => shapeOf('POS', value)),
    ...parameters.all('CIRCLE').map((value) => circleOf('CIRCLE', value)),
    ...parameters.all('POLYGON').map((value) => polygonOf('POLYGON', value)),
  ];
  if (ids.length * Math.max(1, shapes.length) > MOST_RESULTS)
    throw new VoError(
      'TOO_LARGE',
      `at most ${MOST_RESULTS} cut-outs at once, not ${ids.length} images with ${shapes.length} shapes`,
      ids.length,
    );
  const asked = parameters.get('RESPONSEFORMAT') ?? parameters.get('FORMAT') ?? 'fits';
  const format = FORMATS[asked.trim().toLowerCase()];
  if (format === undefined)
    throw new VoError('UNSUPPORTED_FORMAT', `a cut-out is application/fits or image/png, not '${asked}'`, asked);
  return { ids, shapes, format };
}

/** Points whose bounding box in any smooth projection is that of the shape, but for the bulge of straight edges: longitude and latitude in turn [deg]. */
export function outlineOf(shape: Shape): readonly number[] {
  switch (shape.kind) {
    case 'polygon':
      return shape.vertices;
    case 'range':
      return rangePolygon(
        { low: Math.max(0, shape.lon.low), high: Math.min(360, shape.lon.high) },
        { low: Math.max(-90, shape.lat.low), high: Math.min(90, shape.lat.high) },
      );
    case 'circle':
      return circleOutline(shape.lon, shape.lat, shape.radius);
  }
}

const CIRCLE_POINTS = 64;
const RAD = Math.PI / 180;

/** Points at a distance from a centre in all directions (spherical trigonometry). */
function circleOutline(lon: number, lat: number, radius: number): number[] {
  const [sinLat, cosLat] = [Math.sin(lat * RAD), Math.cos(lat * RAD)];
  const [sinR, cosR] = [Math.sin(radius * RAD), Math.cos(radius * RAD)];
  return Array.from({ length: CIRCLE_POINTS }, (_, i) => {
    const angle = (2 * Math.PI * i) / CIRCLE_POINTS;
    const sin = sinLat * cosR + cosLat * sinR * Math.cos(angle);
    const dLon = Math.atan2(Math.sin(angle) * sinR * cosLat, cosR - sinLat * sin);
    return [(lon + dLon / RAD + 360) % 360, Math.asin(Math.max(-1, Math.min(1, sin))) / RAD];
  }).flat();
}
