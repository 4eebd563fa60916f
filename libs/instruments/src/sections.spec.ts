import { describe, expect, it } from '@jest/globals';
import { Header } from '#libs/fits';
import {
  almagestCam,
  amplifiersFromHeaders,
  cutAmplifier,
  dayObsOf,
  formatSection,
  InstrumentError,
  mjdFromIso,
  parseSection,
  pasteAmplifier,
  translateRaw,
} from './index.js';

describe('sections', () => {
  it('count from 1, include both ends, and turn an axis when they run backwards', () => {
    expect(parseSection('[509:1,1:2000]')).toEqual({
      box: { x0: 0, y0: 0, width: 509, height: 2000 },
      flipX: true,
      flipY: false,
    });
    for (const text of ['[509:1,1:2000]', '[1:1,7:3]', '[10:20,30:40]'])
      expect(formatSection(parseSection(text))).toBe(text);
  });
  it('refuse what is no section', () => {
    for (const bad of ['UNKNOWN', '[0:5,1:5]', '[1:5]', '', undefined, 12])
      expect(() => parseSection(bad)).toThrow(InstrumentError);
  });
});

describe('AlmagestCam', () => {
  it('covers every pixel of a detector once', () => {
    for (const detector of almagestCam({ size: 64 }).detectors) {
      const seen = new Uint16Array(64 * 64);
      for (const { detectorBox: box } of detector.amplifiers)
        for (let y = box.y0; y < box.y0 + box.height; y++)
          for (let x = box.x0; x < box.x0 + box.width; x++) seen[y * 64 + x]! += 1;
      expect(seen.every((count) => count === 1)).toBe(true);
    }
  });
  it('reads out and pastes back to the same image', () => {
    const detector = almagestCam({ size: 64 }).detectors[1]!;
    const image = Float32Array.from({ length: 64 * 64 }, (_, i) => i);
    const again = new Float32Array(64 * 64);
    for (const amplifier of detector.amplifiers) {
      const raw = new Float32Array(amplifier.rawBox.width * amplifier.rawBox.height);
      cutAmplifier(image, 64, amplifier, raw, amplifier.rawBox.width);
      pasteAmplifier(raw, amplifier.rawBox.width, amplifier, again, 64);
    }
    expect(again).toEqual(image);
  });
  it('has the first pixel read at the corner next to the amplifier', () => {
    const detector = almagestCam({ size: 64 }).detectors[0]!;
    const upperRight = detector.amplifiers[7]!;
    const image = Float32Array.from({ length: 64 * 64 }, (_, i) => i);
    const raw = new Float32Array(upperRight.rawBox.width * upperRight.rawBox.height);
    cutAmplifier(image, 64, upperRight, raw, upperRight.rawBox.width);
    expect(raw[upperRight.dataSection.x0]).toBe(64 * 64 - 1);
  });
});

describe('headers', () => {
  const hdu = (index: number, shape: number[], entries: Record<string, string | number>) => ({
    index,
    shape,
    header: Header.of(entries),
  });
  it('refuse a data section larger than its image, or of another size than its place', () => {
    const wide = { hdus: [hdu(0, [10, 10], { DATASEC: '[1:11,1:10]', DETSEC: '[1:11,1:10]' })] };
    expect(() => amplifiersFromHeaders(wide)).toThrow(/reaches beyond/);
    const other = { hdus: [hdu(0, [10, 10], { DATASEC: '[1:10,1:10]', DETSEC: '[1:9,1:10]' })] };
    expect(() => amplifiersFromHeaders(other)).toThrow(/does not hold/);
  });
  it('name the instrument that is not known', () => {
    expect(() => translateRaw({ hdus: [hdu(0, [], { INSTRUME: 'Nonesuch' })] })).toThrow(/Nonesuch/);
    expect(() => translateRaw({ hdus: [] })).toThrow(InstrumentError);
  });
});

describe('times', () => {
  it('dates: MJD 51544.5 is J2000 noon; the observing day changes at noon', () => {
    expect(mjdFromIso('2000-01-01T12:00:00')).toBe(51544.5);
    expect(dayObsOf(mjdFromIso('2026-11-21T04:50:00'))).toBe(20261120);
    expect(dayObsOf(mjdFromIso('2026-11-21T12:00:01'))).toBe(20261121);
    expect(() => mjdFromIso('yesterday')).toThrow(InstrumentError);
  });
});
