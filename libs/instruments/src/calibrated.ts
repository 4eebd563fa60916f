// Calibrated images from elsewhere as exposures: image in electrons, mask from saturation and missing pixels, variance from
// gain, read noise and the sky that was subtracted:  var = max(counts + sky, 0) * gain + readNoise^2   [e-^2].

import { type FitsFile, type Header, openFits } from '#libs/fits';
import { abMagToNjy, type Exposure, makeExposure, MaskBit, type PhotoCalib } from '#libs/image';
import { InstrumentError } from './errors.js';
import { visitInfoOf } from './raw-frame.js';
import { translateFrame } from './registry.js';

/** Level of the subtracted sky [counts]: SKYDIP and SKYPEAK bracket it, SKYBRITE and AVSKY name it; 0 when nothing is said. */
function subtractedSky(header: Header): number {
  const [dip, peak] = [header.getNumber('SKYDIP'), header.getNumber('SKYPEAK')];
  if (dip !== undefined && peak !== undefined) return (dip + peak) / 2;
  return 0;
}

/** MAGZERO: AB magnitude of one count in the whole exposure. */
function photoCalibOf(header: Header, gain: number): PhotoCalib | undefined {
  const magZero = header.getNumber('MAGZERO') ?? header.getNumber('MAGZPT');
  if (magZero === undefined || !(magZero > 0)) return undefined;
  const scale = abMagToNjy(magZero) / gain;
  const error = header.getNumber('MAGZERR') ?? header.getNumber('MAGZUNC') ?? 0.02;
  return { scale, scaleErr: (scale * error * Math.LN10) / 2.5 };
}

export async function readCalibrated(source: FitsFile | Uint8Array | string): Promise<Exposure> {
  const file = typeof source === 'string' || source instanceof Uint8Array ? await openFits(source) : source;
  try {
    const translated = translateFrame(file);
    const { description, detector } = translated;
    const amplifier = detector.amplifiers[0];
    if (!amplifier || detector.amplifiers.length > 1)
      throw new InstrumentError(
        'BAD_GEOMETRY',
        `a calibrated image is one assembled detector, not ${detector.amplifiers.length} amplifiers`,
        detector.amplifiers.length,
      );
    const hdu = file.hdu(amplifier.hdu);
    const { data } = await hdu.readImageAsFloat32();
    const { gain, readNoise, saturation } = amplifier;
    const sky = subtractedSky(hdu.header);
    const exposure = makeExposure(detector.width, detector.height);
    const { image, mask, variance } = exposure;
    for (let i = 0; i < data.length; i++) {
      const counts = data[i]!;
      // exactly 0 or not a number: nothing was resampled into this pixel
      if (!Number.isFinite(counts) || counts === 0) {
        mask[i] = MaskBit.NO_DATA | (Number.isNaN(counts) ? MaskBit.UNMASKEDNAN : 0);
        image[i] = NaN;
        variance[i] = Infinity;
        continue;
      }
      image[i] = counts * gain;
      variance[i] = Math.max(counts + sky, 0) * gain + readNoise * readNoise;
      if (counts >= saturation) mask[i] = MaskBit.SAT;
    }
    const photoCalib = photoCalibOf(hdu.header, gain);
    return {
      ...exposure,
      info: visitInfoOf(translated),
      ...(description.wcs && { wcs: description.wcs }),
      ...(photoCalib && { photoCalib }),
      metadata: { gain, readNoise, saturation, subtractedSky: sky * gain },
    };
  } finally {
    if (file !== source) await file.close();
  }
}
