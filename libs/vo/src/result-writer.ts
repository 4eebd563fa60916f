// A result in the format that was asked for, as a stream of bytes.

import {
  type Table,
  type VotableField,
  type VotableInfo,
  type VotableResource,
  type VotableSerialization,
  writeCsv,
  writeParquet,
  writeVotable,
} from '#libs/table';
import type { ResponseFormat } from './response-format.js';
import { withSystems } from './result-columns.js';
import { writeFitsTable } from './write-fits.js';
import { writeJson } from './write-json.js';

/** What is known only after the last row. */
export interface ResultOutcome {
  rows: number;
  overflow: boolean;
  /** what the rows ended in, if not well */
  error?: unknown;
}

export interface WrittenResult {
  readonly fields: readonly VotableField[];
  readonly batches: AsyncIterable<Table>;
  readonly outcome: ResultOutcome;
  /** the message of an error for the reader of a result that ends in one */
  readonly messageOf: (error: unknown) => string;
  readonly infos?: readonly VotableInfo[];
  /** service descriptors */
  readonly resources?: readonly VotableResource[];
  readonly description?: string;
}

const SERIALIZATIONS: Readonly<Record<string, VotableSerialization>> = {
  votable: 'BINARY2',
  'votable/b2': 'BINARY2',
  'votable/b': 'BINARY',
  'votable/td': 'TABLEDATA',
};

const status = (value: string, text?: string): VotableInfo => ({
  name: 'QUERY_STATUS',
  value,
  ...(text !== undefined && { text }),
});

/** BINARY has no other way to say that an integer is missing. */
const LOWEST: Readonly<Record<string, string>> = {
  unsignedByte: '255',
  short: '-32768',
  int: '-2147483648',
  long: '-9223372036854775808',
};
const withNulls = (field: VotableField): VotableField =>
  field.arraysize === undefined && LOWEST[field.datatype] !== undefined
    ? { ...field, values: [{ null: LOWEST[field.datatype]! }] }
    : field;

export function writeResult(format: ResponseFormat, result: WrittenResult): AsyncIterable<Uint8Array> {
  switch (format.name) {
    case 'json':
      return writeJson(result);
    case 'csv':
      return writeCsv(names(result), result.batches);
    case 'tsv':
      return writeCsv(names(result), result.batches, { delimiter: '\t' });
    case 'fits':
      return writeFitsTable(result);
    case 'parquet': {
      const { fields, coosys, timesys } = withSystems(result.fields);
      return writeParquet(fields, result.batches, { document: { coosys, timesys } });
    }
    default:
      return writeAsVotable(SERIALIZATIONS[format.name]!, result);
  }
}

const names = ({ fields }: WrittenResult): string[] => fields.map(({ name }) => name);

function writeAsVotable(serialization: VotableSerialization, result: WrittenResult): AsyncIterable<Uint8Array> {
  const { fields, coosys, timesys } = withSystems(result.fields);
  return writeVotable(
    {
      infos: [status('OK'), ...(result.infos ?? [])],
      coosys,
      timesys,
      fields: serialization === 'BINARY' ? fields.map(withNulls) : fields,
      trailingInfos: () => (result.outcome.overflow ? [status('OVERFLOW')] : []),
      ...(result.description !== undefined && { description: result.description }),
      ...(result.resources && { resources: result.resources }),
    },
    result.batches,
    { serialization, onRowError: (error) => status('ERROR', result.messageOf(error)) },
  );
}
