import { h } from './dom.js';

export const BANDS = ['u', 'g', 'r', 'i', 'z', 'y'] as const;

export const bandTag = (band: string | null): HTMLElement =>
  h('span', { class: `band band-${band ?? 'none'}`, title: band ? `${band} band` : 'unknown band' }, band ?? '?');
