import { ask } from '../api.js';
import { bandTag } from '../bands.js';
import { h, notice } from '../dom.js';
import { count, dateTime, decText, fixed, missing, raText } from '../format.js';

interface Detector {
  readonly detector: number;
  readonly seeing: number | null;
  readonly zeroPoint: number | null;
  readonly nPsfStar: number;
}
interface Visit {
  readonly visit: string;
  readonly instrument: string;
  readonly band: string;
  readonly status: string;
  readonly midpointMjdTai: number;
  readonly exposureTime: number | null;
  readonly ra: number | null;
  readonly dec: number | null;
  readonly detectors: number;
  readonly detectorsDone: number;
  readonly sources: number;
  readonly diaSources: number;
  readonly alerts: number;
  readonly detectorSummaries: readonly Detector[];
}

const QUERY = `{ visits(first: 100) { nodes { visit instrument band status midpointMjdTai exposureTime ra dec detectors detectorsDone
  sources diaSources alerts detectorSummaries { detector seeing zeroPoint nPsfStar } } } }`;
const HEADS = [
  'Visit',
  'UTC',
  'Band',
  'Exposure',
  'Field',
  'Status',
  'Detectors',
  'Seeing',
  'Zero point',
  'PSF stars',
  'Detections',
  'Alerts',
];
const REFRESH_MS = 3_000;

const mean = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value): value is number => value !== null);
  return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
};

function rowOf(visit: Visit): HTMLElement {
  const { detectors, detectorsDone, detectorSummaries } = visit;
  const seeing = mean(detectorSummaries.map((detector) => detector.seeing));
  const cells = [
    visit.visit,
    dateTime(visit.midpointMjdTai),
    bandTag(visit.band),
    visit.exposureTime === null ? missing : `${fixed(visit.exposureTime, 0)} s`,
    visit.ra === null || visit.dec === null ? missing : `${raText(visit.ra)} ${decText(visit.dec)}`,
    h('span', { class: `status ${visit.status}` }, visit.status),
    h(
      'span',
      { class: 'progress' },
      h('progress', { max: Math.max(1, detectors), value: detectorsDone, 'aria-label': 'detectors done' }),
      ` ${detectorsDone}/${detectors}`,
    ),
    seeing === null ? missing : `${fixed(seeing, 2)}″`,
    fixed(mean(detectorSummaries.map((detector) => detector.zeroPoint)), 2),
    count(detectorSummaries.reduce((sum, { nPsfStar }) => sum + nPsfStar, 0)),
    count(visit.diaSources),
    count(visit.alerts),
  ];
  return h(
    'tr',
    { 'data-visit': visit.visit },
    ...cells.map((cell, i) => h('td', { class: i > 6 || i === 0 ? 'number' : '' }, cell)),
  );
}

export async function visitsPage(into: HTMLElement, signal: AbortSignal): Promise<void> {
  document.title = 'Visits · Almagest';
  const body = h('tbody', {});
  const summary = h('p', { class: 'muted', 'aria-live': 'polite' });
  const empty = notice('No visit has been taken yet.');
  into.append(
    h('div', { class: 'title' }, h('h1', {}, 'Visits'), h('span', { class: 'spacer' }), summary),
    h(
      'div',
      { class: 'scroll' },
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            ...HEADS.map((head, i) => h('th', { scope: 'col', class: i > 6 || i === 0 ? 'number' : '' }, head)),
          ),
        ),
        body,
      ),
    ),
  );
  while (!signal.aborted) {
    const { visits } = await ask<{ visits: { nodes: Visit[] } }>(QUERY);
    if (signal.aborted) return;
    body.replaceChildren(...visits.nodes.map(rowOf));
    if (visits.nodes.length === 0) into.append(empty);
    else empty.remove();
    const busy = visits.nodes.filter(({ status }) => !['complete', 'partial', 'failed'].includes(status)).length;
    summary.textContent = `the newest ${visits.nodes.length} visits${busy ? `, ${busy} in progress` : ''}`;
    await new Promise((resolve) => setTimeout(resolve, REFRESH_MS));
  }
}
