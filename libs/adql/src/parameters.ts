import type { SqlParameter } from './catalog.js';

/** SQL types of bind parameters. */
export type ParameterType = 'int' | 'bigint' | 'float8' | 'text' | 'boolean' | 'timestamptz' | 'geography';

/**
 * The bind parameters of one query. The same value with the same type is one parameter, so that equal expressions have equal
 * SQL: PostgreSQL compares GROUP BY with SELECT that way.
 */
export class Parameters {
  readonly values: SqlParameter[] = [];
  readonly #known = new Map<string, string>();

  /** the SQL that stands for the value */
  bind(value: SqlParameter, type: ParameterType): string {
    return this.#add(value, type, `${type}:${Object.is(value, -0) ? '-0' : String(value)}`);
  }

  bindArray(values: readonly (string | number | bigint | null)[], type: ParameterType): string {
    return this.#add(values, `${type}[]`, `${type}[]:${JSON.stringify(values, (_, value) => asText(value))}`);
  }

  /** The parameters that SQL still uses, renumbered: literals folded into one leave no trace. */
  finish(sql: string): { sql: string; parameters: SqlParameter[] } {
    const used: SqlParameter[] = [];
    const numbers = new Map<string, string>();
    const renumbered = sql.replace(/\$(\d+)::/g, (_, digits: string) => {
      let number = numbers.get(digits);
      if (!number) {
        used.push(this.values[Number(digits) - 1]!);
        number = `$${used.length}::`;
        numbers.set(digits, number);
      }
      return number;
    });
    return { sql: renumbered, parameters: used };
  }

  #add(value: SqlParameter, type: string, key: string): string {
    let sql = this.#known.get(key);
    if (!sql) {
      this.values.push(value);
      sql = `$${this.values.length}::${type}`;
      this.#known.set(key, sql);
    }
    return sql;
  }
}

const asText = (value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);
