// An object's measurements as facts and as a table.

import { bandTag } from './bands.js';
import { facts, h } from './dom.js';
import { dateTime, decText, fixed, raText } from './format.js';
import type { FluxPoint } from './light-curve.js';

export interface Measurement extends Omit<FluxPoint, 'forced'> {
  readonly snr?: number | null;
  readonly reliability?: number | null;
  readonly visit: string;
}
export type HistoryPoint = Measurement & { readonly forced: boolean };

export interface ObjectHistory {
  readonly diaObjectId: string;
  readonly ra: number;
  readonly dec: number;
  readonly nDiaSources: number;
  readonly firstDiaSourceMjdTai: number | null;
  readonly lastDiaSourceMjdTai: number | null;
  readonly lightCurve: readonly Measurement[];
  readonly forcedSources: readonly Measurement[];
}

export const OBJECT_FIELDS = `diaObjectId ra dec nDiaSources firstDiaSourceMjdTai lastDiaSourceMjdTai
  lightCurve { diaSourceId midpointMjdTai band psfFlux psfFluxErr snr reliability visit }
  forcedSources { midpointMjdTai band psfFlux psfFluxErr visit }`;

export const measurementsOf = ({ lightCurve, forcedSources }: ObjectHistory): HistoryPoint[] =>
  [
    ...lightCurve.map((point) => ({ ...point, forced: false })),
    ...forcedSources.map((point) => ({ ...point, forced: true })),
  ].sort((a, b) => b.midpointMjdTai - a.midpointMjdTai || Number(a.forced) - Number(b.forced));

export const objectFacts = (object: ObjectHistory, linked: boolean): HTMLElement =>
  facts([
    [
      'Identifier',
      linked
        ? h('a', { class: 'id', href: `/objects/${object.diaObjectId}` }, object.diaObjectId)
        : h('span', { class: 'id' }, object.diaObjectId),
    ],
    ['Position', `${raText(object.ra)} ${decText(object.dec)}`],
    ['Detections', object.nDiaSources],
    ['First', object.firstDiaSourceMjdTai === null ? null : `${dateTime(object.firstDiaSourceMjdTai)} UTC`],
    ['Last', object.lastDiaSourceMjdTai === null ? null : `${dateTime(object.lastDiaSourceMjdTai)} UTC`],
  ]);

export function historyTable(points: readonly HistoryPoint[], current?: string): HTMLElement {
  const heads = ['UTC', 'MJD TAI', 'Band', 'Kind', 'Flux [nJy]', '±', 'S/N', 'Reliability', 'Visit'];
  const rows = points.map((point) => {
    const id = point.diaSourceId;
    const time = dateTime(point.midpointMjdTai);
    const snr = point.snr ?? (point.psfFlux !== null && point.psfFluxErr ? point.psfFlux / point.psfFluxErr : null);
    return h(
      'tr',
      { class: `${point.forced ? 'forced' : ''} ${id !== undefined && id === current ? 'current' : ''}` },
      h('td', {}, id && id !== current ? h('a', { href: `/alerts/${id}` }, time) : time),
      h('td', { class: 'number' }, point.midpointMjdTai.toFixed(5)),
      h('td', {}, bandTag(point.band)),
      h('td', {}, point.forced ? 'forced' : 'detection'),
      h('td', { class: 'number' }, fixed(point.psfFlux, 0)),
      h('td', { class: 'number' }, fixed(point.psfFluxErr, 0)),
      h('td', { class: 'number' }, fixed(snr, 1)),
      h('td', { class: 'number' }, fixed(point.reliability, 2)),
      h('td', { class: 'number' }, point.visit),
    );
  });
  return h(
    'div',
    { class: 'scroll' },
    h(
      'table',
      { class: 'history' },
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          ...heads.map((head, i) => h('th', { scope: 'col', class: i === 1 || i > 3 ? 'number' : '' }, head)),
        ),
      ),
      h('tbody', {}, ...rows),
    ),
  );
}
