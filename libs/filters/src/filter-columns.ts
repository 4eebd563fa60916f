import { columnKey, type FilterBatch, type BatchColumn, FilterColumns, type FilterColumn } from '#libs/filter-language';
import { DiaObject, DiaSource, MpcOrbits, SSSource, type Datatype, type TableDescription } from '#libs/schema';

/** The rows behind one alert, as the catalog has them. */
export interface AlertRows {
  readonly diaSource: Readonly<Record<string, unknown>>;
  readonly diaObject?: Readonly<Record<string, unknown>>;
  readonly ssSource?: Readonly<Record<string, unknown>>;
  readonly mpcOrbit?: Readonly<Record<string, unknown>>;
}
type Part = keyof AlertRows;

const PARTS: readonly (readonly [Part, TableDescription])[] = [
  ['diaSource', DiaSource],
  ['diaObject', DiaObject],
  ['ssSource', SSSource],
  ['mpcOrbit', MpcOrbits],
];

const TYPES: Record<Datatype, FilterColumn['type'] | undefined> = {
  boolean: 'boolean',
  short: 'number',
  int: 'number',
  float: 'number',
  double: 'number',
  long: 'long',
  char: 'string',
  string: 'string',
  text: 'string',
  timestamp: undefined,
  point: undefined,
};

/** Everything a filter may read; an unqualified name means the detection before its object. */
export const ALERT_COLUMNS = new FilterColumns(
  PARTS.flatMap(([table, description]) =>
    description.columns.flatMap((column): FilterColumn[] => {
      const type = TYPES[column.datatype];
      if (!type) return [];
      return [
        { table, name: column.name, type, ...(column.unit && { unit: column.unit }), description: column.description },
      ];
    }),
  ),
);

const COLUMN_OF_KEY = new Map(ALERT_COLUMNS.columns.map((column) => [columnKey(column), column]));

/** A visit's alerts as columns. Each is gathered when the first filter asks for it, and then serves all of them. */
export function batchOf(alerts: readonly AlertRows[]): FilterBatch {
  const gathered = new Map<string, BatchColumn>();
  return {
    rowCount: alerts.length,
    columns: {
      get(key) {
        const column = COLUMN_OF_KEY.get(key);
        let data = gathered.get(key);
        if (!data && column) {
          const values = alerts.map((alert) => alert[column.table as Part]?.[column.name] ?? null);
          gathered.set(key, (data = gather(column, values)));
        }
        return data;
      },
    },
  };
}

function gather(column: FilterColumn, values: readonly unknown[]): BatchColumn {
  switch (column.type) {
    case 'number':
      return Float64Array.from(values, (value) => (value === null ? NaN : Number(value)));
    case 'boolean':
      return Uint8Array.from(values, (value) => (value === null ? 255 : value ? 1 : 0));
    case 'long':
      return values.map((value) => (value === null ? null : BigInt(value as bigint | string)));
    case 'string':
      return values.map((value) => (value === null || typeof value === 'string' ? value : JSON.stringify(value)));
  }
}
