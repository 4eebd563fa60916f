import './style.css';
import { notice } from './dom.js';
import { alertPage } from './pages/alert.js';
import { filtersPage } from './pages/filters.js';
import { nightPage } from './pages/night.js';
import { objectPage } from './pages/object.js';
import { visitsPage } from './pages/visits.js';

/** A page draws itself into the element; the signal ends what it started. */
export type Page = (into: HTMLElement, signal: AbortSignal, argument: string) => Promise<void> | void;

const ROUTES: readonly (readonly [RegExp, string, Page])[] = [
  [/^\/$/, 'night', nightPage],
  [/^\/alerts\/(\d+)$/, 'night', alertPage],
  [/^\/objects\/(\d+)$/, 'night', objectPage],
  [/^\/visits$/, 'visits', visitsPage],
  [/^\/filters$/, 'filters', filtersPage],
];

let leave = new AbortController();

async function show(): Promise<void> {
  leave.abort();
  const { signal } = (leave = new AbortController());
  const main = document.querySelector<HTMLElement>('#main')!;
  const found = ROUTES.map(([pattern, name, page]) => ({ match: pattern.exec(location.pathname), name, page })).find(
    ({ match }) => match,
  );
  for (const link of document.querySelectorAll<HTMLElement>('nav a'))
    if (link.dataset['page'] === found?.name) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  main.replaceChildren();
  if (!found) {
    main.append(notice(`There is no page ${location.pathname}.`, 'error'));
    return;
  }
  try {
    await found.page(main, signal, found.match![1] ?? '');
  } catch (error) {
    if (!signal.aborted) main.append(notice(error instanceof Error ? error.message : String(error), 'error'));
  }
}

document.addEventListener('click', (event) => {
  const link = (event.target as Element).closest('a');
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
  if (!link || !plain || link.origin !== location.origin || link.hasAttribute('download') || 'external' in link.dataset)
    return;
  if (link.pathname.startsWith('/api/') || link.hash) return;
  event.preventDefault();
  history.pushState(null, '', link.href);
  void show();
  scrollTo(0, 0);
});
addEventListener('popstate', () => void show());

const THEME = 'almagest.theme';
function setTheme(theme: string | null): void {
  if (theme) document.documentElement.dataset['theme'] = theme;
}
setTheme(localStorage.getItem(THEME));
document.querySelector('#theme')!.addEventListener('click', () => {
  const dark =
    document.documentElement.dataset['theme'] ??
    (matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark');
  const next = dark === 'dark' ? 'light' : 'dark';
  localStorage.setItem(THEME, next);
  setTheme(next);
});

void show();
