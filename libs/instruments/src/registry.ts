// Which translator reads a file: the first that recognises its headers.

import type { FrameHeaders, RawDescription, TranslatedFrame, Translator } from './description.js';
import { InstrumentError } from './errors.js';
import { almagestCamTranslator } from './translators/almagest-cam.js';
import { decamTranslator } from './translators/decam.js';
import { lcoSinistroTranslator } from './translators/lco-sinistro.js';
import { lsstCamTranslator } from './translators/lsst-cam.js';
import { singleCcdTranslator } from './translators/single-ccd.js';

const translators: Translator[] = [
  almagestCamTranslator,
  lcoSinistroTranslator,
  lsstCamTranslator,
  decamTranslator,
  singleCcdTranslator,
];

/** A translator of one's own is asked before the built-in ones. */
export function registerTranslator(translator: Translator): void {
  translators.unshift(translator);
}

export function translatorFor(frame: FrameHeaders): Translator {
  const translator = translators.find((candidate) => candidate.recognises(frame));
  if (!translator) {
    const name = frame.hdus[0]?.header.get('INSTRUME');
    throw new InstrumentError(
      'UNKNOWN_INSTRUMENT',
      `no instrument known here writes such a file (INSTRUME is ${String(name ?? 'absent')})`,
      name,
    );
  }
  return translator;
}

export const translateFrame = (frame: FrameHeaders): TranslatedFrame => translatorFor(frame).translate(frame);
export const translateRaw = (frame: FrameHeaders): RawDescription => translateFrame(frame).description;
