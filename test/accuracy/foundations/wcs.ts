// World coordinates of images: stored headers against wcslib, every projection against wcslib at random, our headers read by astropy.
import { Header } from '#libs/fits';
import {
  angularSeparationDeg,
  CelestialWcs,
  cdMatrix,
  fitTanSip,
  makeTanSipWcs,
  projectionOf,
  SipMap,
  sipPolynomial,
  TpvMap,
  wcsFromHeader,
} from '#libs/sky';
import type { TruthCase } from '../truth-case.js';
import { generator } from './erfa.js';
import {
  allCelestialHeaders,
  keyrecHeaders,
  overStoredHeaders,
  readWcs,
  roundTrip,
  skyDeviation,
  Tally,
} from './wcs-headers.js';
import { againstWcslib, askWcslib, PROJECTIONS, projectionQuestions, type Question } from './wcslib.js';

const STORED = 'astropy 8.0.1 (wcslib), stored with the data';
/** wcslib computes the COBE cube in single precision (6e-8 of 45 deg, a few times that near corners), and so was the truth stored */
const isCobe = (name: string): boolean => name.includes('CSC');

/** Our own descriptions, with everything that can stand in a header. */
function ownDescriptions(): CelestialWcs[] {
  const base = { crpix: { x: 511.5, y: 300.25 }, crvalRaDeg: 359.999, crvalDecDeg: -60, cd: cdMatrix(0.4, 33) };
  const sip = new SipMap(
    sipPolynomial(3, [
      [2, 0, 2e-6],
      [1, 1, -1e-6],
      [3, 0, 1e-9],
    ]),
    sipPolynomial(2, [
      [0, 2, 4e-6],
      [2, 0, -1e-6],
    ]),
  );
  const pv = Float64Array.from({ length: 40 }, (_, m) => (m === 1 ? 1 : m === 2 || m === 0 ? 0 : 1e-3 / (m + 1)));
  return [
    makeTanSipWcs({ ...base, sip }),
    new CelestialWcs({ ...base, tpv: new TpvMap(pv, pv.slice(0, 23)) }),
    new CelestialWcs({ ...base, fiducial: { phi0: 20, theta0: 40, offset: true }, lonPoleDeg: 170 }),
    ...PROJECTIONS.filter(([code]) => code !== 'CSC').map(
      ([code, parameters]) =>
        new CelestialWcs({
          ...base,
          crvalDecDeg: 41,
          cd: cdMatrix(400, 12),
          projection: projectionOf(code, readParameters(code, parameters)),
        }),
    ),
  ];
}

/** parameters as a header gives them, defaults filled in by the reader */
const readParameters = (code: string, pv: readonly (number | null)[]): readonly number[] =>
  wcsFromHeader(
    Header.of({
      CTYPE1: `RA---${code}`,
      CTYPE2: `DEC--${code}`,
      CRVAL2: 41,
      ...Object.fromEntries(pv.flatMap((value, m) => (value === null ? [] : [[`PV2_${m}`, value]]))),
    }),
  ).description.projection!.parameters;

const LETTERS = ['', ...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('')];

export const wcs: readonly TruthCase[] = [
  {
    room: 'wcs',
    name: 'stored headers of the FITS set, pixel to sky',
    truth: STORED,
    limit: 1e-9,
    unit: 'deg',
    needs: ['data'],
    measure: (around) => overStoredHeaders(around, '8_fits', 1e-9, skyDeviation, (name) => !isCobe(name)),
  },
  {
    room: 'wcs',
    name: 'stored header of the COBE cube, which wcslib computes in float32',
    truth: STORED,
    limit: 3e-5,
    unit: 'deg',
    needs: ['data'],
    measure: (around) => overStoredHeaders(around, '8_fits', 3e-5, skyDeviation, isCobe),
  },
  {
    room: 'wcs',
    name: 'stored headers of the FITS set, pixel to sky to pixel',
    truth: 'identity',
    limit: 1e-6,
    unit: 'px',
    needs: ['data'],
    measure: (around) => overStoredHeaders(around, '8_fits', 1e-6, roundTrip),
  },
  {
    room: 'wcs',
    name: 'stored headers of the survey images, pixel to sky',
    truth: STORED,
    limit: 1e-9,
    unit: 'deg',
    needs: ['data'],
    measure: (around) => overStoredHeaders(around, '3_coadd_astrometry', 1e-9, skyDeviation),
  },
  {
    room: 'wcs',
    name: 'stored headers of the survey images, pixel to sky to pixel',
    truth: 'identity',
    limit: 1e-6,
    unit: 'px',
    needs: ['data'],
    measure: (around) => overStoredHeaders(around, '3_coadd_astrometry', 1e-6, roundTrip),
  },
  {
    room: 'wcs',
    name: "wcslib's own test headers with all their alternates",
    truth: 'wcslib through astropy',
    limit: 1e-9,
    unit: 'deg',
    needs: ['data', 'python:astropy'],
    async measure(around) {
      const tally = new Tally();
      const questions: Question[] = [];
      for (const { name, header, cards } of keyrecHeaders(around))
        for (const alternate of LETTERS) {
          if (!/^(RA|[GESH]LON)/.test(String(header.get(`CTYPE1${alternate}`) ?? ''))) continue;
          const reading = readWcs(header, { frame: 'asWritten', alternate });
          if ('code' in reading) {
            tally.refused(`${name} ${alternate}`.trim(), reading.code);
            continue;
          }
          const [px, py] = reading.wcs.description.pixelAxes ?? [1, 2];
          const { x, y } = reading.wcs.description.crpix;
          const at = [-90, -35, 1, 60, 110];
          questions.push({
            name: `${name} ${alternate}`.trim(),
            header,
            cards,
            alternate: alternate || ' ',
            axes: [1, 2, px, py],
            x: at.map((step) => x + 1 + step),
            y: at.map((step) => y + 1 - 0.7 * step),
          });
        }
      const answers = await askWcslib(around, questions);
      questions.forEach(({ name, header, alternate, x, y }, i) => {
        const answer = answers[i]!;
        const reading = readWcs(header, { frame: 'asWritten', alternate: alternate!.trim() });
        if (typeof answer === 'string') tally.refused(name, `no answer of wcslib (${answer.slice(0, 60)})`);
        else if ('wcs' in reading)
          tally.read(
            name,
            skyDeviation(
              reading.wcs,
              x.map((value, k) => [value, y[k]!, answer[k]![0] ?? NaN, answer[k]![1] ?? NaN]),
            ),
            1e-9,
          );
      });
      return tally.measurement();
    },
  },
  {
    room: 'wcs',
    name: 'every celestial header of the real data',
    truth: 'wcslib through astropy',
    limit: 1e-9,
    unit: 'deg',
    needs: ['data', 'python:astropy'],
    async measure(around) {
      const headers = (await allCelestialHeaders(around)).filter(({ name }) => !isCobe(name));
      const x = [-30, 11, 60.5, 210];
      const y = [120, 99.5, 74.75, 0];
      const questions = headers.map(({ name, header }): Question => ({ name, header, axes: [1, 2, 1, 2], x, y }));
      return againstWcslib(around, questions, 1e-9);
    },
  },
  {
    room: 'wcs',
    name: 'all projections, four orientations, random pixels of a wide map',
    truth: 'wcslib through astropy',
    limit: 1e-9,
    unit: 'deg',
    needs: ['python:astropy'],
    measure: (around) =>
      againstWcslib(
        around,
        projectionQuestions((code) => code !== 'CSC'),
        1e-9,
      ),
  },
  {
    room: 'wcs',
    name: 'all projections, pixel to sky to pixel over the wide map',
    truth: 'identity',
    limit: 1e-6,
    unit: 'px',
    measure() {
      const tally = new Tally();
      for (const { name, header, x, y } of projectionQuestions(() => true)) {
        const reading = readWcs(header, {});
        if ('code' in reading) tally.refused(name, reading.code);
        else tally.read(name, inverseDeviation(reading.wcs, x, y), 1e-6);
      }
      return tally.measurement();
    },
  },
  {
    room: 'wcs',
    name: 'the COBE cube in four orientations, which wcslib computes in float32',
    truth: 'wcslib through astropy',
    limit: 3e-5,
    unit: 'deg',
    needs: ['python:astropy'],
    measure: (around) =>
      againstWcslib(
        around,
        projectionQuestions((code) => code === 'CSC'),
        3e-5,
      ),
  },
  {
    room: 'wcs',
    name: 'headers that we write, read by another program',
    truth: 'wcslib through astropy',
    limit: 1e-9,
    unit: 'deg',
    needs: ['python:astropy'],
    async measure(around) {
      const random = generator(5);
      const questions = ownDescriptions().map((own): Question & { own: CelestialWcs } => {
        const header = new Header();
        own.writeTo(header);
        return {
          own,
          name: String(header.get('CTYPE1')),
          header,
          axes: [1, 2, 1, 2],
          x: Array.from({ length: 20 }, () => 1000 * random()),
          y: Array.from({ length: 20 }, () => 800 * random()),
        };
      });
      const answers = await askWcslib(around, questions);
      const tally = new Tally();
      questions.forEach(({ own, name, x, y }, i) => {
        const answer = answers[i]!;
        if (typeof answer === 'string') tally.read(`${name}: ${answer}`, Infinity, 1e-9);
        else {
          const points = x.map((value, k) => [value, y[k]!, answer[k]![0] ?? NaN, answer[k]![1] ?? NaN]);
          tally.read(name, skyDeviation(own, points), 1e-9);
        }
      });
      return tally.measurement();
    },
  },
  {
    room: 'wcs',
    name: 'SIP of order 3: sky to pixel, where the other program iterates too',
    truth: 'astropy all_world2pix to 1e-10 px',
    limit: 1e-8,
    unit: 'px',
    needs: ['python:astropy'],
    async measure(around) {
      const [own] = ownDescriptions() as [CelestialWcs];
      const header = new Header();
      own.writeTo(header);
      const random = generator(3);
      const x = Array.from({ length: 500 }, () => 1024 * random());
      const y = Array.from({ length: 500 }, () => 1024 * random());
      const sky = x.map((value, k) => own.pixelToSky(value, y[k]!));
      const script = `
import json, sys, warnings
warnings.simplefilter('ignore')
from astropy.io import fits
from astropy.wcs import WCS
q = json.load(sys.stdin)
x, y = WCS(fits.Header.fromstring(q['cards'])).all_world2pix(q['ra'], q['dec'], 0, tolerance=1e-10, maxiter=50)
print(json.dumps([x.tolist(), y.tolist()]))`;
      const cards = Buffer.from(header.encode()).toString('latin1');
      const input = JSON.stringify({ cards, ra: sky.map((s) => s.raDeg), dec: sky.map((s) => s.decDeg) });
      const [tx, ty] = JSON.parse((await around.python(script, input)).toString()) as [number[], number[]];
      return sky.reduce((worst, { raDeg, decDeg }, k) => {
        const pixel = own.skyToPixel(raDeg, decDeg);
        return Math.max(worst, Math.hypot(pixel.x - tx[k]!, pixel.y - ty[k]!));
      }, 0);
    },
  },
  {
    room: 'wcs',
    name: 'TAN-SIP fitted to pairs of another program, at other pixels',
    truth: 'astropy all_pix2world',
    limit: 1e-9,
    unit: 'deg',
    needs: ['python:astropy'],
    async measure(around) {
      const [own] = ownDescriptions() as [CelestialWcs];
      const header = new Header();
      own.writeTo(header);
      const random = generator(17);
      const x = Array.from({ length: 600 }, () => 1024 * random());
      const y = Array.from({ length: 600 }, () => 1024 * random());
      const axes = [1, 2, 1, 2] as const;
      const [answer] = await askWcslib(around, [{ name: 'SIP', header, axes, x, y }]);
      const rows = (answer as readonly (readonly number[])[]).map(([ra, dec], k) => [x[k]!, y[k]!, ra!, dec!]);
      const pairs = rows.slice(0, 300);
      const column = (k: number): number[] => pairs.map((row) => row[k]!);
      const { wcs: fitted } = fitTanSip(
        { x: column(0).map((v) => v - 1), y: column(1).map((v) => v - 1), raDeg: column(2), decDeg: column(3) },
        { crpix: { x: 511.5, y: 511.5 }, half: 512, order: 5 },
      );
      return skyDeviation(fitted, rows.slice(300));
    },
  },
];

/** Distance in pixels, or where a map repeats the sky (x beyond 360 degrees) the distance on the sky in pixels of it. */
function inverseDeviation(wcs: CelestialWcs, x: readonly number[], y: readonly number[]): number {
  let worst = 0;
  x.forEach((value, k) => {
    const sky = wcs.pixelToSky(value - 1, y[k]! - 1);
    if (Number.isNaN(sky.raDeg)) return;
    const pixel = wcs.skyToPixel(sky.raDeg, sky.decDeg);
    const again = wcs.pixelToSky(pixel.x, pixel.y);
    const apart = angularSeparationDeg(again.raDeg, again.decDeg, sky.raDeg, sky.decDeg);
    const distance = Math.min(Math.hypot(pixel.x - value + 1, pixel.y - y[k]! + 1), apart);
    worst = Math.max(worst, Number.isNaN(distance) ? Infinity : distance);
  });
  return worst;
}
