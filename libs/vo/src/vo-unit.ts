/** Units of the published schema that are no VOUnits 1.0, and what they mean. */
const AS_VO_UNIT: Readonly<Record<string, string>> = {
  '1e-10.au.d-2': '1e-10au.d**-2',
  'deg.d-1': 'deg.d**-1',
  'm2.t-1': 'm**2.Mg**-1',
};

export const voUnit = (unit: string): string => AS_VO_UNIT[unit] ?? unit;
