// The tiling of the sky as a part of Task configs. Every Task that names patches must be given the same values.
import { DEFAULT_SKYMAP, Skymap, type SkymapConfig } from '#libs/sky';
import { z } from 'zod';

export const SkymapSettings = z
  .strictObject({
    name: z.string().default(DEFAULT_SKYMAP.name),
    tractSizeDeg: z.number().positive().default(DEFAULT_SKYMAP.tractSizeDeg).meta({ unit: 'deg' }),
    tractOverlapDeg: z.number().min(0).default(DEFAULT_SKYMAP.tractOverlapDeg).meta({ unit: 'deg' }),
    patchInnerPx: z.int().positive().default(DEFAULT_SKYMAP.patchInnerPx).meta({ unit: 'px' }),
    patchBorderPx: z.int().min(0).default(DEFAULT_SKYMAP.patchBorderPx).meta({ unit: 'px' }),
    pixelScaleArcsec: z.number().positive().default(DEFAULT_SKYMAP.pixelScaleArcsec).meta({ unit: 'arcsec/px' }),
  })
  .prefault({})
  .meta({ description: 'tracts and patches' });

const made = new Map<string, Skymap>();

export function skymapOf(config: SkymapConfig): Skymap {
  const key = JSON.stringify(config);
  let skymap = made.get(key);
  if (!skymap) made.set(key, (skymap = new Skymap(config)));
  return skymap;
}
