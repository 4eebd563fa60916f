import type { SkyPosition } from '#libs/sky';

/**
 * Corners of ADQL's BOX: the centre plus and minus half the width in right ascension and half the height in declination,
 * joined by great circles, as in the standard's example (BOX(25.4, -20, 10, 10) is POLYGON(20.4, -15, 20.4, -25, 30.4, -25, 30.4, -15)).
 */
export function boxVertices(
  centre: SkyPosition,
  widthDeg: number,
  heightDeg: number,
  fail: (reason: string) => Error,
): SkyPosition[] {
  if (!(widthDeg > 0 && widthDeg < 180) || !(heightDeg > 0))
    throw fail(
      `a box has a width between 0 and 180 degrees and a positive height, and this is ${widthDeg} by ${heightDeg}`,
    );
  const { raDeg, decDeg } = centre;
  if (Math.abs(decDeg) + heightDeg / 2 > 90) throw fail('the box reaches over a pole: use a CIRCLE or a POLYGON');
  const [w, h] = [widthDeg / 2, heightDeg / 2];
  return [
    { raDeg: raDeg - w, decDeg: decDeg + h },
    { raDeg: raDeg - w, decDeg: decDeg - h },
    { raDeg: raDeg + w, decDeg: decDeg - h },
    { raDeg: raDeg + w, decDeg: decDeg + h },
  ];
}
