// Filters and orders of every table, made from its description: a column that does not exist cannot be asked for.

import { Field, Float, GraphQLISODateTime, ID, InputType, Int, registerEnumType } from '@nestjs/graphql';
import type { ColumnDescription, TableDescription } from '#libs/schema';
import { isIdentifier, visibleColumns } from './table-type.js';

type Scalar = () => unknown;
type InputClass = new () => object;

const MAKE = {
  equality: ['eq', 'ne'],
  order: ['lt', 'lte', 'gt', 'gte'],
  lists: ['in', 'notIn'],
} as const;

function filterOf(
  name: string,
  scalar: Scalar,
  parts: { ordered?: boolean; lists?: boolean; text?: boolean },
): InputClass {
  const type = { [name]: class {} }[name] as InputClass;
  InputType(name, { description: 'Every test given must hold.' })(type);
  const add = (field: string, of: Scalar, description?: string): void =>
    Field(of as never, { nullable: true, ...(description && { description }) })(type.prototype as object, field);
  for (const field of MAKE.equality) add(field, scalar);
  if (parts.ordered) for (const field of MAKE.order) add(field, scalar);
  if (parts.lists) for (const field of MAKE.lists) add(field, () => [scalar()]);
  if (parts.ordered) add('between', () => [scalar()], 'both ends included');
  if (parts.text) add('startsWith', scalar);
  add('isNull', () => Boolean);
  return type;
}

const BooleanFilter = filterOf('BooleanFilter', () => Boolean, {});
const IntFilter = filterOf('IntFilter', () => Int, { ordered: true, lists: true });
const FloatFilter = filterOf('FloatFilter', () => Float, { ordered: true, lists: true });
const IDFilter = filterOf('IDFilter', () => ID, { ordered: true, lists: true });
const StringFilter = filterOf('StringFilter', () => String, { ordered: true, lists: true, text: true });
const TimeFilter = filterOf('TimeFilter', () => GraphQLISODateTime, { ordered: true, lists: true });

function filterFor(column: ColumnDescription): InputClass {
  switch (column.datatype) {
    case 'boolean':
      return BooleanFilter;
    case 'short':
    case 'int':
      return IntFilter;
    case 'float':
    case 'double':
      return FloatFilter;
    case 'timestamp':
      return TimeFilter;
    case 'long':
      return isIdentifier(column) ? IDFilter : IntFilter;
    default:
      return StringFilter;
  }
}

/** `<Name>Filter`: a test for every column; and, or, not. */
export function filterTypeOf(table: TableDescription, name: string): InputClass {
  const filterName = `${name}Filter`;
  const type = { [filterName]: class {} }[filterName] as InputClass;
  InputType(filterName, { description: `Which rows of ${table.name}: all tests given must hold.` })(type);
  const prototype = type.prototype as object;
  for (const column of visibleColumns(table))
    Field(() => filterFor(column), { nullable: true, ...(column.unit && { description: `[${column.unit}]` }) })(
      prototype,
      column.name,
    );
  for (const several of ['and', 'or']) Field(() => [type], { nullable: true })(prototype, several);
  Field(() => type, { nullable: true, description: 'rows of which this does not hold, those where it is unknown too' })(
    prototype,
    'not',
  );
  return type;
}

export enum Direction {
  ASC = 'ASC',
  DESC = 'DESC',
}
registerEnumType(Direction, { name: 'Direction', description: 'Rows without a value come last in both.' });

export interface OrderInput {
  readonly column: string;
  readonly direction: Direction;
}

/** `<Name>Order`: a column and a direction. */
export function orderTypeOf(table: TableDescription, name: string): new () => OrderInput {
  const columns = Object.fromEntries(visibleColumns(table).map((column) => [column.name, column.name]));
  registerEnumType(columns, { name: `${name}Column`, description: `A column of ${table.name}.` });
  const orderName = `${name}Order`;
  const type = { [orderName]: class {} }[orderName] as new () => OrderInput;
  InputType(orderName)(type);
  Field(() => columns)(type.prototype as object, 'column');
  Field(() => Direction, { defaultValue: Direction.ASC })(type.prototype as object, 'direction');
  return type;
}
