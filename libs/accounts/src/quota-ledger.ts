// What has been used, counted together by all processes in the database. Processes take small leases of a window's units (see `leaseSize`) and
// of slots for queries, so that most requests count without a statement.

import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { withTransaction } from '#libs/database';
import { leaseSize, type QuotaKind, type QuotaWindow, windowOf } from './quota.js';

interface Lease {
  readonly window: QuotaWindow;
  /** units taken and not used yet */
  left: number;
  /** handed out to all processes, as of the last statement */
  taken: number;
  refill: Promise<void> | undefined;
}
interface Slots {
  held: number;
  inUse: number;
  /** most in use since the last look */
  peak: number;
  growth: Promise<boolean> | undefined;
}
interface Spending {
  readonly window: QuotaWindow;
  known: number;
  /** when `known` was read; others spend too */
  readAt: number;
  pending: number;
}

export interface Taken {
  readonly granted: boolean;
  readonly used: number;
  readonly resetsAt: number;
}

const SLOT_SECONDS = 30;
const TICK_MS = 2_000;
const KEEP_DAYS = 2;

export class QuotaLedger {
  readonly #holder = randomUUID();
  readonly #leases = new Map<string, Lease>();
  readonly #slots = new Map<string, Slots>();
  readonly #spending = new Map<string, Spending>();
  readonly #timer: NodeJS.Timeout;
  #ticks = 0;

  constructor(
    private readonly dataSource: DataSource,
    private readonly now: () => number = Date.now,
  ) {
    this.#timer = setInterval(() => void this.tick().catch(() => undefined), TICK_MS).unref();
  }

  /** Takes one unit of a window. */
  async take(subject: string, kind: QuotaKind, limit: number): Promise<Taken> {
    const window = windowOf(kind, this.now())!;
    const key = `${subject} ${kind}`;
    let lease = this.#leases.get(key);
    if (lease?.window.start !== window.start)
      this.#leases.set(key, (lease = { window, left: 0, taken: 0, refill: undefined }));
    while (lease.left === 0) {
      if (lease.taken >= limit) return { granted: false, used: limit, resetsAt: window.end };
      lease.refill ??= this.#refill(lease, subject, kind, limit).finally(() => (lease.refill = undefined));
      await lease.refill;
    }
    lease.left--;
    return { granted: true, used: lease.taken - lease.left, resetsAt: window.end };
  }

  async #refill(lease: Lease, subject: string, kind: QuotaKind, limit: number): Promise<void> {
    const wanted = leaseSize(limit);
    const taken = await this.#add(subject, kind, lease.window, wanted);
    lease.left += Math.max(0, Math.min(wanted, limit - (taken - wanted)));
    lease.taken = Math.min(limit, taken);
  }

  async #add(subject: string, kind: QuotaKind, window: QuotaWindow, amount: number): Promise<number> {
    const rows = await this.dataSource.query<{ used: bigint }[]>(
      `INSERT INTO quota_use (subject, kind, window_start, used) VALUES ($1, $2, $3, $4)
       ON CONFLICT (subject, kind, window_start) DO UPDATE SET used = quota_use.used + excluded.used RETURNING used`,
      [subject, kind, new Date(window.start), Math.round(amount)],
    );
    return Number(rows[0]!.used);
  }

  /** Rows and bytes are known after the fact only: they are added up here and written together every two seconds. */
  spend(subject: string, kind: QuotaKind, amount: number): void {
    if (amount > 0) this.#spendingOf(subject, kind).pending += amount;
  }

  async spent(subject: string, kind: QuotaKind): Promise<{ used: number; resetsAt: number }> {
    const spending = this.#spendingOf(subject, kind);
    if (this.now() - spending.readAt > TICK_MS) {
      spending.readAt = this.now();
      spending.known = await this.#total(subject, kind, spending.window);
    }
    return { used: spending.known + spending.pending, resetsAt: spending.window.end };
  }

  /** Units of a window in use: handed out, less what this process has left. */
  async taken(subject: string, kind: QuotaKind): Promise<{ used: number; resetsAt: number }> {
    const window = windowOf(kind, this.now())!;
    const lease = this.#leases.get(`${subject} ${kind}`);
    const left = lease?.window.start === window.start ? lease.left : 0;
    return { used: Math.max(0, (await this.#total(subject, kind, window)) - left), resetsAt: window.end };
  }

  async #total(subject: string, kind: QuotaKind, window: QuotaWindow): Promise<number> {
    const rows = await this.dataSource.query<{ used: bigint }[]>(
      'SELECT used FROM quota_use WHERE subject = $1 AND kind = $2 AND window_start = $3',
      [subject, kind, new Date(window.start)],
    );
    return Number(rows[0]?.used ?? 0n);
  }

  #spendingOf(subject: string, kind: QuotaKind): Spending {
    const window = windowOf(kind, this.now())!;
    const key = `${subject} ${kind}`;
    let spending = this.#spending.get(key);
    if (spending?.window.start !== window.start)
      this.#spending.set(key, (spending = { window, known: 0, readAt: -Infinity, pending: 0 }));
    return spending;
  }

  /** A place for one query, or undefined when all are taken. Call the answer when the query has ended. */
  async enter(subject: string, limit: number): Promise<(() => void) | undefined> {
    let slots = this.#slots.get(subject);
    if (!slots) this.#slots.set(subject, (slots = { held: 0, inUse: 0, peak: 0, growth: undefined }));
    while (slots.inUse >= slots.held) {
      slots.growth ??= this.#hold(subject, slots, slots.inUse + 1, limit).finally(() => (slots.growth = undefined));
      if (!(await slots.growth)) return undefined;
    }
    slots.inUse++;
    slots.peak = Math.max(slots.peak, slots.inUse);
    let left = false;
    return () => {
      if (!left) slots.inUse--;
      left = true;
    };
  }

  /** Slots of a subject that are taken by any process. */
  async running(subject: string): Promise<number> {
    const rows = await this.dataSource.query<{ n: bigint }[]>(
      'SELECT coalesce(sum(held), 0) AS n FROM query_slot WHERE subject = $1 AND holder <> $2 AND expires_at > now()',
      [subject, this.#holder],
    );
    return Number(rows[0]!.n) + (this.#slots.get(subject)?.inUse ?? 0);
  }

  async #hold(subject: string, slots: Slots, wanted: number, limit: number): Promise<boolean> {
    const granted = await withTransaction(this.dataSource, async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [subject]);
      const rows = await manager.query<unknown[]>(
        `INSERT INTO query_slot (subject, holder, held, expires_at)
         SELECT $1::text, $2::text, $3::int, now() + $5::int * interval '1 second'
         WHERE $3::int + (SELECT coalesce(sum(held), 0) FROM query_slot WHERE subject = $1 AND holder <> $2 AND expires_at > now()) <= $4
         ON CONFLICT (subject, holder) DO UPDATE SET held = excluded.held, expires_at = excluded.expires_at RETURNING held`,
        [subject, this.#holder, wanted, limit, SLOT_SECONDS],
      );
      return rows.length > 0;
    });
    if (granted) slots.held = wanted;
    return granted;
  }

  /** Gives back slots that were not needed, renews the others, writes what was spent, forgets what is over. */
  async tick(): Promise<void> {
    this.#ticks++;
    for (const [subject, slots] of this.#slots) await this.#adjust(subject, slots);
    for (const [key, spending] of this.#spending) {
      const { window, pending } = spending;
      if (pending > 0) {
        const [subject, kind] = key.split(' ') as [string, QuotaKind];
        spending.pending -= pending;
        spending.known = await this.#add(subject, kind, window, pending);
        spending.readAt = this.now();
      } else if (window.end < this.now()) this.#spending.delete(key);
    }
    for (const [key, lease] of this.#leases) if (lease.window.end < this.now()) this.#leases.delete(key);
    if (this.#ticks % 1_800 === 1)
      await this.dataSource.query(`DELETE FROM quota_use WHERE window_start < now() - $1::int * interval '1 day'`, [
        KEEP_DAYS,
      ]);
  }

  async #adjust(subject: string, slots: Slots): Promise<void> {
    const needed = Math.max(slots.inUse, slots.peak);
    slots.peak = slots.inUse;
    if (slots.growth) return;
    const renew = needed > 0 && this.#ticks % 5 === 0;
    if (needed === slots.held && !renew) {
      if (needed === 0) this.#slots.delete(subject);
      return;
    }
    slots.held = needed;
    const update = this.dataSource.query(
      needed === 0
        ? 'DELETE FROM query_slot WHERE subject = $1 AND holder = $2'
        : `UPDATE query_slot SET held = $3, expires_at = now() + ${SLOT_SECONDS} * interval '1 second' WHERE subject = $1 AND holder = $2`,
      needed === 0 ? [subject, this.#holder] : [subject, this.#holder, needed],
    );
    // nobody grows meanwhile: the two statements could overtake each other
    slots.growth = update.then(
      () => true,
      () => true,
    );
    await slots.growth;
    slots.growth = undefined;
  }

  /** Writes what is left and lets go of every slot. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.tick();
    await this.dataSource.query('DELETE FROM query_slot WHERE holder = $1', [this.#holder]);
  }
}
