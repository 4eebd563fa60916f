import { ask } from '../api.js';
import { h, notice } from '../dom.js';
import { historyTable, measurementsOf, OBJECT_FIELDS, type ObjectHistory, objectFacts } from '../history.js';
import { lightCurve } from '../light-curve.js';

export async function objectPage(into: HTMLElement, signal: AbortSignal, id: string): Promise<void> {
  document.title = `Object ${id} · Almagest`;
  const { diaObject } = await ask<{ diaObject: ObjectHistory | null }>(
    `query ($id: ID!) { diaObject(id: $id) { ${OBJECT_FIELDS} } }`,
    { id },
  );
  if (signal.aborted) return;
  if (!diaObject) {
    into.append(notice(`There is no object ${id}.`, 'error'));
    return;
  }
  const measurements = measurementsOf(diaObject);
  into.append(
    h('div', { class: 'title' }, h('h1', {}, 'Object ', h('span', { class: 'id' }, id))),
    objectFacts(diaObject, false),
    h('section', {}, h('h2', {}, 'Light curve'), lightCurve(measurements)),
    h('section', {}, h('h2', {}, 'History'), historyTable(measurements)),
  );
}
