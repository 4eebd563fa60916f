import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { ExitCode } from '../exit-codes.js';
import { createReporter, type Reporter } from '../reporter.js';
import { ROOT } from '../root.js';

const SUITES = ['small', 'medium', 'e2e'] as const;
type Suite = (typeof SUITES)[number];

interface SuiteResult {
  readonly suite: Suite;
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
  readonly exitCode: number;
}

/** `almagest test`: the unit suite, then the medium and e2e suites on the embedded profile (or on DATABASE_URL and QUEUE_URL). */
export function testCommand(): Command {
  return new Command('test')
    .description(
      'run the unit (small), medium and e2e suites; the database and queue are started here unless DATABASE_URL and QUEUE_URL name others',
    )
    .argument('[suites...]', `which suites: ${SUITES.join(', ')}`, [...SUITES])
    .option('--json', 'print one summary object on stdout (all else goes to stderr)')
    .action(async (names: string[], options: { json?: boolean }, command: Command) => {
      const unknown = names.find((name) => !(SUITES as readonly string[]).includes(name));
      if (unknown) command.error(`error: there is no suite '${unknown}'; there are ${SUITES.join(', ')}`);
      const reporter = createReporter(options.json ?? false);
      const results: SuiteResult[] = [];
      for (const suite of SUITES.filter((name) => names.includes(name))) results.push(await runSuite(suite, reporter));
      const passed = results.reduce((sum, result) => sum + result.passed, 0);
      const failed = results.reduce((sum, result) => sum + result.failed, 0);
      const ok = results.every((result) => result.exitCode === 0) && passed > 0;
      for (const fact of whatWasNotRun()) reporter.line(fact);
      reporter.summary({ command: 'test', ok, passed, failed, suites: results }, () =>
        [
          ...results.map((r) => `${r.suite}: ${r.passed} passed, ${r.failed} failed in ${r.seconds.toFixed(0)} s`),
          `${passed} passed, ${failed} failed`,
        ].join('\n'),
      );
      process.exitCode = ok ? ExitCode.ok : ExitCode.failed;
    });
}

/** Counted lines for what this machine could not check. */
function whatWasNotRun(): string[] {
  const lines: string[] = [];
  if (!process.env['ALMAGEST_TEST_DATA'])
    lines.push('not run: tests on real data (set ALMAGEST_TEST_DATA to the folder with the test data)');
  if (!chromiumPath()) lines.push('not run: 1 suite of browser tests of the portal (no Chromium found)');
  return lines;
}

function chromiumPath(): string | undefined {
  return [
    process.env['CHROMIUM_PATH'],
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ].find((path) => path !== undefined && existsSync(path));
}

async function runSuite(suite: Suite, reporter: Reporter): Promise<SuiteResult> {
  const started = performance.now();
  const resultFile = join(tmpdir(), `almagest-${process.pid}-${suite}.json`);
  reporter.line(`== ${suite} suite`);
  const args = [
    '--experimental-vm-modules',
    '--no-warnings',
    join(ROOT, 'node_modules/jest/bin/jest.js'),
    '-c',
    join(ROOT, `test/jest.${suite}.config.mjs`),
    '--json',
    `--outputFile=${resultFile}`,
    '--silent=false',
  ];
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, TZ: 'UTC' },
  });
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
  const counts = existsSync(resultFile)
    ? (JSON.parse(readFileSync(resultFile, 'utf8')) as {
        numPassedTests: number;
        numFailedTests: number;
        numRuntimeErrorTestSuites: number;
      })
    : { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 1 };
  rmSync(resultFile, { force: true });
  return {
    suite,
    passed: counts.numPassedTests,
    failed: counts.numFailedTests + counts.numRuntimeErrorTestSuites,
    seconds: (performance.now() - started) / 1000,
    exitCode,
  };
}
