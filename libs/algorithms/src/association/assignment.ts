/**
 * Sparse assignment with a price for staying alone: every row takes at most one column, every column serves at most one
 * row, the sum of pair costs plus `alone` per unassigned row is least. The pairs fall apart into connected components,
 * each solved exactly by shortest augmenting paths (Jonker & Volgenant 1987), the row's own ghost column being "alone".
 * Cost: O(pairs) to split, O(n^2 (n + m)) per component of n rows and m columns; components are 1 to 4 rows in practice.
 * Rows and columns are taken in the order of their identifiers, so ties do not depend on the order of the input.
 */

export interface CandidatePairs {
  readonly row: Int32Array;
  readonly column: Int32Array;
  readonly cost: Float64Array;
}

/** The column of each row, or -1. The identifiers (all different) fix the order in which ties are settled. */
export function assignPairs(
  pairs: CandidatePairs,
  rowCount: number,
  columnCount: number,
  alone: Float64Array,
  rowId: ArrayLike<bigint>,
  columnId: ArrayLike<bigint>,
): Int32Array {
  const parent = Int32Array.from({ length: rowCount + columnCount }, (_, i) => i);
  const find = (node: number): number => {
    while (parent[node] !== node) {
      parent[node] = parent[parent[node]!]!;
      node = parent[node]!;
    }
    return node;
  };
  const members = new Map<number, number[]>();
  for (let k = 0; k < pairs.row.length; k++) {
    if (!(pairs.cost[k]! < alone[pairs.row[k]!]!)) continue;
    const a = find(pairs.row[k]!);
    const b = find(rowCount + pairs.column[k]!);
    if (a !== b) parent[Math.max(a, b)] = Math.min(a, b);
  }
  for (let k = 0; k < pairs.row.length; k++) {
    if (!(pairs.cost[k]! < alone[pairs.row[k]!]!)) continue;
    const root = find(pairs.row[k]!);
    const list = members.get(root);
    if (list) list.push(k);
    else members.set(root, [k]);
  }
  const result = new Int32Array(rowCount).fill(-1);
  for (const list of members.values()) {
    if (list.length === 1) result[pairs.row[list[0]!]!] = pairs.column[list[0]!]!;
    else solveComponent(pairs, list, alone, rowId, columnId, result);
  }
  return result;
}

const order = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

function solveComponent(
  pairs: CandidatePairs,
  list: readonly number[],
  alone: Float64Array,
  rowId: ArrayLike<bigint>,
  columnId: ArrayLike<bigint>,
  result: Int32Array,
): void {
  const rows = [...new Set(list.map((k) => pairs.row[k]!))].sort((a, b) => order(rowId[a]!, rowId[b]!));
  const columns = [...new Set(list.map((k) => pairs.column[k]!))].sort((a, b) => order(columnId[a]!, columnId[b]!));
  const n = rows.length;
  const m = columns.length + n;
  const rowIndex = new Map(rows.map((row, i) => [row, i]));
  const columnIndex = new Map(columns.map((column, j) => [column, j]));
  const cost = new Float64Array(n * m).fill(Infinity);
  for (const k of list) cost[rowIndex.get(pairs.row[k]!)! * m + columnIndex.get(pairs.column[k]!)!] = pairs.cost[k]!;
  for (let i = 0; i < n; i++) cost[i * m + columns.length + i] = alone[rows[i]!]!;
  const assigned = leastCostRows(cost, n, m);
  for (let i = 0; i < n; i++) {
    const j = assigned[i]!;
    result[rows[i]!] = j < columns.length ? columns[j]! : -1;
  }
}

/** Hungarian method with potentials on a dense n x m matrix, n <= m, Infinity = forbidden: the column of each row. */
export function leastCostRows(cost: Float64Array, n: number, m: number): Int32Array {
  const u = new Float64Array(n + 1);
  const v = new Float64Array(m + 1);
  const rowOf = new Int32Array(m + 1);
  const way = new Int32Array(m + 1);
  for (let i = 1; i <= n; i++) {
    rowOf[0] = i;
    let j0 = 0;
    const least = new Float64Array(m + 1).fill(Infinity);
    const used = new Uint8Array(m + 1);
    do {
      used[j0] = 1;
      const i0 = rowOf[j0]!;
      let delta = Infinity;
      let j1 = 0;
      for (let j = 1; j <= m; j++) {
        if (used[j]) continue;
        const reduced = cost[(i0 - 1) * m + j - 1]! - u[i0]! - v[j]!;
        if (reduced < least[j]!) {
          least[j] = reduced;
          way[j] = j0;
        }
        if (least[j]! < delta) {
          delta = least[j]!;
          j1 = j;
        }
      }
      for (let j = 0; j <= m; j++) {
        if (used[j]) {
          u[rowOf[j]!]! += delta;
          v[j]! -= delta;
        } else least[j]! -= delta;
      }
      j0 = j1;
    } while (rowOf[j0] !== 0);
    do {
      const j1 = way[j0]!;
      rowOf[j0] = rowOf[j1]!;
      j0 = j1;
    } while (j0 !== 0);
  }
  const result = new Int32Array(n).fill(-1);
  for (let j = 1; j <= m; j++) if (rowOf[j]! > 0) result[rowOf[j]! - 1] = j - 1;
  return result;
}
