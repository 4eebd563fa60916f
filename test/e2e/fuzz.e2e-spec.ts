// `almagest fuzz` as a process: readers survive damaged inputs, and a reader that does not is found out.
import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../support/processes.js';

interface Facts {
  readonly ok: boolean;
  readonly reports: {
    readonly count: number;
    readonly read: number;
    readonly refused: Record<string, number>;
    readonly findings: { readonly index: number; readonly kind: string }[];
    readonly peakBytes: number;
  }[];
}

function run(main: string, ...args: string[]): { facts: Facts; exitCode: number | null } {
  const { stdout, status } = spawnSync(process.execPath, ['--no-warnings', join(ROOT, main), ...args, '--json'], {
    encoding: 'utf8',
  });
  return { facts: JSON.parse(stdout) as Facts, exitCode: status };
}

describe('almagest fuzz', () => {
  it('every reader reads or refuses thousands of damaged inputs within its memory', () => {
    const { facts, exitCode } = run('dist/apps/cli/src/main.js', 'fuzz', '--count', '3000', '--seed', '7');
    expect(facts.reports.flatMap((report) => report.findings)).toEqual([]);
    for (const { count, read, refused, peakBytes } of facts.reports) {
      expect(read + Object.values(refused).reduce((total, times) => total + times, 0)).toBe(count);
      expect(peakBytes).toBeLessThan(512 * 2 ** 20);
    }
    expect(exitCode).toBe(0);
  });

  it('a reader that throws, hangs, hoards memory or ends the process is reported, and the run goes on', () => {
    const main = 'dist/test/fuzz/main.js';
    const { facts, exitCode } = run(main, 'misbehaving', '--count', '40', '--deadline-ms', '2000');
    const [report] = facts.reports;
    expect(new Set(report!.findings.map(({ kind }) => kind))).toEqual(new Set(['crashed', 'hung', 'hoarded']));
    expect(report!.read + report!.refused['REFUSED']! + report!.findings.length).toBe(40);
    expect(exitCode).toBe(1);
    // a finding comes again by its number alone
    const { index, kind } = report!.findings.find((finding) => finding.kind === 'crashed')!;
    const again = run(main, 'misbehaving', '--count', '1', '--from', String(index), '--deadline-ms', '2000');
    expect(again.facts.reports[0]!.findings).toMatchObject([{ index, kind }]);
  });
});
