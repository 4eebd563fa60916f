// The stored headers with a celestial WCS, and what each of them came to: right, refused with a code, or wrong.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Header, openFits } from '#libs/fits';
import {
  angularSeparationDeg,
  type CelestialWcs,
  hasWcs,
  SkyError,
  wcsFromHeader,
  type WcsHeaderOptions,
} from '#libs/sky';
import type { Surroundings } from '../surroundings.js';
import type { Measurement } from '../truth-case.js';

export interface StoredHeader {
  readonly name: string;
  readonly header: Header;
  /** rows of pixel x, y (1-based) and longitude, latitude [deg]; NaN where the pixel is off the map */
  readonly points: readonly (readonly number[])[];
}

/** The headers of `<set>/wcs_truth.csv`, whose positions astropy 8.0.1 (wcslib) computed. */
export async function headersWithTruth(surroundings: Surroundings, set: string): Promise<StoredHeader[]> {
  const groups = new Map<string, { file: string; hdu: number; points: number[][] }>();
  for (const line of readFileSync(surroundings.data(set, 'wcs_truth.csv'), 'utf8').trim().split('\n').slice(1)) {
    const [file, hdu, ...numbers] = line.split(',') as [string, string, ...string[]];
    const key = `${file}[${hdu}]`;
    if (!groups.has(key)) groups.set(key, { file: file.replace('/dev/', '/'), hdu: Number(hdu), points: [] });
    groups.get(key)!.points.push(numbers.map((text) => (text === '' ? NaN : Number(text))));
  }
  const headers: StoredHeader[] = [];
  for (const { file, hdu, points } of groups.values()) {
    const plain = surroundings.data(file);
    const path = existsSync(plain) ? plain : `${plain}.gz`;
    headers.push({ name: `${file.split('/').at(-1)!}[${hdu}]`, header: await headerOf(path, hdu), points });
  }
  return headers;
}

async function headerOf(path: string, hdu: number): Promise<Header> {
  if (path.endsWith('.hdr')) return Header.parse(readFileSync(path, 'latin1'));
  const file = await openFits(path);
  try {
    return file.hdu(hdu).header.clone();
  } finally {
    await file.close();
  }
}

/** The headers of wcslib's own test programs: cards in text, with comment lines between. */
export function keyrecHeaders(
  surroundings: Surroundings,
): { readonly name: string; readonly header: Header; readonly cards: string }[] {
  const folder = surroundings.data('8_fits', 'wcslib_keyrecs');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.keyrec'))
    .sort()
    .map((name) => {
      const lines = readFileSync(join(folder, name), 'latin1')
        .split('\n')
        .filter((line) => line.trim() !== '' && !line.startsWith('#'));
      // as they stand: wcslib does not know its own distortion names once a writer has padded them to eight letters
      return {
        name,
        header: Header.parse(lines.join('\n')),
        cards: lines.map((line) => line.slice(0, 80).padEnd(80)).join(''),
      };
    });
}

/** Every header of the real data with celestial axes, whatever folder it lies in; files that cannot be opened are another table's matter. */
export async function allCelestialHeaders(
  surroundings: Surroundings,
): Promise<{ readonly name: string; readonly header: Header }[]> {
  const root = surroundings.data();
  const found: { name: string; header: Header }[] = [];
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(fits|fit|hdr|fz)(\.gz)?$/.test(name),
  );
  for (const name of files.sort()) {
    if (name.endsWith('.hdr')) found.push({ name, header: Header.parse(readFileSync(join(root, name), 'latin1')) });
    else {
      const file = await openFits(join(root, name)).catch(() => undefined);
      file?.hdus.forEach((hdu, k) => found.push({ name: `${name}[${k}]`, header: hdu.header.clone() }));
      await file?.close();
    }
  }
  return found.filter(({ header }) => hasWcs(header));
}

export type Reading = { readonly wcs: CelestialWcs } | { readonly code: string };

/** A WCS, or the code with which it was refused; any other error goes on. */
export function readWcs(header: Header, options: WcsHeaderOptions): Reading {
  try {
    return { wcs: wcsFromHeader(header, options) };
  } catch (error) {
    if (error instanceof SkyError) return { code: error.code };
    throw error;
  }
}

/** Counts of a set of headers, and the worst deviation of those read. */
export class Tally {
  readonly #refused = new Map<string, string[]>();
  readonly #worst: { value: number; name: string } = { value: 0, name: '' };
  #tried = 0;
  #right = 0;

  refused(name: string, code: string): void {
    this.#tried++;
    this.#refused.set(code, [...(this.#refused.get(code) ?? []), name]);
  }

  read(name: string, deviation: number, limit: number): void {
    this.#tried++;
    if (deviation <= limit) this.#right++;
    if (!(deviation <= this.#worst.value)) Object.assign(this.#worst, { value: deviation, name });
  }

  measurement(): Measurement {
    const refusals = [...this.#refused].map(([code, names]) => `${names.length} refused as ${code}: ${brief(names)}`);
    return {
      value: this.#worst.value,
      note: [`${this.#tried} headers, ${this.#right} right`, ...refusals, `worst ${this.#worst.name}`].join('; '),
    };
  }
}

const brief = (names: readonly string[]): string =>
  names.length > 6 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');

/** Largest distance [deg] from the stored positions; infinite where one is off the map and the other is not. */
export function skyDeviation(wcs: CelestialWcs, points: StoredHeader['points']): number {
  let worst = 0;
  for (const [x, y, longitude, latitude] of points) {
    const { raDeg, decDeg } = wcs.pixelToSky(x! - 1, y! - 1);
    const off = Number.isNaN(longitude);
    const distance = off
      ? Number.isNaN(raDeg)
        ? 0
        : Infinity
      : angularSeparationDeg(raDeg, decDeg, longitude!, latitude!);
    worst = Math.max(worst, Number.isNaN(distance) ? Infinity : distance);
  }
  return worst;
}

/** Largest distance [px] between pixels and what comes back from the sky. */
export function roundTrip(wcs: CelestialWcs, points: StoredHeader['points']): number {
  let worst = 0;
  for (const [x, y] of points) {
    const sky = wcs.pixelToSky(x! - 1, y! - 1);
    if (Number.isNaN(sky.raDeg)) continue;
    const back = wcs.skyToPixel(sky.raDeg, sky.decDeg);
    const distance = Math.hypot(back.x - x! + 1, back.y - y! + 1);
    worst = Math.max(worst, Number.isNaN(distance) ? Infinity : distance);
  }
  return worst;
}

/** One measure over the stored headers of a set; a refusal is right only where there are no celestial axes. */
export async function overStoredHeaders(
  surroundings: Surroundings,
  set: string,
  limit: number,
  measure: (wcs: CelestialWcs, points: StoredHeader['points']) => number,
  take: (name: string) => boolean = () => true,
): Promise<Measurement> {
  const tally = new Tally();
  for (const { name, header, points } of await headersWithTruth(surroundings, set)) {
    if (!take(name)) continue;
    const reading = readWcs(header, { frame: 'asWritten', lookupDistortions: 'ignore' });
    if ('wcs' in reading) tally.read(name, measure(reading.wcs, points), limit);
    else if (reading.code === 'MISSING_WCS' && !hasWcs(header)) tally.refused(name, reading.code);
    else tally.read(`${name} (refused as ${reading.code})`, Infinity, limit);
  }
  return tally.measurement();
}
