/**
 * The association of one exposure, in the order of the survey's rules: Solar System objects first (they are where they
 * were predicted), then known DIAObjects, then new DIAObjects for the rest. Two new detections nearer to each other than
 * the resolution are one object, named after the brighter. Pure; independent of the order of the rows.
 */

import { DEFAULT_MATCH, type MatchConfig, matchPositions, skyOffsetArcsec, type UncertainPositions } from './match.js';
import { SkyGrid } from './sky-grid.js';
import {
  DEFAULT_SOLAR_SYSTEM_MATCH,
  type MeasuredTrails,
  matchSolarSystem,
  type SolarSystemMatchConfig,
  type SolarSystemPredictions,
} from './solar-system.js';

export interface AssociateVisitInput {
  readonly sources: UncertainPositions;
  /** signal-to-noise of the sources: of two that are one, the higher names the object */
  readonly snr: ArrayLike<number>;
  readonly trails?: MeasuredTrails;
  readonly exposureTimeS: number;
  readonly objects: UncertainPositions;
  readonly solarSystem?: SolarSystemPredictions;
}

export interface AssociateVisitConfig {
  readonly match: MatchConfig;
  readonly solarSystem: SolarSystemMatchConfig;
  /** new detections nearer than this are one object [arcsec] */
  readonly mergeNewArcsec: number;
}

export const DEFAULT_ASSOCIATE: AssociateVisitConfig = {
  match: DEFAULT_MATCH,
  solarSystem: DEFAULT_SOLAR_SYSTEM_MATCH,
  mergeNewArcsec: 0.3,
};

/** For each source exactly one of the three is set. */
export interface Association {
  /** index of the prediction, or -1 */
  readonly solarSystemOf: Int32Array;
  /** index of the known object, or -1 */
  readonly objectOf: Int32Array;
  /** index of the source that names the new object (often the source itself), or -1 */
  readonly newObjectOf: Int32Array;
  /** ln of the Bayes factor of the chosen pair; NaN for new objects */
  readonly logBayesFactor: Float64Array;
}

export function associateVisit(
  input: AssociateVisitInput,
  config: AssociateVisitConfig = DEFAULT_ASSOCIATE,
): Association {
  const { sources } = input;
  const n = sources.raDeg.length;
  const moving = input.solarSystem
    ? matchSolarSystem(sources, input.solarSystem, input.exposureTimeS, input.trails, config.solarSystem)
    : { objectOf: new Int32Array(n).fill(-1), logBayesFactor: new Float64Array(n).fill(NaN) };
  const still = matchPositions(sources, input.objects, config.match, (s) => moving.objectOf[s]! < 0);
  const alone = Array.from({ length: n }, (_, s) => s).filter((s) => moving.objectOf[s]! < 0 && still.objectOf[s]! < 0);
  return {
    solarSystemOf: moving.objectOf,
    objectOf: still.objectOf,
    newObjectOf: nameNewObjects(input, alone, config.mergeNewArcsec),
    logBayesFactor: moving.logBayesFactor.map((value, s) =>
      moving.objectOf[s]! < 0 ? still.logBayesFactor[s]! : value,
    ),
  };
}

function nameNewObjects({ sources, snr }: AssociateVisitInput, alone: number[], mergeArcsec: number): Int32Array {
  const namedBy = new Int32Array(sources.raDeg.length).fill(-1);
  const strength = (s: number): number => (Number.isNaN(snr[s]!) ? -Infinity : Math.abs(snr[s]!));
  alone.sort((a, b) => strength(b) - strength(a) || (sources.id[a]! < sources.id[b]! ? -1 : 1));
  const grid = new SkyGrid(
    { raDeg: alone.map((s) => sources.raDeg[s]!), decDeg: alone.map((s) => sources.decDeg[s]!) },
    mergeArcsec / 3600,
  );
  for (const s of alone) {
    let nearest = Infinity;
    let name = s;
    grid.forEachNear(sources.raDeg[s]!, sources.decDeg[s]!, (k) => {
      const other = alone[k]!;
      if (other === s || namedBy[other] !== other) return;
      const { east, north } = skyOffsetArcsec(
        sources.raDeg[s]!,
        sources.decDeg[s]!,
        sources.raDeg[other]!,
        sources.decDeg[other]!,
      );
      const distance = Math.hypot(east, north);
      if (distance < nearest || (distance === nearest && sources.id[other]! < sources.id[name]!)) {
        nearest = distance;
        name = other;
      }
    });
    namedBy[s] = name;
  }
  return namedBy;
}
