import type { ValueType } from './ast.js';

/** A column a filter may read. */
export interface FilterColumn {
  readonly table: string;
  readonly name: string;
  readonly type: Exclude<ValueType, 'null'>;
  readonly unit?: string;
  readonly description?: string;
}

/** The columns on offer. An unqualified name means the first table (in the order given) that has it. */
export class FilterColumns {
  readonly #byPath = new Map<string, FilterColumn>();
  readonly #byName = new Map<string, FilterColumn>();
  constructor(readonly columns: readonly FilterColumn[]) {
    for (const column of columns) {
      this.#byPath.set(`${column.table}.${column.name}`.toLowerCase(), column);
      const name = column.name.toLowerCase();
      if (!this.#byName.has(name)) this.#byName.set(name, column);
    }
  }
  /** `diaSource.snr` or `snr`; names ignore case. */
  find(path: readonly string[]): FilterColumn | undefined {
    const key = path.join('.').toLowerCase();
    return path.length === 1 ? this.#byName.get(key) : this.#byPath.get(key);
  }
  /** every spelling that `find` accepts, for suggestions */
  names(qualified: boolean): string[] {
    return this.columns.map((column) => (qualified ? `${column.table}.${column.name}` : column.name));
  }
}

export const columnKey = (column: FilterColumn): string => `${column.table}.${column.name}`;
