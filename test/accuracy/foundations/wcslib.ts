// Asking wcslib, through astropy, where the pixels of a header are.
import { type FitsValue, Header } from '#libs/fits';
import type { Surroundings } from '../surroundings.js';
import type { Measurement } from '../truth-case.js';
import { generator } from './erfa.js';
import { readWcs, skyDeviation, Tally } from './wcs-headers.js';

/** Every projection of Paper II with HPX and XPH; parameters as PV2_m. */
export const PROJECTIONS: readonly (readonly [string, readonly (number | null)[]])[] = [
  ['AZP', [null, 2, 30]],
  ['SZP', [null, 2, 180, 60]],
  ['TAN', []],
  ['STG', []],
  ['SIN', [null, 0.1, -0.2]],
  ['ARC', []],
  ['ZPN', [0, 1, 0.05, -0.02, 0.004]],
  ['ZEA', []],
  ['AIR', [null, 45]],
  ['CYP', [null, 0.5, 0.9]],
  ['CEA', [null, 0.7]],
  ['CAR', []],
  ['MER', []],
  ['SFL', []],
  ['PAR', []],
  ['MOL', []],
  ['AIT', []],
  ['COP', [null, 45, 20]],
  ['COE', [null, 45, 20]],
  ['COD', [null, 45, 20]],
  ['COO', [null, 45, 20]],
  ['BON', [null, 45]],
  ['PCO', []],
  ['TSC', []],
  ['CSC', []],
  ['QSC', []],
  ['HPX', [null, 4, 3]],
  ['XPH', []],
];
const ORIENTATIONS: readonly Readonly<Record<string, number>>[] = [
  { CRVAL1: 30, CRVAL2: -60 },
  { CRVAL1: 0, CRVAL2: 90 },
  { CRVAL1: 359.9, CRVAL2: 12, LONPOLE: 40 },
  { CRVAL1: 200, CRVAL2: -90 },
];

/** One header read by us and by wcslib (through astropy's `wcs_pix2world`): positions of the same pixels [deg]. */
export interface Question {
  readonly name: string;
  readonly header: Header;
  /** the text of the header, where it is not to be written anew */
  readonly cards?: string;
  readonly alternate?: string;
  /** world axes of longitude and latitude, and pixel axes of x and y, from 1 */
  readonly axes: readonly [number, number, number, number];
  /** 1-based */
  readonly x: readonly number[];
  readonly y: readonly number[];
}

const WCSLIB = `
import json, os, sys, warnings
import numpy as np
warnings.simplefilter('ignore')
from astropy import log
from astropy.io import fits
from astropy.wcs import WCS
log.setLevel('ERROR')
def answer(q):
    plain = q['axes'] == [1, 2, 1, 2]
    w = WCS(fits.Header.fromstring(q['cards']), key=q['alternate'], fix=False, naxis=2 if plain else None)
    if q['alternate'] != ' ': w.sip = None
    pixels = np.ones((len(q['x']), w.naxis))
    pixels[:, q['axes'][2] - 1] = q['x']
    pixels[:, q['axes'][3] - 1] = q['y']
    world = w.all_pix2world(pixels, 1)[:, [q['axes'][0] - 1, q['axes'][1] - 1]]
    return [[None if not np.isfinite(v) else v for v in row] for row in world.tolist()]
answers = []
for q in json.load(sys.stdin):
    # a process of its own for each: wcslib ends the process on some of its own test headers
    r, w = os.pipe()
    child = os.fork()
    if child == 0:
        try: text = json.dumps(answer(q))
        except Exception as e: text = json.dumps(type(e).__name__ + ': ' + str(e).strip().split(chr(10))[0])
        with os.fdopen(w, 'w') as f: f.write(text)
        os._exit(0)
    os.close(w)
    with os.fdopen(r) as f: text = f.read()
    os.waitpid(child, 0)
    answers.append(json.loads(text) if text else 'ended without an answer')
print(json.dumps(answers))
`;

export async function askWcslib(
  surroundings: Surroundings,
  questions: readonly Question[],
): Promise<((readonly (number | null)[])[] | string)[]> {
  const asked = questions.map(({ header, cards, alternate = ' ', axes, x, y }) => ({
    cards: cards ?? Buffer.from(header.encode()).toString('latin1'),
    alternate,
    axes,
    x,
    y,
  }));
  return JSON.parse((await surroundings.python(WCSLIB, JSON.stringify(asked))).toString()) as (
    (readonly (number | null)[])[] | string
  )[];
}

/** Pixels of every projection in every orientation: of a map 160 degrees wide, seeded. */
export function projectionQuestions(codes: (code: string) => boolean): Question[] {
  const random = generator(11);
  return PROJECTIONS.filter(([code]) => codes(code)).flatMap(([code, pv]) =>
    ORIENTATIONS.map((orientation, k) => {
      const cards: Record<string, FitsValue> = {
        CTYPE1: `RA---${code}`,
        CTYPE2: `DEC--${code}`,
        CUNIT1: 'deg',
        CUNIT2: 'deg',
        CRPIX1: 60,
        CRPIX2: 40,
        CDELT1: -1,
        CDELT2: 1,
        ...orientation,
        ...Object.fromEntries(pv.flatMap((value, m) => (value === null ? [] : [[`PV2_${m}`, value]]))),
      };
      const x = Array.from({ length: 60 }, () => 160 * random() - 20);
      const y = Array.from({ length: 60 }, () => 120 * random() - 20);
      return { name: `${code} ${k}`, header: Header.of(cards), axes: [1, 2, 1, 2], x, y };
    }),
  );
}

/** Worst distance from wcslib over all questions; where wcslib refuses a header, we have to as well. */
export async function againstWcslib(
  surroundings: Surroundings,
  questions: readonly Question[],
  limit: number,
): Promise<Measurement> {
  const answers = await askWcslib(surroundings, questions);
  const tally = new Tally();
  questions.forEach(({ name, header, alternate, x, y }, i) => {
    const answer = answers[i]!;
    const reading = readWcs(header, { frame: 'asWritten', ...(alternate && { alternate }) });
    if (typeof answer === 'string') {
      if ('code' in reading) tally.refused(name, `${reading.code} like wcslib`);
      else tally.refused(name, `no answer of wcslib (${answer})`);
    } else if ('code' in reading) tally.read(`${name} (refused as ${reading.code})`, Infinity, limit);
    else {
      const points = x.map((value, k) => [value, y[k]!, answer[k]![0] ?? NaN, answer[k]![1] ?? NaN]);
      tally.read(name, skyDeviation(reading.wcs, points), limit);
    }
  });
  return tally.measurement();
}
