// Rows as TR and TD elements.

import type { Table } from '../table.js';
import type { VotableField } from './model.js';
import { arrayText, scalarText } from './cell-text.js';
import { cellFormat } from './cells.js';

const MOST_CHARACTERS = 1 << 16;

export function tabledataRows(fields: readonly VotableField[]): (batch: Table) => Generator<Uint8Array, void> {
  const formats = fields.map(cellFormat);
  return function* (batch) {
    const cells = formats.map((format) =>
      format.kind === 'array' ? arrayText(batch, format) : scalarText(batch, format),
    );
    let text = '';
    for (let row = 0; row < batch.rowCount; row++) {
      text += '<TR>';
      for (const cell of cells) text += `<TD>${cell(row)}</TD>`;
      text += '</TR>\n';
      if (text.length > MOST_CHARACTERS) {
        yield Buffer.from(text);
        text = '';
      }
    }
    if (text !== '') yield Buffer.from(text);
  };
}
