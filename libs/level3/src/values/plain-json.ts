/** A sandbox value as JSON: typed arrays become lists, bigints text, numbers that are not finite null. */
export function jsonFromPlain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>, jsonFromPlain);
  if (Array.isArray(value)) return value.map(jsonFromPlain);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, jsonFromPlain(one)]));
  return value;
}
