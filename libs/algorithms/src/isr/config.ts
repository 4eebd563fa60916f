import { z } from 'zod';

export const OverscanConfig = z.object({
  fit: z
    .enum(['none', 'constant', 'medianPerRow'])
    .default('medianPerRow')
    .meta({ description: 'one level per amplifier, or one per row; none leaves the counts as they are' }),
  skipLeading: z.int().min(0).default(2).meta({
    unit: 'px',
    description: 'first overscan columns to ignore: they carry charge left behind by the last pixels',
  }),
  skipTrailing: z.int().min(0).default(0).meta({ unit: 'px', description: 'last overscan columns to ignore' }),
  clipSigma: z.number().positive().default(4).meta({
    unit: 'sigma',
    description: 'overscan pixels farther from the amplifier’s level are trails or cosmic rays and are ignored',
  }),
  smoothRows: z.int().min(0).default(4).meta({
    unit: 'rows',
    description: 'rows either side averaged with each row’s level, so that its noise does not become a stripe',
  }),
});
export type OverscanConfig = z.output<typeof OverscanConfig>;

export const IsrConfig = z.object({
  overscan: OverscanConfig.prefault({}),
  doCrosstalk: z.boolean().default(true),
  doLinearity: z.boolean().default(true),
  doBias: z.boolean().default(true),
  doDark: z.boolean().default(true),
  doFlat: z.boolean().default(true),
  doDefects: z.boolean().default(true),
  doInterpolate: z.boolean().default(true),
  saturationFraction: z
    .number()
    .positive()
    .default(1)
    .meta({ description: 'pixels above this fraction of the saturation level are masked SAT' }),
  suspectFraction: z
    .number()
    .positive()
    .default(0.9)
    .meta({ description: 'pixels above this fraction of the saturation level are masked SUSPECT' }),
  growSaturation: z.int().min(0).default(1).meta({ unit: 'px', description: 'growth of the saturated mask' }),
  minFlat: z.number().min(0).default(0.2).meta({ description: 'pixels with a flat below this are BAD' }),
});
export type IsrConfig = z.output<typeof IsrConfig>;
