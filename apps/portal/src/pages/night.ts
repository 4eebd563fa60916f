import { ask } from '../api.js';
import { BANDS, bandTag } from '../bands.js';
import { type Child, h, notice } from '../dom.js';
import { count, decText, fixed, missing, nightName, nightOf, raText, time } from '../format.js';
import { stamp, STAMPS } from '../stamps.js';

interface Alert {
  readonly sequence: string;
  readonly diaSourceId: string;
  readonly diaObjectId: string | null;
  readonly ssObjectId: string | null;
  readonly visit: string;
  readonly detector: number;
  readonly midpointMjdTai: number;
  readonly ra: number;
  readonly dec: number;
  readonly band: string | null;
  readonly snr: number | null;
  readonly reliability: number | null;
}

const FIELDS = 'sequence diaSourceId diaObjectId ssObjectId visit detector midpointMjdTai ra dec band snr reliability';
const PAGE = 1000;
const MAX_ALERTS = 10_000;
/** rows drawn; the filters reach the rest */
const MAX_ROWS = 500;

interface Column {
  readonly name: string;
  readonly label: string;
  readonly value?: (alert: Alert) => number;
  readonly numeric?: boolean;
  readonly cell: (alert: Alert) => Child;
}

const bar = (value: number | null): Child =>
  value === null
    ? missing
    : h(
        'span',
        { class: 'meter', title: `reliability ${value.toFixed(3)}` },
        h('span', { style: `width:${(100 * value).toFixed(0)}%` }),
        h('b', {}, value.toFixed(2)),
      );

const COLUMNS: readonly Column[] = [
  ...STAMPS.map((name): Column => ({
    name,
    label: name,
    cell: ({ diaSourceId }) => h('a', { href: `/alerts/${diaSourceId}`, tabindex: -1 }, stamp(diaSourceId, name, 62)),
  })),
  {
    name: 'time',
    label: 'UTC',
    value: (alert) => alert.midpointMjdTai,
    cell: (alert) => h('a', { href: `/alerts/${alert.diaSourceId}` }, time(alert.midpointMjdTai)),
  },
  { name: 'band', label: 'Band', value: ({ band }) => BANDS.indexOf(band as 'u'), cell: ({ band }) => bandTag(band) },
  {
    name: 'snr',
    label: 'S/N',
    numeric: true,
    value: ({ snr }) => Math.abs(snr ?? 0),
    cell: ({ snr }) => fixed(snr, 1),
  },
  {
    name: 'reliability',
    label: 'Reliability',
    value: ({ reliability }) => reliability ?? -1,
    cell: ({ reliability }) => bar(reliability),
  },
  { name: 'ra', label: 'RA', numeric: true, value: ({ ra }) => ra, cell: ({ ra }) => raText(ra) },
  { name: 'dec', label: 'Dec', numeric: true, value: ({ dec }) => dec, cell: ({ dec }) => decText(dec) },
  {
    name: 'object',
    label: 'Object',
    cell: ({ diaObjectId, ssObjectId }) =>
      diaObjectId
        ? h('a', { href: `/objects/${diaObjectId}`, class: 'id', title: diaObjectId }, `…${diaObjectId.slice(-8)}`)
        : ssObjectId
          ? h('span', { class: 'tag' }, 'Solar System')
          : missing,
  },
  {
    name: 'visit',
    label: 'Visit',
    numeric: true,
    value: ({ sequence }) => Number(sequence),
    cell: ({ visit, detector }) => `${visit} · ${detector}`,
  },
];

interface AlertPage {
  readonly alerts: {
    readonly nodes: Alert[];
    readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
  };
}

async function nightAlerts(night: number): Promise<Alert[]> {
  const all: Alert[] = [];
  for (let after: string | null = null; ;) {
    const { alerts }: AlertPage = await ask<AlertPage>(
      `query ($time: TimeInterval, $after: String) { alerts(first: ${PAGE}, newestFirst: true, time: $time, after: $after) {
         nodes { ${FIELDS} } pageInfo { endCursor hasNextPage } } }`,
      { time: { from: night + 0.5, to: night + 1.5 }, after },
    );
    all.push(...alerts.nodes);
    if (!alerts.pageInfo.hasNextPage || all.length >= MAX_ALERTS) return all;
    after = alerts.pageInfo.endCursor;
  }
}

/** The newest night, or the one next to a given night. */
async function findNight(time: object, newestFirst: boolean): Promise<number | undefined> {
  const { alerts } = await ask<{ alerts: { nodes: Alert[] } }>(
    'query ($time: TimeInterval, $newest: Boolean!) { alerts(first: 1, newestFirst: $newest, time: $time) { nodes { midpointMjdTai } } }',
    { time, newest: newestFirst },
  );
  return alerts.nodes[0] && nightOf(alerts.nodes[0].midpointMjdTai);
}

export async function nightPage(into: HTMLElement, signal: AbortSignal): Promise<void> {
  document.title = 'Alerts · Almagest';
  const asked = Number(new URLSearchParams(location.search).get('night')) || undefined;
  const night = asked ?? (await findNight({}, true));
  if (signal.aborted) return;
  if (night === undefined) {
    into.append(
      h('h1', {}, 'Alerts'),
      notice('No alert has been published yet. They appear here as soon as a visit has been processed.'),
    );
    live([], 0, signal, (_state, alert) => {
      if (alert) location.reload();
    });
    return;
  }
  const alerts = await nightAlerts(night);
  if (signal.aborted) return;
  let order: { name: string; down: boolean } = { name: 'time', down: true };
  const state = { bands: new Set<string>(), snr: 0, reliability: 0, kind: 'all' };

  const summary = h('p', { class: 'muted', 'aria-live': 'polite' });
  const body = h('tbody', {});
  const passes = (alert: Alert): boolean =>
    (state.bands.size === 0 || state.bands.has(alert.band ?? '')) &&
    Math.abs(alert.snr ?? 0) >= state.snr &&
    (alert.reliability ?? 0) >= state.reliability &&
    (state.kind === 'all' || (state.kind === 'moving') === (alert.ssObjectId !== null));
  const rowOf = (alert: Alert): HTMLElement => {
    const row = h('tr', { 'data-id': alert.diaSourceId });
    for (const column of COLUMNS) row.append(h('td', { class: column.numeric ? 'number' : '' }, column.cell(alert)));
    return row;
  };
  const draw = (): void => {
    const { value } = COLUMNS.find(({ name }) => name === order.name)!;
    const sign = order.down ? -1 : 1;
    const shown = alerts
      .filter(passes)
      .sort((a, b) => sign * (value!(a) - value!(b)) || (BigInt(b.sequence) > BigInt(a.sequence) ? 1 : -1));
    body.replaceChildren(...shown.slice(0, MAX_ROWS).map(rowOf));
    const more = shown.length > MAX_ROWS ? `, the first ${MAX_ROWS} are listed` : '';
    summary.textContent = `${count(shown.length)} of ${count(alerts.length)} alerts${more}`;
    for (const head of headings) {
      const sorted = head.dataset['column'] === order.name;
      head.setAttribute('aria-sort', sorted ? (order.down ? 'descending' : 'ascending') : 'none');
    }
  };
  const headings = COLUMNS.map((column) =>
    h(
      'th',
      { scope: 'col', class: column.numeric ? 'number' : '', 'data-column': column.name },
      column.value
        ? h(
            'button',
            {
              type: 'button',
              onclick: () => {
                order = { name: column.name, down: order.name === column.name ? !order.down : true };
                draw();
              },
            },
            column.label,
          )
        : column.label,
    ),
  );
  const number = (label: string, key: 'snr' | 'reliability', step: number, max: number): HTMLElement =>
    h(
      'label',
      {},
      label,
      h('input', {
        type: 'number',
        min: 0,
        max,
        step,
        value: 0,
        name: key,
        oninput: (event) => {
          state[key] = Number((event.target as HTMLInputElement).value) || 0;
          draw();
        },
      }),
    );
  const controls = h(
    'form',
    { class: 'controls', onsubmit: (event) => event.preventDefault() },
    h(
      'fieldset',
      {},
      h('legend', {}, 'Band'),
      ...BANDS.map((band) =>
        h(
          'label',
          { class: `chip band-${band}` },
          h('input', {
            type: 'checkbox',
            name: `band-${band}`,
            onchange: (event) => {
              if ((event.target as HTMLInputElement).checked) state.bands.add(band);
              else state.bands.delete(band);
              draw();
            },
          }),
          band,
        ),
      ),
    ),
    number('S/N at least', 'snr', 1, 10000),
    number('Reliability at least', 'reliability', 0.05, 1),
    h(
      'label',
      {},
      'Kind',
      h(
        'select',
        {
          name: 'kind',
          onchange: (event) => {
            state.kind = (event.target as HTMLSelectElement).value;
            draw();
          },
        },
        h('option', { value: 'all' }, 'all'),
        h('option', { value: 'fixed' }, 'fixed on the sky'),
        h('option', { value: 'moving' }, 'Solar System'),
      ),
    ),
    h('span', { class: 'spacer' }),
    summary,
  );
  const lamp = h('span', { class: 'lamp', role: 'status' }, 'connecting');
  const go = async (time: object, newest: boolean): Promise<void> => {
    const other = await findNight(time, newest);
    if (other !== undefined) location.assign(`/?night=${other}`);
  };
  into.append(
    h(
      'div',
      { class: 'title' },
      h('h1', {}, `Night of ${nightName(night)}`),
      h(
        'button',
        { type: 'button', title: 'the night before', onclick: () => void go({ to: night + 0.5 }, true) },
        '← earlier',
      ),
      h(
        'button',
        { type: 'button', title: 'the night after', onclick: () => void go({ from: night + 1.5 }, false) },
        'later →',
      ),
      h('span', { class: 'spacer' }),
      lamp,
    ),
    controls,
    h(
      'div',
      { class: 'scroll' },
      h(
        'table',
        { class: 'alerts' },
        h('caption', { class: 'hidden' }, 'Alerts of the night'),
        h('thead', {}, h('tr', {}, ...headings)),
        body,
      ),
    ),
  );
  draw();

  let waiting = false;
  live(alerts, night, signal, (state_, alert) => {
    lamp.textContent = state_;
    lamp.dataset['state'] = state_;
    if (!alert || waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw();
    });
  });
}

/** New alerts of this night join the list as they are published; the stream resumes by itself where it was cut. */
function live(
  alerts: Alert[],
  night: number,
  signal: AbortSignal,
  told: (state: 'live' | 'reconnecting', alert?: Alert) => void,
): void {
  const last = alerts.reduce((newest, { sequence }) => (BigInt(sequence) > newest ? BigInt(sequence) : newest), 0n);
  const events = new EventSource(`/api/alerts/stream${alerts.length ? `?after=${last}` : ''}`);
  const known = new Set(alerts.map(({ diaSourceId }) => diaSourceId));
  events.addEventListener('open', () => told('live'));
  events.addEventListener('error', () => told('reconnecting'));
  events.addEventListener('alert', (event) => {
    const alert = JSON.parse((event as MessageEvent<string>).data) as Alert;
    if (known.has(alert.diaSourceId) || (alerts.length > 0 && nightOf(alert.midpointMjdTai) !== night)) return;
    known.add(alert.diaSourceId);
    alerts.unshift(alert);
    told('live', alert);
  });
  signal.addEventListener('abort', () => events.close());
}
