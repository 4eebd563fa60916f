// What a command says while it runs: a progress line on a terminal, plain lines otherwise, all on stderr with --json.

export interface Reporter {
  /** a finished fact worth keeping on the screen */
  line(text: string): void;
  /** where a long piece of work stands; on a terminal the line is rewritten in place */
  progress(label: string, done: number, total: number, note?: string): void;
  /** the command's result: text for people, or the one JSON object with --json */
  summary(facts: Readonly<Record<string, unknown>>, text: () => string): void;
}

const PLAIN_INTERVAL_MS = 5_000;

export function createReporter(json: boolean): Reporter {
  const out = json ? process.stderr : process.stdout;
  const live = out.isTTY === true;
  let open = false;
  let lastLabel = '';
  let lastPlain = 0;
  const endLive = (): void => {
    if (open) out.write('\n');
    open = false;
  };
  return {
    line(text) {
      endLive();
      out.write(`${text}\n`);
    },
    progress(label, done, total, note = '') {
      const text = `${label} ${done}/${total}${note && `  ${note}`}`;
      if (live) {
        const width = 24;
        const filled = total > 0 ? Math.round((width * done) / total) : 0;
        out.write(`\r\u001b[K[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${text}`);
        open = true;
        if (done >= total) endLive();
        return;
      }
      const now = Date.now();
      if (label !== lastLabel || done >= total || now - lastPlain > PLAIN_INTERVAL_MS) {
        out.write(`${text}\n`);
        lastPlain = now;
      }
      lastLabel = label;
    },
    summary(facts, text) {
      endLive();
      if (json)
        process.stdout.write(
          `${JSON.stringify(facts, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))}\n`,
        );
      else process.stdout.write(`${text()}\n`);
    },
  };
}
