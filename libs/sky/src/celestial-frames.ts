/**
 * The celestial systems of image headers and their rotations to ICRS. FK5 J2000 is ICRS to 25 mas and taken as such; other equinoxes of FK5 are precessed to it; a system that is
 * no rotation of ICRS (FK4 and its E-terms) has none and is refused by whoever needs ICRS, never silently misplaced.
 */

import { fk5Precession } from './equinox-frames.js';
import { SkyError } from './errors.js';
import { transpose3 } from './matrix3.js';

export interface CelestialFrame {
  /** the first letters of CTYPE, e.g. `RA` and `DEC`, `GLON` and `GLAT` */
  readonly longitudeType: string;
  readonly latitudeType: string;
  readonly radesys?: string;
  readonly equinox?: number;
  /** row-major rotation to ICRS; absent where the axes are ICRS, or where there is none */
  readonly toIcrs?: readonly number[];
}

export const ICRS: CelestialFrame = { longitudeType: 'RA', latitudeType: 'DEC', radesys: 'ICRS' };

/** ICRS from galactic unit vectors (ESA 1997, Hipparcos vol. 1, eq. 1.5.11, transposed) */
export const GALACTIC_TO_ICRS = [
  -0.0548755604162154, 0.4941094278755837, -0.8676661490190047, -0.873437090234885, -0.4448296299600112,
  -0.1980763734312015, -0.4838350155487132, 0.746982244497219, 0.4559837761750669,
] as const;

const COS_OBLIQUITY = Math.cos((84381.406 / 3600) * (Math.PI / 180));
const SIN_OBLIQUITY = Math.sin((84381.406 / 3600) * (Math.PI / 180));
/** mean ecliptic of J2000 (IAU 2006 obliquity) */
export const ECLIPTIC_TO_ICRS = [1, 0, 0, 0, COS_OBLIQUITY, -SIN_OBLIQUITY, 0, SIN_OBLIQUITY, COS_OBLIQUITY] as const;

const LONGITUDE = /^(RA--|GLON|ELON|SLON|HLON|[A-Z]{2}LN)/;
const LATITUDE = /^(DEC-|GLAT|ELAT|SLAT|HLAT|[A-Z]{2}LT)/;

export const isLongitudeType = (ctype: string): boolean => LONGITUDE.test(ctype);
export const isLatitudeType = (ctype: string): boolean => LATITUDE.test(ctype);
export const isCelestialType = (ctype: unknown): boolean =>
  typeof ctype === 'string' && (isLongitudeType(ctype) || isLatitudeType(ctype));

/** The system a header names by its CTYPE pair, RADESYS and EQUINOX. */
export function celestialFrame(
  longitudeCtype: string,
  latitudeCtype: string,
  radesys: string | undefined,
  equinox: number | undefined,
): CelestialFrame {
  const name = (ctype: string): string => ctype.slice(0, 4).replace(/-+$/, '');
  const frame = {
    longitudeType: name(longitudeCtype),
    latitudeType: name(latitudeCtype),
    ...(radesys !== undefined && { radesys }),
    ...(equinox !== undefined && { equinox }),
  };
  if (frame.longitudeType === 'GLON') return { ...frame, toIcrs: GALACTIC_TO_ICRS };
  if (frame.longitudeType === 'ELON') return { ...frame, toIcrs: ECLIPTIC_TO_ICRS };
  if (frame.longitudeType === 'RA' && systemOf(frame) === 'FK5' && (equinox ?? 2000) !== 2000)
    return { ...frame, toIcrs: [...transpose3(fk5Precession(equinox!))] };
  return frame;
}

/** RADESYS, or what it is by default (Paper II, section 3.1). */
const systemOf = ({ radesys, equinox }: CelestialFrame): string =>
  radesys?.toUpperCase() ?? (equinox === undefined ? 'ICRS' : equinox < 1984 ? 'FK4' : 'FK5');

/** Refuses a system whose positions cannot be given as ICRS. */
export function requireIcrs(frame: CelestialFrame): void {
  const { longitudeType, equinox, toIcrs } = frame;
  if (toIcrs) return;
  if (longitudeType !== 'RA')
    throw new SkyError('UNSUPPORTED_WCS', `the celestial system of ${longitudeType} is not supported`, longitudeType);
  const name = systemOf(frame);
  if (name.startsWith('FK4') || name === 'GAPPT')
    throw new SkyError('UNSUPPORTED_WCS', `the celestial system ${name} (equinox ${equinox}) is not supported`, name);
}
