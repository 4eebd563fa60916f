// A TAP query from its parameters to the bytes of its result.

import { compileAdql, type CompiledQuery } from '#libs/adql';
import type { Table, VotableField, VotableResource } from '#libs/table';
import { adqlCatalog, type CommonTable, visibleRows } from './adql-catalog.js';
import { quoteIdentifier } from '#libs/database';
import type { TapLimits } from './capabilities.js';
import type { DaliParameters } from './dali.js';
import { fetchUpload } from './fetch-upload.js';
import type { QueryEngine, RunningStatement } from './query-engine.js';
import type { ResponseFormat } from './response-format.js';
import { resultField } from './result-columns.js';
import { type ResultOutcome, writeResult } from './result-writer.js';
import { rowBatches } from './row-batches.js';
import { type TapRequest, tapRequestOf } from './tap-request.js';
import { loadUploads, type UploadedTables, type UploadSources, uploadedRows } from './uploads.js';
import { messageForCaller } from './vo-error.js';
import type { VoTableset } from './vo-table.js';

export interface TapServiceOptions {
  readonly engine: QueryEngine;
  readonly limits: TapLimits;
  /** origin of this service, whose results may be uploaded again by address */
  readonly ownOrigin: string;
  /** how long a table at another address may take */
  readonly fetchTimeoutMs: number;
  /** most work the planner may expect of a query that its caller waits for, and of a job */
  readonly maximumCost: { readonly sync: number; readonly async: number };
}

export interface TapAnswer {
  readonly format: ResponseFormat;
  readonly body: AsyncIterable<Uint8Array>;
  readonly outcome: ResultOutcome;
}

export interface TapExecution {
  readonly tableset: VoTableset;
  /** most rows that the caller may have at once */
  readonly maximumRows: number;
  /** parts of the request by name */
  readonly part: UploadSources['part'];
  readonly timeoutMs: number;
  readonly mode: 'sync' | 'async';
  readonly signal?: AbortSignal;
}

/** What a service adds to the result of its query. */
export interface Dressing {
  readonly asField?: (field: VotableField) => VotableField;
  readonly resources?: readonly VotableResource[];
}

export class TapService {
  constructor(private readonly options: TapServiceOptions) {}

  /** Throws VoError or AdqlError before the first row; what comes later ends the body as the format can say it. */
  async answer(parameters: DaliParameters, execution: TapExecution): Promise<TapAnswer> {
    const request = tapRequestOf(parameters, this.options.limits);
    const { fetchTimeoutMs: timeoutMs, ownOrigin } = this.options;
    const fetch: UploadSources['fetch'] = (url, maximumBytes) =>
      fetchUpload(url, { maximumBytes, timeoutMs, ownOrigin }, execution.signal);
    const uploads = await loadUploads(request.uploads, { part: execution.part, fetch }, this.options.limits);
    return this.answerRequest(request, execution, uploads);
  }

  /** A query that another service made. */
  async answerRequest(
    request: TapRequest,
    execution: Omit<TapExecution, 'part'>,
    uploads: UploadedTables = [],
    dressing: Dressing = {},
  ): Promise<TapAnswer> {
    const catalog = adqlCatalog(
      execution.tableset,
      uploads.map(({ table }) => table),
    );
    const maxRows = Math.min(request.maxRows, execution.maximumRows, request.format.maximumRows ?? Infinity);
    const query = compileAdql(request.adql, catalog, { maxRows });
    const statement = await this.#start(query, request, execution, uploads);
    const asField = dressing.asField ?? ((field: VotableField) => field);
    const fields = query.columns.map((column) => asField(resultField(column)));
    const outcome: ResultOutcome = { rows: 0, overflow: request.maxRows === 0 };
    const batches = closing(
      rowBatches(statement.chunks, statement.fields, fields, maxRows, outcome),
      statement,
      outcome,
    );
    return {
      format: request.format,
      outcome,
      body: writeResult(request.format, {
        fields,
        batches,
        outcome,
        messageOf: messageForCaller,
        ...(dressing.resources && { resources: dressing.resources }),
      }),
    };
  }

  #start(
    query: CompiledQuery,
    request: TapRequest,
    execution: Omit<TapExecution, 'part'>,
    uploads: UploadedTables,
  ): Promise<RunningStatement> {
    const parameters: unknown[] = [...query.parameters];
    const common = [...visibleRows(execution.tableset, query.tables), ...uploadedRows(uploads, parameters)];
    // MAXREC=0 asks what the result would look like
    const sql = request.maxRows === 0 ? `SELECT * FROM (${query.sql}) AS described LIMIT 0` : query.sql;
    const limits = { timeoutMs: execution.timeoutMs, maximumCost: this.options.maximumCost[execution.mode] };
    return this.options.engine.run(withCommonTables(common, sql), parameters, limits, execution.signal);
  }
}

function withCommonTables(common: readonly CommonTable[], sql: string): string {
  if (common.length === 0) return sql;
  const tables = common.map(
    (one) => `${quoteIdentifier(one.name)} AS ${one.materialized ? '' : 'NOT '}MATERIALIZED (${one.sql})`,
  );
  return `WITH ${tables.join(', ')} SELECT * FROM (${sql}) AS result`;
}

/** However the reading ends, the connection goes back. */
async function* closing(
  batches: AsyncIterable<Table>,
  statement: RunningStatement,
  outcome: ResultOutcome,
): AsyncGenerator<Table> {
  try {
    yield* batches;
  } catch (error) {
    outcome.error = error;
    throw error;
  } finally {
    await statement.close();
  }
}
