import type { DatasetRef, ProvenanceRecord, ProvenanceSink, ProvenanceSource } from '#libs/pipeline';
import { type SqlClient, rowsOf } from './sql.js';

interface ExecutionRow {
  readonly execution_id: bigint | string;
  readonly quantum_id: string;
  readonly run: string;
  readonly label: string;
  readonly task: ProvenanceRecord['task'];
  readonly data_id: ProvenanceRecord['dataId'];
  readonly config: unknown;
  readonly config_hash: string;
  readonly software_version: string;
  readonly runtime: ProvenanceRecord['runtime'];
  readonly started_at: Date;
  readonly finished_at: Date;
  readonly status: ProvenanceRecord['status'];
  readonly failure: ProvenanceRecord['failure'] | null;
  readonly metrics: ProvenanceRecord['metrics'];
}
interface LinkRow {
  readonly direction: 'input' | 'output';
  readonly connection: string;
  readonly dataset_id: string;
  readonly dataset_type: string;
  readonly data_id: DatasetRef['dataId'];
  readonly run: string;
}

/** Executions as rows, in both directions: how a dataset was made, and what was made of it. */
export class DatabaseProvenance implements ProvenanceSink, ProvenanceSource {
  constructor(private readonly client: SqlClient) {}

  /** One statement, so that an execution is never seen without its datasets. A second record of one execution changes nothing. */
  async record(record: ProvenanceRecord): Promise<void> {
    const links = (['input', 'output'] as const).flatMap((direction) =>
      Object.entries(direction === 'input' ? record.inputs : record.outputs).flatMap(([connection, refs]) =>
        refs.map((ref, position) => ({ direction, connection, position, ...ref })),
      ),
    );
    await this.client.query(
      `WITH made AS (
         INSERT INTO execution (quantum_id, run, label, task, data_id, config, config_hash, software_version, runtime, started_at, finished_at, status, failure, metrics)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         ON CONFLICT (run, quantum_id, started_at) DO NOTHING RETURNING execution_id
       )
       INSERT INTO execution_dataset (execution_id, direction, connection, position, dataset_id, dataset_type, data_id, run)
       SELECT made.execution_id, link.direction, link.connection, link.position, link.id, link."datasetType", link."dataId", link.run
       FROM made, jsonb_to_recordset($15::jsonb)
         AS link (direction text, connection text, position integer, id uuid, "datasetType" text, "dataId" jsonb, run text)`,
      [
        record.quantumId,
        record.run,
        record.label,
        JSON.stringify(record.task),
        JSON.stringify(record.dataId),
        JSON.stringify(record.config),
        record.configHash,
        record.softwareVersion,
        JSON.stringify(record.runtime),
        record.startedAt,
        record.finishedAt,
        record.status,
        record.failure === undefined ? null : JSON.stringify(record.failure),
        JSON.stringify(record.metrics),
        JSON.stringify(links),
      ],
    );
  }

  /** The latest execution that made the dataset. */
  async producerOf(datasetId: string): Promise<ProvenanceRecord | undefined> {
    const [row] = rowsOf<ExecutionRow>(
      await this.client.query(
        `SELECT e.* FROM execution e JOIN execution_dataset d USING (execution_id)
         WHERE d.dataset_id = $1 AND d.direction = 'output' ORDER BY e.started_at DESC, e.execution_id DESC LIMIT 1`,
        [datasetId],
      ),
    );
    return row === undefined ? undefined : this.#recordOf(row);
  }

  async executionsOf(run: string): Promise<readonly ProvenanceRecord[]> {
    const rows = rowsOf<ExecutionRow>(
      await this.client.query('SELECT * FROM execution WHERE run = $1 ORDER BY started_at, execution_id', [run]),
    );
    const records: ProvenanceRecord[] = [];
    for (const row of rows) records.push(await this.#recordOf(row));
    return records;
  }

  /** Datasets made directly from this one. */
  async madeFrom(datasetId: string): Promise<readonly DatasetRef[]> {
    const rows = rowsOf<LinkRow>(
      await this.client.query(
        `SELECT DISTINCT made.dataset_id, made.dataset_type, made.data_id, made.run FROM execution_dataset used
         JOIN execution_dataset made USING (execution_id)
         WHERE used.dataset_id = $1 AND used.direction = 'input' AND made.direction = 'output'`,
        [datasetId],
      ),
    );
    return rows.map((row) => ({
      id: row.dataset_id,
      datasetType: row.dataset_type,
      dataId: row.data_id,
      run: row.run,
    }));
  }

  async #recordOf(row: ExecutionRow): Promise<ProvenanceRecord> {
    const links = rowsOf<LinkRow>(
      await this.client.query(
        'SELECT * FROM execution_dataset WHERE execution_id = $1 ORDER BY direction, connection, position',
        [row.execution_id.toString()],
      ),
    );
    const refs = (wanted: LinkRow['direction']): Record<string, DatasetRef[]> => {
      const found: Record<string, DatasetRef[]> = {};
      for (const { direction, connection, dataset_id: id, dataset_type: datasetType, data_id: dataId, run } of links)
        if (direction === wanted) (found[connection] ??= []).push({ id, datasetType, dataId, run });
      return found;
    };
    return {
      quantumId: row.quantum_id,
      run: row.run,
      label: row.label,
      task: row.task,
      dataId: row.data_id,
      config: row.config,
      configHash: row.config_hash,
      inputs: refs('input'),
      outputs: refs('output'),
      softwareVersion: row.software_version,
      runtime: row.runtime,
      startedAt: row.started_at.toISOString(),
      finishedAt: row.finished_at.toISOString(),
      status: row.status,
      ...(row.failure != null && { failure: row.failure }),
      metrics: row.metrics,
    };
  }
}
