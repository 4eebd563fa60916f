// Columns of a compiled query as FIELDs of a VOTable.

import type { ResultColumn } from '#libs/adql';
import type { VotableCoosys, VotableField, VotableTimesys } from '#libs/table';

/** Names in a result are unique, so the batches have them too. */
export function resultField({
  name,
  datatype,
  arraysize,
  xtype,
  unit,
  ucd,
  utype,
  description,
}: ResultColumn): VotableField {
  const time = datatype === 'timestamp';
  return {
    name,
    datatype: time ? 'char' : datatype,
    ...((time || arraysize) && { arraysize: time ? '*' : arraysize }),
    ...((time || xtype) && { xtype: time ? 'timestamp' : xtype }),
    ...(unit && { unit }),
    ...(ucd && { ucd }),
    ...(utype && { utype }),
    ...(description && { description }),
  };
}

const COOSYS: VotableCoosys = { ID: 'icrs', system: 'ICRS' };
const TIMESYS: VotableTimesys = {
  ID: 'mjd_tai',
  timeorigin: 'MJD-origin',
  timescale: 'TAI',
  refposition: 'TOPOCENTER',
};

const isPosition = ({ ucd }: VotableField): boolean => /^pos\.eq\.(ra|dec)(;|$)/.test(ucd ?? '');
const isMjdTai = ({ name, unit }: VotableField): boolean => unit === 'd' && /mjd|t_min|t_max/i.test(name);

/** The frames that the fields refer to: ICRS for positions, MJD TAI for times. */
export function withSystems(fields: readonly VotableField[]): {
  readonly fields: readonly VotableField[];
  readonly coosys: readonly VotableCoosys[];
  readonly timesys: readonly VotableTimesys[];
} {
  const referring = fields.map((field): VotableField => {
    if (isPosition(field)) return { ...field, ref: COOSYS.ID };
    return isMjdTai(field) ? { ...field, ref: TIMESYS.ID } : field;
  });
  const used = (id: string): boolean => referring.some(({ ref }) => ref === id);
  return { fields: referring, coosys: used(COOSYS.ID) ? [COOSYS] : [], timesys: used(TIMESYS.ID) ? [TIMESYS] : [] };
}
