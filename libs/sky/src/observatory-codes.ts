/**
 * Observatories by their Minor Planet Center codes: the well-known surveys built in, all others from the MPC's own list
 * (`ObsCodes.html` or its plain text), which a caller hands over. Constants as the MPC publishes them: 5 decimals are 60 m, 6 are 6 m.
 */
import { SkyError } from './errors.js';
import { type ParallaxConstants } from './observatory.js';

export interface Observatory extends ParallaxConstants {
  readonly code: string;
  readonly name: string;
}

const site = (
  code: string,
  name: string,
  longitudeDeg: number,
  rhoCosPhi: number,
  rhoSinPhi: number,
): readonly [string, Observatory] => [code, { code, name, longitudeDeg, rhoCosPhi, rhoSinPhi }];

/** Survey telescopes and the great observatories; `500` is the centre of the Earth. */
export const OBSERVATORIES: ReadonlyMap<string, Observatory> = new Map([
  site('500', 'Geocentric', 0, 0, 0),
  site('260', 'Siding Spring Observatory', 149.0661, 0.8556, -0.51626),
  site('304', 'Las Campanas Observatory', 289.298, 0.87559, -0.48217),
  site('309', 'Cerro Paranal', 289.59569, 0.909943, -0.414336),
  site('645', 'Apache Point, Sloan Digital Sky Survey', 254.17942, 0.841945, 0.538563),
  site('662', 'Lick Observatory, Mount Hamilton', 238.3545, 0.79619, 0.60335),
  site('673', 'Table Mountain Observatory', 242.31783, 0.826474, 0.561722),
  site('675', 'Palomar Mountain', 243.13746, 0.836357, 0.546831),
  site('688', 'Lowell Observatory, Anderson Mesa', 248.4645, 0.81938, 0.57193),
  site('691', 'Steward Observatory, Kitt Peak-Spacewatch', 248.401, 0.84951, 0.52642),
  site('695', 'Kitt Peak', 248.40533, 0.849504, 0.526425),
  site('696', 'Whipple Observatory, Mt. Hopkins', 249.1154, 0.85205, 0.52249),
  site('703', 'Catalina Sky Survey', 249.26736, 0.845315, 0.533213),
  site('704', 'Lincoln Laboratory ETS, New Mexico (LINEAR)', 253.34093, 0.831869, 0.553542),
  site('705', 'Apache Point', 254.17942, 0.841945, 0.538563),
  site('711', 'McDonald Observatory, Fort Davis', 255.9785, 0.86114, 0.50731),
  site('807', 'Cerro Tololo Observatory, La Serena', 289.1941, 0.8656, -0.4998),
  site('809', 'European Southern Observatory, La Silla', 289.26626, 0.87344, -0.486052),
  site('F51', 'Pan-STARRS 1, Haleakala', 203.74409, 0.936241, 0.351543),
  site('F52', 'Pan-STARRS 2, Haleakala', 203.74409, 0.936239, 0.351545),
  site('G83', 'Mt. Graham, Large Binocular Telescope', 250.11039, 0.84274, 0.53744),
  site('G96', 'Mt. Lemmon Survey', 249.21128, 0.845111, 0.533614),
  site('I11', 'Gemini South Observatory, Cerro Pachon', 289.26345, 0.86502, -0.500901),
  site('I33', 'SOAR, Cerro Pachon', 289.2608, 0.86504, -0.50086),
  site('I41', 'Palomar Mountain, Zwicky Transient Facility', 243.14022, 0.836325, 0.546877),
  site('J04', 'ESA Optical Ground Station, Tenerife', 343.48817, 0.881463, 0.471461),
  site('J13', 'La Palma-Liverpool Telescope', 342.1208, 0.87763, 0.47851),
  site('T05', 'ATLAS, Haleakala', 203.74299, 0.936235, 0.351547),
  site('T08', 'ATLAS, Mauna Loa', 204.42395, 0.94329, 0.332467),
  site('T09', 'Subaru Telescope, Maunakea', 204.52398, 0.941706, 0.337237),
  site('T14', 'Canada-France-Hawaii Telescope, Maunakea', 204.53113, 0.941714, 0.337236),
  site('V06', 'Catalina Sky Survey-Kuiper', 249.26745, 0.845317, 0.533211),
  site('W84', 'Cerro Tololo, Dark Energy Camera', 289.19358, 0.865572, -0.499793),
  site('W91', 'Cerro Paranal, VISTA', 289.60257, 0.910007, -0.414148),
  site('X05', 'Rubin Observatory, Simonyi Survey Telescope', 289.25058, 0.864981, -0.500958),
  site('Z84', 'Calar Alto-Schmidt', 357.45179, 0.797523, 0.601826),
]);

/** The site of an MPC code; OUT_OF_RANGE when the list does not hold it. */
export function observatory(code: string, list: ReadonlyMap<string, Observatory> = OBSERVATORIES): Observatory {
  const found = list.get(code);
  if (!found) throw new SkyError('OUT_OF_RANGE', `no observatory with the code ${code} is known`, code);
  return found;
}

/**
 * The MPC's list of observatory codes: code in columns 1 to 3, longitude 5 to 13, rho cos phi' 14 to 21, rho sin phi' 22 to 30, name from 31.
 * Spacecraft and roving observers have no constants and are left out, as are lines that are no entries. A text without any: BAD_TABLE.
 */
export function parseObservatoryCodes(text: string): ReadonlyMap<string, Observatory> {
  const list = new Map<string, Observatory>();
  for (const line of text.split(/\r?\n/)) {
    if (!/^[0-9A-Z][0-9A-Za-z]{2} /.test(line) || line.length < 30) continue;
    const fields = [line.slice(4, 13), line.slice(13, 21), line.slice(21, 30)].map((field) => field.trim());
    const [longitudeDeg, rhoCosPhi, rhoSinPhi] = fields.map(Number) as [number, number, number];
    if (fields.includes('') || ![longitudeDeg, rhoCosPhi, rhoSinPhi].every(Number.isFinite)) continue;
    const code = line.slice(0, 3);
    list.set(code, { code, name: line.slice(30).trim(), longitudeDeg, rhoCosPhi, rhoSinPhi });
  }
  if (list.size === 0) throw new SkyError('BAD_TABLE', 'the text holds no observatory codes', text.slice(0, 80));
  return list;
}
