import { DEFAULT_SKYMAP, Skymap, type SkymapConfig } from '#libs/sky';

/** The tiling of templates and coadds. One per installation: every Task that names patches is given it. */
export const SKYMAP: SkymapConfig = {
  ...DEFAULT_SKYMAP,
  name: 'almagest_v1',
  tractSizeDeg: 1.5,
  patchInnerPx: 2000,
  patchBorderPx: 100,
  pixelScaleArcsec: 0.4,
};
export const skymap = new Skymap(SKYMAP);

/** Config overrides that give a pipeline the tiling. */
export const skymapOverrides = (labels: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(
    labels.flatMap((label) => Object.entries(SKYMAP).map(([name, value]) => [`${label}.config.skymap.${name}`, value])),
  );
