// isr: one raw snap of one detector to electrons, with mask and variance.

import { IsrConfig, removeInstrumentSignature } from '#libs/algorithms';
import type { Exposure } from '#libs/image';
import { rawFrameStorageClass, visitInfoOf } from '#libs/instruments';
import { defineTask, one, optional } from '#libs/pipeline';
import { mastersUsed, rawDetectorOf } from '../calibration/raw-detector.js';
import { ExposureStorage } from '../storage/exposure-storage.js';
import { withTaskFailures } from './task-failures.js';

export const isr = defineTask({
  name: 'isr',
  version: '1',
  description:
    'Overscan, saturation, crosstalk, linearity, gain, assembly, bias, dark, flat, defects, variance and interpolation.',
  dimensions: ['visit', 'snap', 'detector'],
  config: IsrConfig,
  inputs: {
    raw: one('raw', rawFrameStorageClass),
    bias: optional('masterBias', ExposureStorage, { dimensions: ['instrument', 'detector'], prerequisite: true }),
    dark: optional('masterDark', ExposureStorage, { dimensions: ['instrument', 'detector'], prerequisite: true }),
    flat: optional('masterFlat', ExposureStorage, {
      dimensions: ['instrument', 'detector', 'band'],
      prerequisite: true,
    }),
  },
  outputs: { exposure: one('postIsr', ExposureStorage) },
  run({ raw, bias, dark, flat }, { config, allocator, log, metric }) {
    const masters = { ...(bias && { bias }), ...(dark && { dark }), ...(flat && { flat }) };
    const { exposure, amplifiers, nanPixels, interpolatedPixels } = withTaskFailures(() =>
      removeInstrumentSignature(rawDetectorOf(raw), masters, config, allocator),
    );
    const used = mastersUsed(masters);
    const withoutOverscan = raw.amplifiers.filter(({ amplifier }) => !amplifier.biasSection).length;
    if (withoutOverscan > 0)
      log.warn(`${withoutOverscan} amplifiers have no overscan: their bias level stays in the image`, {
        withoutOverscan,
      });
    log.info(`signature removed with master calibrations: ${used}`);
    metric(
      'saturatedPixels',
      amplifiers.reduce((sum, amplifier) => sum + amplifier.saturatedPixels, 0),
      'px',
    );
    metric('nanPixels', nanPixels, 'px');
    metric('interpolatedPixels', interpolatedPixels, 'px');
    const { wcs } = raw.description;
    const result: Exposure = {
      ...exposure,
      info: visitInfoOf(raw),
      ...(wcs && { wcs }),
      metadata: {
        SNAP: raw.description.snap,
        CALIBS: used,
        ...Object.fromEntries(amplifiers.map(({ biasLevel }, i) => [`BIASLV${i}`, biasLevel])),
      },
    };
    return { exposure: result };
  },
});
