import { describe, expect, it } from '@jest/globals';
import { angularSeparationDeg, CelestialWcs, projectionOf } from './index.js';

type Row = readonly [
  code: string,
  crval: readonly [number, number],
  lonPole: number | undefined,
  x: number,
  y: number,
  ra: number | null,
  dec: number | null,
];

/** Truth: wcslib 7.12; CRPIX (50.5, 40), CDELT (-0.5, 0.5) deg; pixels 0-based, null off the map. */
const ROWS: readonly Row[] = [
  ['TSC', [30.0, -45.0], undefined, 0, 0, 83.92537964520159, -56.122404805731136],
  ['TSC', [30.0, -45.0], undefined, 20, 80, 47.66500944037644, -19.616494978550943],
  ['TSC', [30.0, -45.0], undefined, 49.5, 200, 30.0, 33.0792614600777],
  ['TSC', [30.0, -45.0], undefined, 60.0, -150.0, 218.5303368030573, -38.97738307723356],
  ['TSC', [30.0, -45.0], undefined, -300.0, 39.0, 200.63108442154518, 44.61529493318429],
  ['TSC', [30.0, -45.0], undefined, -500.0, 20.0, 295.7314125059514, -12.587423274738255],
  ['TSC', [30.0, -45.0], undefined, 49.5, 39.0, 30.0, -45.0],
  ['TSC', [30.0, -45.0], undefined, 160.0, 150.0, null, null],
  ['CSC', [30.0, -45.0], undefined, 0, 0, 72.46555647394723, -55.781447131986916],
  ['CSC', [30.0, -45.0], undefined, 20, 80, 44.41899901606347, -25.057667778555853],
  ['CSC', [30.0, -45.0], undefined, 49.5, 200, 30.0, 36.17286546240665],
  ['CSC', [30.0, -45.0], undefined, 60.0, -150.0, 216.40077799432592, -40.6551154606589],
  ['CSC', [30.0, -45.0], undefined, -300.0, 39.0, 203.13474381154788, 44.7938567706279],
  ['CSC', [30.0, -45.0], undefined, -500.0, 20.0, 296.8292692401551, -9.30743726736236],
  ['CSC', [30.0, -45.0], undefined, 49.5, 39.0, 30.0, -45.0],
  ['CSC', [30.0, -45.0], undefined, 160.0, 150.0, null, null],
  ['QSC', [30.0, -45.0], undefined, 0, 0, 70.73228354990432, -55.47021118285985],
  ['QSC', [30.0, -45.0], undefined, 20, 80, 43.73118783689985, -25.55106448864014],
  ['QSC', [30.0, -45.0], undefined, 49.5, 200, 30.0, 35.73219384151926],
  ['QSC', [30.0, -45.0], undefined, 60.0, -150.0, 216.02759806992904, -41.05869029123371],
  ['QSC', [30.0, -45.0], undefined, -300.0, 39.0, 202.7814618858935, 44.772037417549406],
  ['QSC', [30.0, -45.0], undefined, -500.0, 20.0, 296.56360765851844, -9.18368118752695],
  ['QSC', [30.0, -45.0], undefined, 49.5, 39.0, 30.0, -45.0],
  ['QSC', [30.0, -45.0], undefined, 160.0, 150.0, null, null],
  ['XPH', [30.0, -45.0], undefined, 0, 0, 80.33671354462398, -57.01688017738554],
  ['XPH', [30.0, -45.0], undefined, 99, 10, 346.4343261529145, -53.74459905380065],
  ['XPH', [30.0, -45.0], undefined, 20, 80, 46.981367299874606, -22.841478221999807],
  ['XPH', [30.0, -45.0], undefined, 300, 39, null, null],
  ['XPH', [30.0, -45.0], undefined, 160.0, 150.0, 341.5999078968667, 21.809741406338365],
  ['XPH', [30.0, -45.0], undefined, -900, -900, null, null],
  ['XPH', [350.0, 20.0], 140.0, 0, 0, 24.666244604395615, 16.85361748829282],
  ['XPH', [350.0, 20.0], 140.0, 99, 10, 341.8444484395223, -8.040586657821867],
  ['XPH', [350.0, 20.0], 140.0, 20, 80, 348.51302087320306, 46.10998881853763],
  ['XPH', [350.0, 20.0], 140.0, 300, 39, null, null],
  ['XPH', [350.0, 20.0], 140.0, 160.0, 150.0, 267.6826846419226, 8.205793219345326],
  ['XPH', [350.0, 20.0], 140.0, -900, -900, null, null],
];

const wcsOf = (code: string, crval: readonly [number, number], lonPoleDeg?: number): CelestialWcs =>
  new CelestialWcs({
    crpix: { x: 49.5, y: 39 },
    crvalRaDeg: crval[0],
    crvalDecDeg: crval[1],
    cd: [
      [-0.5, 0],
      [0, 0.5],
    ],
    projection: projectionOf(code, []),
    ...(lonPoleDeg !== undefined && { lonPoleDeg }),
  });

describe('the cubes TSC, CSC, QSC and the butterfly XPH', () => {
  it.each(ROWS)('%s about %p, LONPOLE %p: pixel (%p, %p) is where wcslib has it, and back', (...row) => {
    const [code, crval, lonPole, x, y, ra, dec] = row;
    const wcs = wcsOf(code, crval, lonPole);
    const sky = wcs.pixelToSky(x, y);
    if (ra === null || dec === null) {
      expect(sky.raDeg).toBeNaN();
      return;
    }
    // wcslib computes the COBE cube in single precision: 6e-8 of half a face
    expect(angularSeparationDeg(sky.raDeg, sky.decDeg, ra, dec)).toBeLessThan(code === 'CSC' ? 1e-5 : 1e-11);
    const back = wcs.skyToPixel(sky.raDeg, sky.decDeg);
    expect(Math.hypot(back.x - x, back.y - y)).toBeLessThan(1e-10);
  });

  it.each(['TSC', 'CSC', 'QSC', 'XPH'])('%s maps the whole sphere and back to 1e-12', (code) => {
    const projection = projectionOf(code, []);
    const plane = new Float64Array(2);
    const back = new Float64Array(3);
    let worst = 0;
    for (let i = 0; i < 5000; i++) {
      // a spiral over the sphere, with both poles and the edges and corners of the cube
      const n = 1 - (2 * i) / 4999;
      const phi = i % 9 === 0 ? ((i % 8) * Math.PI) / 4 : i * 2.399963;
      const rho = Math.sqrt(1 - n * n);
      const [l, m] = [rho * Math.cos(phi), rho * Math.sin(phi)];
      const mapped = projection.toPlane(l, m, n, plane) && projection.toSphere(plane[0]!, plane[1]!, back);
      worst = Math.max(worst, mapped ? Math.hypot(back[0]! - l, back[1]! - m, back[2]! - n) : Infinity);
    }
    expect(worst).toBeLessThan(1e-12);
  });

  it.each(['QSC', 'XPH'])('%s is of equal area, as its papers say', (code) => {
    const projection = projectionOf(code, []);
    const column = (x: number, y: number): number[] => {
      const out = new Float64Array(3);
      projection.toSphere(x, y, out);
      return [...out];
    };
    const h = 1e-5;
    const areas = [
      [0.1, 0.2],
      [-0.3, 0.05],
      [0.5, -0.3],
      [-0.4, -0.45],
    ].map(([x, y]) => {
      const [e, w, n, s] = [column(x! + h, y!), column(x! - h, y!), column(x!, y! + h), column(x!, y! - h)];
      const p = e!.map((value, k) => (value - w![k]!) / (2 * h));
      const q = n!.map((value, k) => (value - s![k]!) / (2 * h));
      return Math.hypot(p[1]! * q[2]! - p[2]! * q[1]!, p[2]! * q[0]! - p[0]! * q[2]!, p[0]! * q[1]! - p[1]! * q[0]!);
    });
    // 4 pi over the area of the map: six faces of (pi/2)^2, or twelve HEALPix squares of 2 (pi/4)^2
    const truth = code === 'QSC' ? (4 * Math.PI) / (6 * (Math.PI / 2) ** 2) : (4 * Math.PI) / (24 * (Math.PI / 4) ** 2);
    for (const area of areas) expect(area).toBeCloseTo(truth, 8);
  });

  it('gives NaN for NaN, and on an edge of two faces one of them', () => {
    const wcs = wcsOf('QSC', [0, 0]);
    expect(wcs.pixelToSky(NaN, 3).raDeg).toBeNaN();
    expect(wcs.skyToPixel(NaN, 3).x).toBeNaN();
    const edge = wcs.skyToPixel(45, 0);
    expect(Math.abs(edge.x - 49.5)).toBeCloseTo(90, 9);
  });
});
