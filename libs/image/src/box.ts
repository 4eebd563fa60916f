/** An integer pixel box: columns x0 .. x0 + width - 1, rows y0 .. y0 + height - 1. */
export interface Box {
  readonly x0: number;
  readonly y0: number;
  readonly width: number;
  readonly height: number;
}

export const boxContains = (box: Box, x: number, y: number): boolean =>
  x >= box.x0 - 0.5 && x < box.x0 + box.width - 0.5 && y >= box.y0 - 0.5 && y < box.y0 + box.height - 0.5;

/** The overlap of two boxes, or undefined when they share no pixel. */
export function intersectBoxes(a: Box, b: Box): Box | undefined {
  const x0 = Math.max(a.x0, b.x0);
  const y0 = Math.max(a.y0, b.y0);
  const x1 = Math.min(a.x0 + a.width, b.x0 + b.width);
  const y1 = Math.min(a.y0 + a.height, b.y0 + b.height);
  return x1 > x0 && y1 > y0 ? { x0, y0, width: x1 - x0, height: y1 - y0 } : undefined;
}

export const growBox = (box: Box, margin: number): Box => ({
  x0: box.x0 - margin,
  y0: box.y0 - margin,
  width: box.width + 2 * margin,
  height: box.height + 2 * margin,
});
