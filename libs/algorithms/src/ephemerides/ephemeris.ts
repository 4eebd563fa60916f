/**
 * Where a Solar System object appears: topocentric astrometric place (light time, no aberration and no deflection, as star catalogs
 * have it), motion, distances and brightness in the H, G system (Bowell et al. 1989).
 */
import {
  directionOf,
  type ObserverSite,
  observerState,
  SPEED_OF_LIGHT,
  type StateVector,
  sunState,
  taiToTdb,
  type Ut1Table,
  type Vec3,
} from '#libs/sky';

/** What an ephemeris needs to know about observer and Sun at one instant; the costly part, shared by all objects. */
export interface ObservingInstant {
  readonly mjdTai: number;
  readonly mjdTdb: number;
  /** barycentric states, ICRS axes [au, au/day] */
  readonly observer: StateVector;
  readonly sun: StateVector;
}

export const observingInstant = (mjdTai: number, site: ObserverSite, ut1?: Ut1Table): ObservingInstant => {
  const mjdTdb = taiToTdb(mjdTai);
  return { mjdTai, mjdTdb, observer: observerState(site, mjdTai, ut1).barycentric, sun: sunState(mjdTdb) };
};

export interface AstrometricPlace {
  readonly raDeg: number;
  readonly decDeg: number;
  /** motion on the sky [deg/day]: east (cos(dec) included) and north */
  readonly rateRaDegPerDay: number;
  readonly rateDecDegPerDay: number;
  /** distances from observer and Sun [au] */
  readonly topoRange: number;
  readonly helioRange: number;
  /** angles at the object (Sun - object - observer) and at the observer (Sun - observer - object) [deg] */
  readonly phaseDeg: number;
  readonly elongationDeg: number;
}

const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const angleDeg = (a: Vec3, b: Vec3): number => {
  const cross = Math.hypot(a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]);
  return (Math.atan2(cross, dot(a, b)) * 180) / Math.PI;
};

/** `stateAt` gives the heliocentric state of the object at an MJD TDB. */
export function astrometricPlace(
  stateAt: (mjdTdb: number) => StateVector,
  instant: ObservingInstant,
): AstrometricPlace {
  const { mjdTdb, observer, sun } = instant;
  let lightTime = 0;
  let helio: StateVector = stateAt(mjdTdb);
  let line: Vec3 = [0, 0, 0];
  let range = 0;
  // contracts by v/c: three rounds leave less than a metre
  for (let round = 0; round < 3; round++) {
    if (round > 0) helio = stateAt(mjdTdb - lightTime);
    line = [0, 1, 2].map(
      (k) => helio.position[k]! + sun.position[k]! - sun.velocity[k]! * lightTime - observer.position[k]!,
    ) as unknown as Vec3;
    range = Math.hypot(...line);
    lightTime = range / SPEED_OF_LIGHT;
  }
  const { raDeg, decDeg } = directionOf(...line);
  const toTarget: Vec3 = [line[0] / range, line[1] / range, line[2] / range];
  const velocityOfTarget: Vec3 = [0, 1, 2].map((k) => helio.velocity[k]! + sun.velocity[k]!) as unknown as Vec3;
  const recession = dot(toTarget, velocityOfTarget) - dot(toTarget, observer.velocity);
  const retarded = 1 - recession / SPEED_OF_LIGHT;
  const relative: Vec3 = [0, 1, 2].map(
    (k) => velocityOfTarget[k]! * retarded - observer.velocity[k]!,
  ) as unknown as Vec3;
  const [sinRa, cosRa] = [Math.sin((raDeg * Math.PI) / 180), Math.cos((raDeg * Math.PI) / 180)];
  const [sinDec, cosDec] = [Math.sin((decDeg * Math.PI) / 180), Math.cos((decDeg * Math.PI) / 180)];
  const east = dot([-sinRa, cosRa, 0], relative) / range;
  const north = dot([-sinDec * cosRa, -sinDec * sinRa, cosDec], relative) / range;
  const fromTargetToSun: Vec3 = [-helio.position[0], -helio.position[1], -helio.position[2]];
  const toSun: Vec3 = [
    sun.position[0] - observer.position[0],
    sun.position[1] - observer.position[1],
    sun.position[2] - observer.position[2],
  ];
  return {
    raDeg,
    decDeg,
    rateRaDegPerDay: (east * 180) / Math.PI,
    rateDecDegPerDay: (north * 180) / Math.PI,
    topoRange: range,
    helioRange: Math.hypot(...helio.position),
    phaseDeg: angleDeg(fromTargetToSun, [-line[0], -line[1], -line[2]]),
    elongationDeg: angleDeg(toSun, line),
  };
}

/** Apparent V magnitude from absolute magnitude H and slope G. */
export function hgMagnitude(
  h: number,
  g: number,
  { topoRange, helioRange, phaseDeg }: Pick<AstrometricPlace, 'topoRange' | 'helioRange' | 'phaseDeg'>,
): number {
  const tan = Math.tan((phaseDeg * Math.PI) / 360);
  const phi1 = Math.exp(-3.33 * tan ** 0.63);
  const phi2 = Math.exp(-1.87 * tan ** 1.22);
  return h + 5 * Math.log10(helioRange * topoRange) - 2.5 * Math.log10((1 - g) * phi1 + g * phi2);
}
