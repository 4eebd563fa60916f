// Parquet columns and those of a table: which physical and logical type stands for which column type.

import type { SchemaElement } from 'hyparquet';
import type { ElementType } from '../array-column.js';
import { TableError } from '../errors.js';
import type { ColumnType } from '../table.js';
import type { CellFormat } from '../votable/cells.js';
import { COLUMN_TYPES, ELEMENT_TYPES } from '../votable/cells.js';

type Leaf = Pick<SchemaElement, 'type' | 'converted_type' | 'logical_type' | 'type_length'>;

/** Small integers without their logical type, whose width the encoder writes as another Thrift type than readers want. */
const LEAVES: Readonly<Record<ElementType, Leaf>> = {
  double: { type: 'DOUBLE' },
  float: { type: 'FLOAT' },
  int: { type: 'INT32' },
  short: { type: 'INT32', converted_type: 'INT_16' },
  byte: { type: 'INT32', converted_type: 'UINT_8' },
  long: { type: 'INT64' },
  boolean: { type: 'BOOLEAN' },
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  floatComplex: { type: 'FLOAT' },
  doubleComplex: { type: 'DOUBLE' },
};

/** A column is a leaf, an array a list of leaves (of two for each complex number); all may be null. */
export function schemaElements(formats: readonly CellFormat[]): SchemaElement[] {
  const root: SchemaElement = { name: 'schema', num_children: formats.length };
  return [
    root,
    ...formats.flatMap(({ kind, column, field }): SchemaElement[] => {
      if (kind === 'column')
        return [{ name: column, repetition_type: 'OPTIONAL', ...LEAVES[COLUMN_TYPES[field.datatype]!] }];
      return [
        {
          name: column,
          repetition_type: 'OPTIONAL',
          num_children: 1,
          converted_type: 'LIST',
          logical_type: { type: 'LIST' },
        },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        { name: 'element', repetition_type: 'OPTIONAL', ...LEAVES[ELEMENT_TYPES[field.datatype]] },
      ];
    }),
  ];
}

/** What a leaf is read as: the next wider type where there is no equal; dates and times as ISO 8601 text. */
export function leafType(name: string, leaf: SchemaElement): ColumnType {
  const { type, converted_type: converted, logical_type: logical } = leaf;
  const integer = logical?.type === 'INTEGER' ? `${logical.isSigned ? 'INT' : 'UINT'}_${logical.bitWidth}` : converted;
  const refused = (): TableError =>
    new TableError('UNSUPPORTED', `column ${name}: ${logical?.type ?? converted ?? type} is not read`, {
      column: name,
    });
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL' || logical?.type === 'FLOAT16') return 'double';
  if (
    converted === 'DATE' ||
    converted?.startsWith('TIMESTAMP') ||
    logical?.type === 'DATE' ||
    logical?.type === 'TIMESTAMP'
  )
    return 'string';
  switch (type) {
    case 'BOOLEAN':
      return 'boolean';
    case 'FLOAT':
      return 'float';
    case 'DOUBLE':
      return 'double';
    case 'INT96':
      return 'string';
    case 'INT64':
      if (integer === 'UINT_64') throw refused();
      return 'long';
    case 'INT32':
      if (integer === 'INT_8' || integer === 'INT_16') return 'short';
      if (integer === 'UINT_8') return 'byte';
      return integer === 'UINT_32' ? 'long' : 'int';
    case 'BYTE_ARRAY':
      if (logical && !['STRING', 'ENUM', 'JSON'].includes(logical.type)) throw refused();
      return 'string';
    case 'FIXED_LEN_BYTE_ARRAY':
      if (logical?.type === 'UUID') return 'string';
      throw refused();
    default:
      throw refused();
  }
}
