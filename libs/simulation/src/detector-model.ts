// What the detector does to light: response, dark current, cosmic rays, full wells, crosstalk, amplifiers, digitisation.
// Units: electrons until `readOut`, which gives ADU as 16-bit integers in the order of readout.

import { ALMAGEST_FULL_WELL, type Amplifier, type Camera, cutAmplifier, type Detector } from '#libs/instruments';
import { vignetting } from './optics.js';
import { Random } from './random.js';

/** The camera is the same in every survey. */
const HARDWARE = 'AlmagestCam';

/** Relative response of every pixel: vignetting, pixel-to-pixel 0.7 %, amplifier 1 %, dead columns. */
export function responseMap(camera: Camera, detector: Detector, band: string): Float32Array {
  const { width, height } = detector;
  const random = new Random(HARDWARE, 'response', detector.id, band);
  const map = new Float32Array(width * height);
  const light = vignetting(camera, detector);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) map[y * width + x] = light(x, y) * (1 + 0.007 * random.normal());
  const amplifiers = new Random(HARDWARE, 'amplifiers', detector.id);
  for (const { detectorBox: box } of detector.amplifiers) {
    const factor = 1 + 0.01 * amplifiers.normal();
    for (let y = box.y0; y < box.y0 + box.height; y++)
      for (let x = box.x0; x < box.x0 + box.width; x++) map[y * width + x] = map[y * width + x]! * factor;
  }
  for (const box of detector.defects)
    if (box.height > 1)
      for (let y = box.y0; y < box.y0 + box.height; y++)
        for (let x = box.x0; x < box.x0 + box.width; x++) map[y * width + x] = map[y * width + x]! * 0.25;
  return map;
}

/** Dark current [e-/s]: a floor, a glow towards one corner, hot pixels. */
export function darkMap(detector: Detector): Float32Array {
  const { width, height } = detector;
  const random = new Random(HARDWARE, 'dark', detector.id);
  const map = new Float32Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) map[y * width + x] = 0.1 + 0.5 * Math.exp(-(x / width + y / height) * 4);
  for (const box of detector.defects)
    if (box.height === 1) map[box.y0 * width + box.x0] = map[box.y0 * width + box.x0]! + random.uniform(80, 900);
  return map;
}

/** Tracks of muons: straight lines of 1 to 25 pixels, a few hundred e- per pixel. */
export function addCosmicRays(electrons: Float32Array, detector: Detector, seconds: number, random: Random): number {
  const { width, height } = detector;
  const count = random.poisson((0.5 * seconds * width * height) / 1024 ** 2 + (2 * width * height) / 1024 ** 2);
  for (let i = 0; i < count; i++) {
    const length = Math.min(25, 1 + -5 * Math.log(1 - random.uniform()));
    const angle = random.uniform(0, Math.PI);
    const [x0, y0] = [random.uniform(0, width), random.uniform(0, height)];
    const perPixel = 300 - 900 * Math.log(1 - random.uniform());
    const steps = Math.ceil(length * 4);
    for (let s = 0; s < steps; s++) {
      const x = Math.floor(x0 + (s / 4) * Math.cos(angle));
      const y = Math.floor(y0 + (s / 4) * Math.sin(angle));
      if (x >= 0 && x < width && y >= 0 && y < height)
        electrons[y * width + x] = electrons[y * width + x]! + (perPixel / 4) * random.uniform(0.7, 1.3);
    }
  }
  return count;
}

/**
 * Charge beyond the full well runs along the column, half each way, within the half of the detector that is read out by the same
 * row of amplifiers; at its ends it is lost. Charge is conserved otherwise.
 */
export function bleed(electrons: Float32Array, detector: Detector, fullWell = ALMAGEST_FULL_WELL): void {
  const { width } = detector;
  for (const { detectorBox: box } of detector.amplifiers)
    for (let x = box.x0; x < box.x0 + box.width; x++) {
      const first = box.y0 * width + x;
      const last = (box.y0 + box.height - 1) * width + x;
      let up = 0;
      let total = 0;
      for (let i = first; i <= last; i += width) {
        const value = electrons[i]!;
        if (value > fullWell) {
          const excess = value - fullWell;
          total += excess;
          up += excess / 2;
          electrons[i] = fullWell;
        } else if (up > 0) {
          const taken = Math.min(up, fullWell - value);
          electrons[i] = value + taken;
          up -= taken;
          total -= taken;
        }
      }
      // what did not go up, and half of it all, goes down from the highest full pixel
      let down = total - up;
      if (down <= 0) continue;
      let started = false;
      for (let i = last; i >= first && down > 0; i -= width) {
        const value = electrons[i]!;
        if (value >= fullWell) started = true;
        else if (started) {
          const taken = Math.min(down, fullWell - value);
          electrons[i] = value + taken;
          down -= taken;
        }
      }
    }
}

export interface AmplifierImage {
  readonly amplifier: Amplifier;
  readonly width: number;
  readonly height: number;
  readonly data: Uint16Array;
}

/** Bias level [ADU] of an amplifier and the fixed pattern of its columns and rows. */
function biasPattern(detector: Detector, index: number): { level: number; columns: Float32Array; rows: Float32Array } {
  const { rawBox } = detector.amplifiers[index]!;
  const random = new Random(HARDWARE, 'bias', detector.id, index);
  const level = 1000 + 40 * random.normal();
  const columns = Float32Array.from({ length: rawBox.width }, (_, x) => 1.2 * random.normal() + 8 * Math.exp(-x / 25));
  const rows = Float32Array.from({ length: rawBox.height }, (_, y) => 6 * Math.exp(-y / 40) + (2 * y) / rawBox.height);
  return { level, columns, rows };
}

/** Electrons of the detector to raw ADU per amplifier: crosstalk, gain, bias structure, read noise, 16 bits. */
export function readOut(electrons: Float32Array, detector: Detector, random: Random): AmplifierImage[] {
  const { amplifiers, width } = detector;
  const signals = amplifiers.map((amplifier) => {
    const signal = new Float32Array(amplifier.rawBox.width * amplifier.rawBox.height);
    cutAmplifier(electrons, width, amplifier, signal, amplifier.rawBox.width);
    for (let i = 0; i < signal.length; i++) signal[i] = signal[i]! / amplifier.gain;
    return signal;
  });
  return amplifiers.map((amplifier, index) => {
    const { rawBox, crosstalk = [], gain, dataSection } = amplifier;
    const { level, columns, rows } = biasPattern(detector, index);
    const drift = level + 1.5 * random.normal();
    const noise = amplifier.readNoise / gain;
    const own = signals[index]!;
    const aggressors = signals
      .map((signal, k) => ({ signal, coefficient: crosstalk[k] ?? 0 }))
      .filter(({ coefficient }) => coefficient !== 0);
    const data = new Uint16Array(rawBox.width * rawBox.height);
    // pattern columns stop at the pixels: the overscan carries level and rows only
    const end = dataSection.x0 + dataSection.width;
    for (let y = 0; y < rawBox.height; y++) {
      const row = drift + rows[y]!;
      const begin = y * rawBox.width;
      for (let x = 0; x < rawBox.width; x++) {
        let value = own[begin + x]! + row + (x < end ? columns[x]! : 0) + noise * random.normal();
        for (const { signal, coefficient } of aggressors) value += coefficient * signal[begin + x]!;
        data[begin + x] = value <= 0 ? 0 : value >= 65535 ? 65535 : Math.round(value);
      }
    }
    return { amplifier, width: rawBox.width, height: rawBox.height, data };
  });
}
