import type { Exposure } from '#libs/image';
import type { Table } from '#libs/table';

/** What the alert of each detection needs besides the tables: where its cut-outs lie, and linear world coordinates around it. */
export function alertPayload(
  run: string,
  science: Exposure,
  detections: Table,
): (diaSourceId: bigint) => Readonly<Record<string, unknown>> | undefined {
  const rows = new Map(Array.from(detections.data('diaSourceId', 'long'), (id, row) => [id, row]));
  const { wcs } = science;
  return (diaSourceId) => {
    const row = rows.get(diaSourceId);
    if (row === undefined || !wcs) return undefined;
    const [x, y] = [Number(detections.value('x', row)), Number(detections.value('y', row))];
    const here = wcs.pixelToSky(x, y);
    const east = (x1: number, y1: number): readonly [number, number] => {
      const there = wcs.pixelToSky(x1, y1);
      let dRa = there.raDeg - here.raDeg;
      dRa -= 360 * Math.round(dRa / 360);
      return [dRa * Math.cos((here.decDeg * Math.PI) / 180), there.decDeg - here.decDeg];
    };
    const [cd11, cd21] = east(x + 1, y);
    const [cd12, cd22] = east(x, y + 1);
    // the stamp's middle pixel is the one nearest to the detection
    return {
      run,
      wcs: {
        dx: x - Math.round(x),
        dy: y - Math.round(y),
        raDeg: here.raDeg,
        decDeg: here.decDeg,
        cd: [cd11, cd12, cd21, cd22],
      },
    };
  };
}
