import { ApiError, ask, token } from '../api.js';
import { h, notice } from '../dom.js';
import { fixed } from '../format.js';

interface Filter {
  readonly id: string;
  readonly name: string;
  readonly query: string;
  readonly activeVersion: number | null;
  readonly latestVersion: number;
}
interface Match {
  readonly matchId: string;
  readonly diaSourceId: string;
  readonly matchedAt: string;
  readonly selected: Readonly<Record<string, unknown>>;
}
type Sample = Readonly<Record<string, unknown>>;
interface DryRun {
  readonly alerts: number;
  readonly matches: number;
  readonly sample: Sample[];
  readonly clauses: readonly { readonly text: string; readonly passes: number; readonly aloneRejects: number }[];
}
interface VisitCounts {
  readonly visit: string;
  readonly alerts: number;
  readonly matches: number;
}

const EXAMPLE = `SELECT diaSourceId, ra, dec, band, snr, reliability
FROM alerts
WHERE reliability > 0.7
  AND snr > 20`;
const CHECK_DELAY_MS = 300;

const cellText = (value: unknown): string =>
  value === null || value === undefined
    ? '–'
    : typeof value === 'number'
      ? Number.isInteger(value)
        ? String(value)
        : fixed(value, 5)
      : typeof value === 'string'
        ? value
        : JSON.stringify(value);

function table(rows: readonly Sample[]): HTMLElement {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return h(
    'div',
    { class: 'scroll' },
    h(
      'table',
      {},
      h('thead', {}, h('tr', {}, ...names.map((name) => h('th', { scope: 'col', class: 'number' }, name)))),
      h(
        'tbody',
        {},
        ...rows.map((row) =>
          h(
            'tr',
            {},
            ...names.map((name) =>
              h(
                'td',
                { class: 'number' },
                name === 'diaSourceId'
                  ? h('a', { href: `/alerts/${String(row[name])}` }, String(row[name]))
                  : cellText(row[name]),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

export async function filtersPage(into: HTMLElement, signal: AbortSignal): Promise<void> {
  document.title = 'Filters · Almagest';
  const text = h('textarea', {
    id: 'query',
    rows: 8,
    spellcheck: 'false',
    autocomplete: 'off',
    'aria-describedby': 'mistake',
  });
  const marks = h('pre', { class: 'marks', 'aria-hidden': 'true' });
  const mistake = h('p', { id: 'mistake', class: 'mistake', 'aria-live': 'polite' });
  const result = h('div', { class: 'result' });
  const name = h('input', { name: 'name', placeholder: 'name', 'aria-label': 'name of the filter', maxlength: 100 });
  text.value = EXAMPLE;

  /** Underlines the place of a mistake behind the text. */
  const showMistake = (error: unknown): void => {
    const range = error instanceof ApiError ? error.range : undefined;
    const query = text.value;
    result.classList.toggle('stale', error !== undefined);
    mistake.textContent = error instanceof Error ? error.message : '';
    marks.replaceChildren(
      ...(range
        ? [
            query.slice(0, range.offset),
            h('mark', {}, query.slice(range.offset, range.offset + Math.max(1, range.length)) || ' '),
            query.slice(range.offset + range.length),
          ]
        : [query]),
    );
  };
  const dryRun = async (): Promise<void> => {
    const query = text.value;
    try {
      const { filterDryRun, filterReplay } = await ask<{ filterDryRun: DryRun; filterReplay: VisitCounts[] }>(
        `query ($query: String!) {
          filterDryRun(query: $query) { alerts matches sample clauses { text passes aloneRejects } }
          filterReplay(query: $query) { visit alerts matches } }`,
        { query },
      );
      if (signal.aborted || query !== text.value) return;
      showMistake(undefined);
      const { alerts, matches, sample, clauses } = filterDryRun;
      const share = alerts > 0 ? ` (${((100 * matches) / alerts).toFixed(1)} %)` : '';
      const shown = sample.length < matches ? `; the first ${sample.length}:` : '';
      result.replaceChildren(
        h('p', {}, h('b', {}, `${matches} of the ${alerts} newest alerts${share}`), shown),
        sample.length ? table(sample) : '',
        h('h3', {}, 'Its clauses'),
        table(
          clauses.map(({ text, passes, aloneRejects }) => ({ clause: text, passes, 'fail here alone': aloneRejects })),
        ),
        h('h3', {}, 'Past visits, with what was known then'),
        table(filterReplay.map(({ visit, alerts: all, matches: passed }) => ({ visit, alerts: all, matches: passed }))),
      );
    } catch (error) {
      if (query === text.value) showMistake(error);
    }
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  text.addEventListener('input', () => {
    marks.replaceChildren(text.value);
    clearTimeout(timer);
    timer = setTimeout(() => void dryRun(), CHECK_DELAY_MS);
  });
  text.addEventListener('scroll', () => (marks.scrollTop = text.scrollTop));
  signal.addEventListener('abort', () => clearTimeout(timer));

  const own = h('section', {}, h('h2', {}, 'Your filters'));
  const list = h('div', {});
  const showOwn = async (): Promise<void> => {
    if (!token.get()) {
      list.replaceChildren(notice('Give your access token to see and register filters of your own.'));
      return;
    }
    try {
      const { filters } = await ask<{ filters: Filter[] }>('{ filters { id name query activeVersion latestVersion } }');
      list.replaceChildren(
        filters.length ? h('ul', { class: 'filters' }, ...filters.map(item)) : notice('You have no filter yet.'),
      );
    } catch (error) {
      list.replaceChildren(notice(error instanceof Error ? error.message : String(error), 'error'));
    }
  };
  const item = (filter: Filter): HTMLElement =>
    h(
      'li',
      {},
      h('b', {}, filter.name),
      h(
        'span',
        { class: 'muted' },
        ` version ${filter.latestVersion}, ${filter.activeVersion === null ? 'resting' : 'active'} `,
      ),
      h(
        'button',
        {
          type: 'button',
          onclick: () => {
            text.value = filter.query;
            void dryRun();
          },
        },
        'edit',
      ),
      h('button', { type: 'button', onclick: () => void showMatches(filter) }, 'matches'),
      h(
        'button',
        {
          type: 'button',
          onclick: () =>
            void change('mutation ($id: ID!, $active: Boolean!) { setFilterActive(id: $id, active: $active) { id } }', {
              id: filter.id,
              active: filter.activeVersion === null,
            }),
        },
        filter.activeVersion === null ? 'wake' : 'rest',
      ),
    );
  const showMatches = async (filter: Filter): Promise<void> => {
    const { filterMatches } = await ask<{ filterMatches: Match[] }>(
      'query ($id: ID!) { filterMatches(filterId: $id, first: 1000) { matchId diaSourceId matchedAt selected } }',
      { id: filter.id },
    );
    const rows = filterMatches
      .map(({ diaSourceId, matchedAt, selected }) => ({
        diaSourceId,
        ...selected,
        matched: matchedAt.slice(0, 19).replace('T', ' '),
      }))
      .reverse();
    result.replaceChildren(
      h('p', {}, h('b', {}, `${rows.length} matches of ${filter.name}`)),
      rows.length ? table(rows) : '',
    );
  };
  const change = async (mutation: string, variables: Record<string, unknown>): Promise<void> => {
    try {
      await ask(mutation, variables);
      showMistake(undefined);
      await showOwn();
    } catch (error) {
      showMistake(error);
    }
  };
  const register = (event: Event): void => {
    event.preventDefault();
    void change('mutation ($name: String!, $query: String!) { registerFilter(name: $name, query: $query) { id } }', {
      name: name.value,
      query: text.value,
    });
  };
  own.append(
    h(
      'label',
      {},
      'Access token ',
      h('input', {
        type: 'password',
        name: 'token',
        value: token.get(),
        placeholder: 'alm_…',
        autocomplete: 'off',
        onchange: (event) => {
          token.set((event.target as HTMLInputElement).value);
          void showOwn();
        },
      }),
    ),
    list,
  );
  into.append(
    h('div', { class: 'title' }, h('h1', {}, 'Filters')),
    h(
      'div',
      { class: 'columns wide' },
      h(
        'section',
        {},
        h('label', { for: 'query' }, 'A filter is one SELECT over the alert, its object and its orbit.'),
        h('div', { class: 'editor' }, marks, text),
        mistake,
        h(
          'form',
          { class: 'controls', onsubmit: register },
          h('button', { type: 'button', class: 'primary', onclick: () => void dryRun() }, 'Dry run'),
          name,
          h('button', { type: 'submit' }, 'Register'),
        ),
      ),
      own,
    ),
    result,
    await columnList(),
  );
  void showOwn();
  await dryRun();
}

async function columnList(): Promise<HTMLElement> {
  const { filterColumns } = await ask<{
    filterColumns: { name: string; type: string; unit: string | null; description: string | null }[];
  }>('{ filterColumns { name type unit description } }');
  return h(
    'details',
    {},
    h('summary', {}, `${filterColumns.length} columns that filters may read`),
    h(
      'div',
      { class: 'scroll' },
      h(
        'table',
        {},
        h(
          'tbody',
          {},
          ...filterColumns.map(({ name, type, unit, description }) =>
            h(
              'tr',
              {},
              h('td', {}, h('code', {}, name)),
              h('td', {}, type),
              h('td', {}, unit ?? ''),
              h('td', { class: 'wrap' }, description ?? ''),
            ),
          ),
        ),
      ),
    ),
  );
}
