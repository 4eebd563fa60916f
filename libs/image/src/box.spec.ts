import { describe, expect, it } from '@jest/globals';
import { boxContains, growBox, intersectBoxes } from './index.js';

describe('box', () => {
  it('covers half a pixel around its outermost pixel centres', () => {
    const box = { x0: 0, y0: 0, width: 4, height: 2 };
    expect([boxContains(box, -0.5, 0), boxContains(box, 3.49, 1.49), boxContains(box, 3.5, 0)]).toEqual([
      true,
      true,
      false,
    ]);
  });
  it('has no intersection with a box that only touches it', () => {
    const box = { x0: 0, y0: 0, width: 4, height: 4 };
    expect(intersectBoxes(box, { x0: 4, y0: 0, width: 2, height: 2 })).toBeUndefined();
    expect(intersectBoxes(box, { x0: 3, y0: -1, width: 9, height: 3 })).toEqual({ x0: 3, y0: 0, width: 1, height: 2 });
  });
  it('grows by the same margin on every side', () => {
    expect(growBox({ x0: 2, y0: 3, width: 1, height: 1 }, 2)).toEqual({ x0: 0, y0: 1, width: 5, height: 5 });
  });
});
