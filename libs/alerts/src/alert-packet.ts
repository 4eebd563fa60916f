import { AlertError } from './alert-error.js';
import { ALERT_SCHEMA_ID, type AlertField } from './alert-fields.js';
import { ALERT_TYPE, DIA_FORCED_SOURCE, DIA_OBJECT, DIA_SOURCE, MPC_ORBIT, SS_SOURCE } from './alert-schema.js';

/** A catalog row: values by column name. */
export type CatalogRow = Readonly<Record<string, unknown>>;

/** What goes into one alert. Rows may carry more columns than the packet has; angles deg, fluxes nJy, times MJD TAI. */
export interface AlertContent {
  readonly diaSource: CatalogRow;
  readonly previousDiaSources: readonly CatalogRow[];
  readonly previousForcedSources: readonly CatalogRow[];
  readonly diaObject?: CatalogRow;
  readonly ssSource?: CatalogRow;
  readonly mpcOrbit?: CatalogRow;
  readonly cutouts?: { readonly difference: Uint8Array; readonly science: Uint8Array; readonly template: Uint8Array };
  readonly observationReason?: string;
  readonly targetName?: string;
}

type AvroRecord = Record<string, unknown>;

function toRecord(fields: readonly AlertField[], row: CatalogRow, table: string): AvroRecord {
  return Object.fromEntries(fields.map((field) => [field.name, toValue(field, row[field.name], table)]));
}

function toValue(field: AlertField, value: unknown, table: string): unknown {
  if (value === null || value === undefined) {
    if (field.nullable) return null;
    // Counts of a measurement that was not attempted are zero; anything else must be there.
    if (field.type === 'int') return 0;
    throw new AlertError('MISSING_FIELD', `${table}.${field.name} has no value`, value);
  }
  switch (field.type) {
    case 'long':
      return typeof value === 'bigint' ? value : BigInt(value as number | string);
    case 'timestamp':
      return BigInt(new Date(value as string).getTime()) * 1000n;
    case 'int':
    case 'float':
    case 'double': {
      const number = Number(value);
      if (field.type === 'int' && !Number.isInteger(number))
        throw new AlertError('BAD_VALUE', `${table}.${field.name} must be a whole number, not ${number}`, value);
      return field.nullable && Number.isNaN(number) ? null : number;
    }
    case 'boolean':
      return Boolean(value);
    case 'string':
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
}

/** Builds the packet as a plain value of ALERT_TYPE. Throws AlertError naming the field that does not fit. */
export function buildAlert(content: AlertContent): AvroRecord {
  const diaSource = toRecord(DIA_SOURCE, content.diaSource, 'diaSource');
  const bytes = (value: Uint8Array | undefined): Buffer | null =>
    value ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : null;
  return {
    diaSourceId: diaSource['diaSourceId'],
    observation_reason: content.observationReason ?? null,
    target_name: content.targetName ?? null,
    diaSource,
    prvDiaSources: content.previousDiaSources.length
      ? content.previousDiaSources.map((row) => toRecord(DIA_SOURCE, row, 'prvDiaSources'))
      : null,
    prvDiaForcedSources: content.previousForcedSources.length
      ? content.previousForcedSources.map((row) => toRecord(DIA_FORCED_SOURCE, row, 'prvDiaForcedSources'))
      : null,
    diaObject: content.diaObject ? toRecord(DIA_OBJECT, content.diaObject, 'diaObject') : null,
    ssSource: content.ssSource ? toRecord(SS_SOURCE, content.ssSource, 'ssSource') : null,
    mpc_orbits: content.mpcOrbit ? toRecord(MPC_ORBIT, content.mpcOrbit, 'mpc_orbits') : null,
    cutoutDifference: bytes(content.cutouts?.difference),
    cutoutScience: bytes(content.cutouts?.science),
    cutoutTemplate: bytes(content.cutouts?.template),
  };
}

const HEADER_LENGTH = 5;

/** Wire form: one zero byte, the schema id (big-endian, 4 bytes), the Avro body. */
export function encodeAlert(alert: AvroRecord): Buffer {
  const body = ALERT_TYPE.toBuffer(alert);
  const frame = Buffer.allocUnsafe(HEADER_LENGTH + body.length);
  frame[0] = 0;
  frame.writeUInt32BE(ALERT_SCHEMA_ID, 1);
  body.copy(frame, HEADER_LENGTH);
  return frame;
}

/** Reads the wire form back. */
export function decodeAlert(frame: Uint8Array): AvroRecord {
  const buffer = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  if (buffer.length < HEADER_LENGTH || buffer[0] !== 0)
    throw new AlertError(
      'BAD_FRAME',
      `an alert starts with a zero byte and a schema id; this has ${buffer.length} bytes and starts with ${buffer[0]}`,
    );
  const schemaId = buffer.readUInt32BE(1);
  if (schemaId !== ALERT_SCHEMA_ID)
    throw new AlertError('UNKNOWN_SCHEMA', `schema id ${schemaId} is not ${ALERT_SCHEMA_ID}`, schemaId);
  try {
    return ALERT_TYPE.fromBuffer(buffer.subarray(HEADER_LENGTH)) as AvroRecord;
  } catch (error) {
    throw new AlertError('BAD_FRAME', `the body is not an alert of schema ${schemaId}: ${(error as Error).message}`);
  }
}

/** JSON view: identifiers as strings, cut-outs left out (they are served as FITS and PNG). */
export function alertToJson(alert: AvroRecord): Record<string, unknown> {
  const { cutoutDifference, cutoutScience, cutoutTemplate, ...rest } = alert;
  const plain = JSON.parse(
    JSON.stringify(rest, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
  ) as Record<string, unknown>;
  return {
    ...plain,
    cutouts: {
      difference: cutoutDifference !== null,
      science: cutoutScience !== null,
      template: cutoutTemplate !== null,
    },
  };
}
