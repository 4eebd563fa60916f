import { describe, expect, it } from '@jest/globals';
import { Arena } from './arena.js';

const MIB = 1024 ** 2;

describe('the arena of a job', () => {
  it('hands out aligned planes of zeros that do not overlap, and keeps early ones valid when it grows', () => {
    const arena = new Arena({ maximumBytes: 16 * MIB });
    const first = arena.float32(10).fill(7);
    const second = arena.float64(3).fill(8);
    const large = arena.int32(MIB);
    expect([first, second, large].map(({ byteOffset }) => byteOffset % 64)).toEqual([0, 0, 0]);
    expect([...first]).toEqual(Array(10).fill(7));
    expect([...second]).toEqual([8, 8, 8]);
    expect(large.every((value) => value === 0)).toBe(true);
    large.fill(-1);
    expect(first[9]).toBe(7);
  });
  it('clears what an earlier job wrote, and only then grows', () => {
    const arena = new Arena({ maximumBytes: 4 * MIB });
    arena.float32(1000).fill(NaN);
    const reserved = arena.reservedBytes;
    arena.reset();
    arena.float32(10);
    arena.reset();
    expect(arena.float32(1000).every((value) => value === 0)).toBe(true);
    expect(arena.reservedBytes).toBe(reserved);
    expect(arena.usedBytes).toBe(4032);
  });
  it('reaches its limit to the last byte and then refuses', () => {
    const arena = new Arena({ maximumBytes: MIB, baseBytes: 100 });
    expect(arena.float32(0)).toHaveLength(0);
    expect(arena.int32((MIB - 128) / 4).byteOffset).toBe(128);
    expect(() => arena.float32(1)).toThrow(expect.objectContaining({ kind: 'unprocessable', code: 'ARENA_FULL' }));
    arena.reset();
    expect(arena.float32(1)).toHaveLength(1);
    expect(() => arena.float32(-1)).toThrow(expect.objectContaining({ code: 'INVALID_LENGTH' }));
    expect(() => arena.float32(NaN)).toThrow(expect.objectContaining({ code: 'INVALID_LENGTH' }));
  });
});
