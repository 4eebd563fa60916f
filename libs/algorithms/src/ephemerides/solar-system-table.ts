// Predicted objects as the rows that association reads (SOLAR_SYSTEM_COLUMNS).

import { SOLAR_SYSTEM_COLUMNS } from '#libs/schema';
import { type Table, tableFromRows } from '#libs/table';
import type { PredictedObject } from './predict.js';

/**
 * Orbit catalogs give no covariance: every place gets the same round 1-sigma error. The default holds what two-body motion
 * leaves out over a month for main-belt asteroids.
 */
export const solarSystemTable = (predicted: readonly PredictedObject[], sigmaArcsec = 0.5): Table =>
  tableFromRows(
    SOLAR_SYSTEM_COLUMNS,
    predicted.map(({ orbit, vMag, ...place }) => ({
      ssObjectId: orbit.ssObjectId,
      designation: orbit.designation,
      ra: place.raDeg,
      dec: place.decDeg,
      majorArcsec: sigmaArcsec,
      minorArcsec: sigmaArcsec,
      angleDeg: 0,
      rateRa: place.rateRaDegPerDay,
      rateDec: place.rateDecDegPerDay,
      vMag: Number.isNaN(vMag) ? null : vMag,
      topoRange: place.topoRange,
      helioRange: place.helioRange,
      phaseAngle: place.phaseDeg,
      elongation: place.elongationDeg,
    })),
    'solarSystem',
  );
