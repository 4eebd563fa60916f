// FIELD and PARAM as read: datatypes checked, columns named.

import { cellFormat } from './cells.js';
import type { VotableField } from './model.js';
import type { Node } from './read-elements.js';
import type { XmlTokenizer } from './xml-tokenizer.js';

const DATATYPES: ReadonlySet<string> = new Set([
  'boolean',
  'bit',
  'unsignedByte',
  'short',
  'int',
  'long',
  'char',
  'unicodeChar',
  'float',
  'double',
  'floatComplex',
  'doubleComplex',
]);

/** Names that services write for text although no version of the standard has them. */
const MISTAKEN: Readonly<Record<string, string>> = { string: 'char', unicodeString: 'unicodeChar' };

export function fieldFrom(node: Node, element: string, xml: XmlTokenizer, warn: (text: string) => void): void {
  const name = (node['name'] ?? node['ID'] ?? '') as string;
  node['name'] = name;
  let datatype = node['datatype'] as string | undefined;
  const meant = datatype === undefined ? undefined : MISTAKEN[datatype];
  if (meant !== undefined && Object.hasOwn(MISTAKEN, datatype!)) {
    warn(`${element} ${name} says datatype "${datatype}"; read as ${meant}`);
    node['arraysize'] ??= '*';
    node['datatype'] = datatype = meant;
  }
  if (datatype === undefined) throw xml.error(`${element} ${name} has no datatype`);
  if (!DATATYPES.has(datatype)) throw xml.error(`${element} ${name} has the unknown datatype "${datatype}"`);
  if (element === 'PARAM') node['value'] ??= '';
  else
    try {
      cellFormat(node as unknown as VotableField);
    } catch (error) {
      throw xml.located(error);
    }
}

/** Every field with the name of its column: its own name, where that is taken its ID, else the name with a number. */
export function resolvedFields(fields: readonly VotableField[]): VotableField[] {
  const taken = new Set<string>();
  const counts = new Map<string, number>();
  return fields.map((field, i) => {
    const wanted = field.name || field.ID || `col${i + 1}`;
    let column = taken.has(wanted) && field.ID !== undefined ? field.ID : wanted;
    while (taken.has(column)) {
      const count = (counts.get(wanted) ?? 1) + 1;
      counts.set(wanted, count);
      column = `${wanted}_${count}`;
    }
    taken.add(column);
    return column === field.name ? field : { ...field, column };
  });
}
