// Flux against time as SVG. Detections are filled, forced fluxes are open; bars are one sigma; the alert in view has a ring.

import { fixed, dateTime } from './format.js';
import { h, svg } from './dom.js';

export interface FluxPoint {
  readonly midpointMjdTai: number;
  readonly band: string | null;
  readonly psfFlux: number | null;
  readonly psfFluxErr: number | null;
  readonly diaSourceId?: string;
  readonly forced: boolean;
}

const WIDTH = 860;
const HEIGHT = 320;
const MARGIN = { left: 76, right: 16, top: 14, bottom: 44 };

/** Round numbers that divide [low, high] into about `wanted` steps. */
export function ticks(low: number, high: number, wanted: number): number[] {
  const raw = (high - low) / wanted || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw)!;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, i) => (first + i) * step);
}

function range(values: readonly number[], padding: number): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const pad = (high - low || Math.abs(high) || 1) * padding;
  return [low - pad, high + pad];
}

/** One mark per band, so that colour is not the only difference. */
function mark(band: string | null, x: number, y: number, size: number): SVGElement {
  const polygon = (points: readonly (readonly [number, number])[]): SVGElement =>
    svg('polygon', {
      points: points.map(([dx, dy]) => `${(x + dx * size).toFixed(1)},${(y + dy * size).toFixed(1)}`).join(' '),
    });
  switch (band) {
    case 'g':
      return polygon([
        [-0.9, -0.9],
        [0.9, -0.9],
        [0.9, 0.9],
        [-0.9, 0.9],
      ]);
    case 'i':
      return polygon([
        [0, -1.2],
        [1.1, 0.8],
        [-1.1, 0.8],
      ]);
    case 'z':
      return polygon([
        [0, -1.3],
        [1.1, 0],
        [0, 1.3],
        [-1.1, 0],
      ]);
    case 'u':
      return polygon([
        [0, 1.2],
        [1.1, -0.8],
        [-1.1, -0.8],
      ]);
    default:
      return svg('circle', { cx: x, cy: y, r: size });
  }
}

export function lightCurve(all: readonly FluxPoint[], current?: string): HTMLElement {
  const usable = all.filter((point) => point.psfFlux !== null);
  const bands = [...new Set(usable.map((point) => point.band ?? '?'))].sort();
  const hidden = new Set<string>();
  let forced = true;
  const figure = h('figure', { class: 'light-curve' });
  const draw = (): void => {
    const points = usable.filter((point) => !hidden.has(point.band ?? '?') && (forced || !point.forced));
    figure.querySelector('svg')?.remove();
    figure.prepend(plot(points, current));
  };
  const toggle = (label: string, className: string, change: (on: boolean) => void): HTMLElement =>
    h(
      'label',
      { class: className },
      h('input', {
        type: 'checkbox',
        checked: true,
        onchange: (event) => {
          change((event.target as HTMLInputElement).checked);
          draw();
        },
      }),
      label,
    );
  figure.append(
    h(
      'figcaption',
      {},
      ...bands.map((band) =>
        toggle(band, `band-toggle band-${band}`, (on) => void (on ? hidden.delete(band) : hidden.add(band))),
      ),
      usable.some((point) => point.forced)
        ? toggle('forced fluxes (open marks)', 'band-toggle', (on) => void (forced = on))
        : null,
      h('span', { class: 'muted' }, 'difference flux, bars are 1 σ'),
    ),
  );
  draw();
  return figure;
}

function plot(points: readonly FluxPoint[], current?: string): SVGSVGElement {
  const chart = svg('svg', {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: 'img',
    'aria-label': `Light curve of ${points.length} measurements`,
  });
  if (points.length === 0) {
    chart.append(svg('text', { x: WIDTH / 2, y: HEIGHT / 2, 'text-anchor': 'middle' }, 'no measurements'));
    return chart;
  }
  const times = points.map((point) => point.midpointMjdTai);
  const origin = Math.floor(Math.min(...times));
  const [t0, t1] = range(times.length === 1 ? [times[0]! - 0.5, times[0]! + 0.5] : times, 0.04);
  const [f0, f1] = range(
    [0, ...points.flatMap(({ psfFlux, psfFluxErr }) => [psfFlux! - (psfFluxErr ?? 0), psfFlux! + (psfFluxErr ?? 0)])],
    0.06,
  );
  const x = (mjd: number): number => MARGIN.left + ((mjd - t0) / (t1 - t0)) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (flux: number): number =>
    HEIGHT - MARGIN.bottom - ((flux - f0) / (f1 - f0)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const grid = svg('g', { class: 'grid' });
  for (const flux of ticks(f0, f1, 5))
    grid.append(
      svg('line', {
        x1: MARGIN.left,
        x2: WIDTH - MARGIN.right,
        y1: y(flux),
        y2: y(flux),
        class: Math.abs(flux) < 1e-9 ? 'zero' : '',
      }),
      svg('text', { x: MARGIN.left - 8, y: y(flux) + 4, 'text-anchor': 'end' }, flux.toLocaleString('en-US')),
    );
  const steps = ticks(t0 - origin, t1 - origin, 7);
  const digits = steps.length > 1 ? Math.max(0, -Math.floor(Math.log10(steps[1]! - steps[0]! + 1e-12))) : 2;
  for (const day of steps)
    grid.append(
      svg('line', { x1: x(origin + day), x2: x(origin + day), y1: MARGIN.top, y2: HEIGHT - MARGIN.bottom }),
      svg('text', { x: x(origin + day), y: HEIGHT - MARGIN.bottom + 16, 'text-anchor': 'middle' }, day.toFixed(digits)),
    );
  grid.append(
    svg(
      'text',
      { x: (MARGIN.left + WIDTH - MARGIN.right) / 2, y: HEIGHT - 8, 'text-anchor': 'middle' },
      `MJD TAI − ${origin}  [d]`,
    ),
    svg(
      'text',
      { x: 14, y: HEIGHT / 2 - 10, 'text-anchor': 'middle', transform: `rotate(-90 14 ${HEIGHT / 2 - 10})` },
      'flux [nJy]',
    ),
  );
  chart.append(grid);
  // forced fluxes first, so that detections lie on top
  for (const point of [...points].sort((a, b) => Number(b.forced) - Number(a.forced))) {
    const [px, py, error] = [x(point.midpointMjdTai), y(point.psfFlux!), point.psfFluxErr ?? 0];
    const group = svg('g', { class: `point band-${point.band ?? 'none'} ${point.forced ? 'forced' : 'detection'}` });
    group.append(
      svg(
        'title',
        {},
        `${point.forced ? 'forced' : 'detection'}, ${point.band ?? '?'}: ${fixed(point.psfFlux, 0)} ± ${fixed(error, 0)} nJy, ${dateTime(point.midpointMjdTai)} UTC`,
      ),
      svg('line', { x1: px, x2: px, y1: y(point.psfFlux! - error), y2: y(point.psfFlux! + error) }),
      mark(point.band, px, py, point.forced ? 3.4 : 4.4),
    );
    if (current !== undefined && point.diaSourceId === current)
      group.append(svg('circle', { cx: px, cy: py, r: 10, class: 'current' }));
    chart.append(group);
  }
  return chart;
}
