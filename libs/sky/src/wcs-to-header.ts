// The celestial WCS as FITS keywords: everything `wcsFromHeader` reads is written so that it reads back the same.
import type { FitsHeader } from '#libs/fits';
import type { WcsDescription } from './celestial-wcs.js';
import { ICRS, isCelestialType } from './celestial-frames.js';
import type { SipPolynomial } from './plane-map.js';
import { TAN } from './projection.js';

/** Writes the keywords of one description into a header, in place of any earlier celestial WCS. */
export function writeWcs(header: FitsHeader, description: WcsDescription): void {
  const { projection = TAN, sip, tpv, frame = ICRS, fiducial, crpix, cd } = description;
  const [x, y] = description.pixelAxes ?? [1, 2];
  removeWcsKeywords(header, [x, y]);
  header.set('WCSAXES', Math.max(2, x, y), 'number of world coordinate axes');
  const code = tpv ? 'TPV' : sip ? `${projection.code}-SIP` : projection.code;
  const ctype = (name: string): string => `${name.padEnd(4, '-')}-${code}`;
  header.set(`CTYPE${x}`, ctype(frame.longitudeType), frame.longitudeType === 'RA' ? 'right ascension' : 'longitude');
  header.set(`CTYPE${y}`, ctype(frame.latitudeType), frame.latitudeType === 'DEC' ? 'declination' : 'latitude');
  for (const axis of [x, y]) header.set(`CUNIT${axis}`, 'deg');
  header.set(`CRPIX${x}`, crpix.x + 1, '[pix] reference pixel');
  header.set(`CRPIX${y}`, crpix.y + 1, '[pix] reference pixel');
  header.set(`CRVAL${x}`, description.crvalRaDeg, '[deg] longitude at the reference pixel');
  header.set(`CRVAL${y}`, description.crvalDecDeg, '[deg] latitude at the reference pixel');
  [x, y].forEach((row, i) => [x, y].forEach((column, j) => header.set(`CD${row}_${column}`, cd[i]![j]!)));
  if (description.lonPoleDeg !== undefined) header.set('LONPOLE', description.lonPoleDeg);
  if (description.latPoleDeg !== undefined) header.set('LATPOLE', description.latPoleDeg);
  if (frame.radesys !== undefined) header.set('RADESYS', frame.radesys);
  if (frame.equinox !== undefined) header.set('EQUINOX', frame.equinox);
  if (fiducial) {
    header.set(`PV${x}_0`, fiducial.offset ? 1 : 0);
    header.set(`PV${x}_1`, fiducial.phi0);
    header.set(`PV${x}_2`, fiducial.theta0);
  }
  projection.parameters.forEach((value, m) => header.set(`PV${y}_${m}`, value));
  if (sip) {
    writeSip(header, 'A', sip.a);
    writeSip(header, 'B', sip.b);
    if (sip.ap) writeSip(header, 'AP', sip.ap);
    if (sip.bp) writeSip(header, 'BP', sip.bp);
  }
  if (tpv) {
    tpv.pv1.forEach((value, m) => (value !== 0 || m === 1) && header.set(`PV${x}_${m}`, value));
    tpv.pv2.forEach((value, m) => (value !== 0 || m === 1) && header.set(`PV${y}_${m}`, value));
  }
}

function writeSip(header: FitsHeader, name: string, { order, c }: SipPolynomial): void {
  header.set(`${name}_ORDER`, order);
  for (let p = 0; p <= order; p++)
    for (let q = 0; q <= order - p; q++) {
      const value = c[p * (order + 1) + q]!;
      if (value !== 0) header.set(`${name}_${p}_${q}`, value);
    }
}

/** Removes every keyword of an earlier primary celestial WCS, so that two descriptions never mix. */
function removeWcsKeywords(header: FitsHeader, written: readonly number[]): void {
  const remove = (keyword: string): void => {
    if (header.has(keyword)) header.delete(keyword);
  };
  for (const name of ['WCSAXES', 'LONPOLE', 'LATPOLE', 'RADESYS', 'RADECSYS', 'EQUINOX', 'EPOCH', 'WCSNAME'])
    remove(name);
  const celestial = [1, 2, 3, 4, 5, 6, 7, 8, 9].filter((i) => isCelestialType(header.get(`CTYPE${i}`)));
  const axes = new Set([...written, ...celestial]);
  for (const i of axes) {
    for (const name of ['CTYPE', 'CUNIT', 'CRPIX', 'CRVAL', 'CDELT', 'CROTA', 'CNAME']) remove(`${name}${i}`);
    for (const name of ['CPDIS', 'CQDIS', 'D2IMDIS', 'DP', 'DQ', 'D2IM', 'CPERR', 'CQERR', 'D2IMERR'])
      remove(`${name}${i}`);
    for (const j of axes) for (const name of ['CD', 'PC']) remove(`${name}${i}_${j}`);
    for (const j of axes) remove(`PC00${i}00${j}`);
    for (let m = 0; m < 40; m++) remove(`PV${i}_${m}`);
  }
  for (let m = 0; m < 10; m++) remove(`PROJP${m}`);
  for (const name of ['A', 'B', 'AP', 'BP']) {
    remove(`${name}_ORDER`);
    remove(`${name}_DMAX`);
    for (let p = 0; p <= 9; p++) for (let q = 0; q <= 9 - p; q++) remove(`${name}_${p}_${q}`);
  }
}
