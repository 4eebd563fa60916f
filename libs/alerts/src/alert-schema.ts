import avro from 'avsc';
import {
  ALERT_SCHEMA_VERSION,
  type AlertField,
  DIA_FORCED_SOURCE_FIELDS,
  DIA_OBJECT_FIELDS,
  DIA_SOURCE_FIELDS,
  MPC_ORBIT_FIELDS,
  parseFields,
  SS_SOURCE_FIELDS,
} from './alert-fields.js';

const NAMESPACE = `lsst.v${ALERT_SCHEMA_VERSION.major}_${ALERT_SCHEMA_VERSION.minor}`;

/** Avro `long` as bigint, so that 64-bit identifiers stay exact. */
export const longAsBigInt = avro.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(value);
    return buffer;
  },
  fromJSON: (value: number | string) => BigInt(value),
  toJSON: (value: bigint) => Number(value),
  isValid: (value: unknown) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
});

export type AvroSchema = string | { readonly [key: string]: unknown } | readonly AvroSchema[];

function avroField(field: AlertField): Record<string, unknown> {
  const type = field.type === 'timestamp' ? { type: 'long', logicalType: 'timestamp-micros' } : field.type;
  return field.nullable ? { name: field.name, type: ['null', type], default: null } : { name: field.name, type };
}

const record = (name: string, fields: readonly AlertField[]): AvroSchema => ({
  type: 'record',
  name,
  fields: fields.map(avroField),
});

export const DIA_SOURCE = parseFields(DIA_SOURCE_FIELDS);
export const DIA_FORCED_SOURCE = parseFields(DIA_FORCED_SOURCE_FIELDS);
export const DIA_OBJECT = parseFields(DIA_OBJECT_FIELDS);
export const SS_SOURCE = parseFields(SS_SOURCE_FIELDS);
export const MPC_ORBIT = parseFields(MPC_ORBIT_FIELDS);

const orNull = (name: string, type: AvroSchema): Record<string, unknown> => ({
  name,
  type: ['null', type],
  default: null,
});

/** The alert packet's Avro schema (JSON form), version 11.0. */
export const ALERT_AVRO_SCHEMA: AvroSchema = {
  type: 'record',
  namespace: NAMESPACE,
  name: 'alert',
  doc: 'One difference-image detection with its history and cut-outs.',
  fields: [
    { name: 'diaSourceId', type: 'long' },
    orNull('observation_reason', 'string'),
    orNull('target_name', 'string'),
    { name: 'diaSource', type: record('diaSource', DIA_SOURCE) },
    orNull('prvDiaSources', { type: 'array', items: 'diaSource' }),
    orNull('prvDiaForcedSources', { type: 'array', items: record('diaForcedSource', DIA_FORCED_SOURCE) }),
    orNull('diaObject', record('diaObject', DIA_OBJECT)),
    orNull('ssSource', record('ssSource', SS_SOURCE)),
    orNull('mpc_orbits', record('mpc_orbits', MPC_ORBIT)),
    orNull('cutoutDifference', 'bytes'),
    orNull('cutoutScience', 'bytes'),
    orNull('cutoutTemplate', 'bytes'),
  ],
};

/** Compiled once; values use bigint for `long` and Buffer for bytes. */
export const ALERT_TYPE = avro.Type.forSchema(ALERT_AVRO_SCHEMA as avro.Schema, {
  registry: { long: longAsBigInt },
  wrapUnions: false,
});
