import { h } from './dom.js';

export const STAMPS = ['science', 'template', 'difference'] as const;

export const stampUrl = (diaSourceId: string, name: string, format = 'png'): string =>
  `/api/alerts/${diaSourceId}/stamps/${name}.${format}`;

/** A stamp that is not there leaves an empty frame. */
export function stamp(diaSourceId: string, name: string, size: number): HTMLElement {
  return h('img', {
    class: 'stamp',
    src: stampUrl(diaSourceId, name),
    width: size,
    height: size,
    loading: 'lazy',
    decoding: 'async',
    alt: `${name} cut-out`,
    onerror: (event) => (event.target as HTMLElement).classList.add('missing'),
  });
}
