import { ask } from '../api.js';
import { bandTag } from '../bands.js';
import { facts, h, notice } from '../dom.js';
import { dateTime, decText, fixed, magnitude, raText } from '../format.js';
import {
  historyTable,
  type Measurement,
  measurementsOf,
  OBJECT_FIELDS,
  type ObjectHistory,
  objectFacts,
} from '../history.js';
import { lightCurve } from '../light-curve.js';
import { stampWithValues } from '../stamp-values.js';
import { STAMPS, stampUrl } from '../stamps.js';

interface AlertDetail {
  readonly diaSourceId: string;
  readonly visit: string;
  readonly detector: number;
  readonly ssObjectId: string | null;
  readonly diaSource: Measurement & {
    readonly ra: number;
    readonly dec: number;
    readonly x: number | null;
    readonly y: number | null;
    readonly scienceFlux: number | null;
    readonly templateFlux: number | null;
    readonly isDipole: boolean | null;
    readonly trailLength: number | null;
    readonly ssSource: {
      designation: string | null;
      topoRange: number | null;
      helioRange: number | null;
      phaseAngle: number | null;
      ephOffset: number | null;
    } | null;
  };
  readonly diaObject: ObjectHistory | null;
}

interface SolarSystemObject {
  readonly designation: string;
  readonly orbit: { a: number | null; e: number | null; i: number | null; q: number | null } | null;
  readonly ssSources: readonly { readonly diaSourceId: string }[];
}

const QUERY = `query ($id: ID!) { alert(diaSourceId: $id) {
  diaSourceId visit detector ssObjectId
  diaSource { diaSourceId ra dec x y midpointMjdTai band psfFlux psfFluxErr snr reliability scienceFlux templateFlux isDipole trailLength visit
    ssSource { designation topoRange helioRange phaseAngle ephOffset } }
  diaObject { ${OBJECT_FIELDS} } } }`;

export async function alertPage(into: HTMLElement, signal: AbortSignal, id: string): Promise<void> {
  document.title = `Alert ${id} · Almagest`;
  const { alert } = await ask<{ alert: AlertDetail }>(QUERY, { id });
  const moving = alert.ssObjectId === null ? undefined : await solarSystem(alert.ssObjectId);
  if (signal.aborted) return;
  const { diaSource, diaObject } = alert;
  into.append(
    h(
      'div',
      { class: 'title' },
      h('h1', {}, 'Alert ', h('span', { class: 'id' }, id)),
      bandTag(diaSource.band),
      h('span', { class: 'muted' }, `${dateTime(diaSource.midpointMjdTai)} UTC`),
      h('span', { class: 'spacer' }),
      download('JSON', `/api/alerts/${id}`, `${id}.json`),
      download('Avro', `/api/alerts/${id}/packet`, `${id}.avro`),
      ...STAMPS.map((name) => download(`${name} FITS`, stampUrl(id, name, 'fits'), `${id}-${name}.fits`)),
    ),
    h(
      'div',
      { class: 'beside' },
      h('div', { class: 'stamps' }, ...STAMPS.map((name) => stampWithValues(id, name, 240))),
      detectionFacts(alert),
    ),
  );
  const side = h(
    'div',
    {},
    diaObject && h('section', {}, h('h2', {}, 'Object'), objectFacts(diaObject, true)),
    moving && h('section', {}, h('h2', {}, 'Known Solar System object'), movingFacts(moving, diaSource.ssSource)),
  );
  if (diaObject) {
    const measurements = measurementsOf(diaObject);
    into.append(
      h(
        'div',
        { class: 'beside' },
        h('section', { class: 'wide' }, h('h2', {}, 'Light curve'), lightCurve(measurements, id)),
        side,
      ),
      h('section', {}, h('h2', {}, 'History'), historyTable(measurements, id)),
    );
  } else if (moving) into.append(h('div', { class: 'beside' }, side, observations(moving, id)));
  else into.append(notice('This detection belongs to no object.'));
}

const detectionFacts = ({ diaSource, visit, detector }: AlertDetail): HTMLElement =>
  facts([
    ['Position', `${raText(diaSource.ra)} ${decText(diaSource.dec)}`],
    ['', `${diaSource.ra.toFixed(6)}°, ${diaSource.dec.toFixed(6)}°`],
    ['S/N', fixed(diaSource.snr, 1)],
    ['Reliability', fixed(diaSource.reliability, 3)],
    ['Difference flux', `${fixed(diaSource.psfFlux, 0)} ± ${fixed(diaSource.psfFluxErr, 0)} nJy`],
    ['Science magnitude', magnitude(diaSource.scienceFlux)],
    ['Template magnitude', magnitude(diaSource.templateFlux)],
    ['Visit, detector', `${visit} · ${detector}`],
    ['Pixel', diaSource.x === null ? null : `${fixed(diaSource.x, 1)}, ${fixed(diaSource.y, 1)}`],
    ['Trail', diaSource.trailLength ? `${fixed(diaSource.trailLength, 1)}″` : null],
    ['Dipole', diaSource.isDipole ? 'yes' : null],
  ]);

const observations = ({ ssSources }: SolarSystemObject, id: string): HTMLElement =>
  h(
    'section',
    {},
    h('h2', {}, 'Observations'),
    h(
      'ul',
      { class: 'ids' },
      ...ssSources.map(({ diaSourceId }) =>
        h('li', {}, diaSourceId === id ? `${id} (this one)` : h('a', { href: `/alerts/${diaSourceId}` }, diaSourceId)),
      ),
    ),
  );

const download = (label: string, href: string, name: string): HTMLElement =>
  h('a', { class: 'button', href, download: name }, label);

async function solarSystem(id: string): Promise<SolarSystemObject | undefined> {
  const { ssObject } = await ask<{ ssObject: SolarSystemObject | null }>(
    'query ($id: ID!) { ssObject(id: $id) { designation orbit { a e i q } ssSources { diaSourceId } } }',
    { id },
  );
  return ssObject ?? undefined;
}

const movingFacts = (
  { designation, orbit, ssSources }: SolarSystemObject,
  here: AlertDetail['diaSource']['ssSource'],
): HTMLElement =>
  facts([
    ['Designation', designation],
    ['Observations', ssSources.length],
    ['Distance from Earth', here?.topoRange == null ? null : `${fixed(here.topoRange, 3)} au`],
    ['Distance from Sun', here?.helioRange == null ? null : `${fixed(here.helioRange, 3)} au`],
    ['Phase angle', here?.phaseAngle == null ? null : `${fixed(here.phaseAngle, 1)}°`],
    ['Offset from ephemeris', here?.ephOffset == null ? null : `${fixed(here.ephOffset, 2)}″`],
    ['a, e, i', orbit ? `${fixed(orbit.a, 3)} au, ${fixed(orbit.e, 3)}, ${fixed(orbit.i, 2)}°` : null],
  ]);
