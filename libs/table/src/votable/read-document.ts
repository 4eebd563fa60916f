// From XML tokens to the model of a VOTable, with its rows as batches in the order of the document.

import type { TableError } from '../errors.js';
import type { Table } from '../table.js';
import { CHILDREN, type Node, nodeOf } from './read-elements.js';
import { fieldFrom, resolvedFields } from './read-fields.js';
import type { VotableDocument, VotableField, VotableResource, VotableTable } from './model.js';
import { DataReader } from './read-data.js';
import { XmlTokenizer } from './xml-tokenizer.js';

export type VotableEvent =
  /** a TABLE, its fields and its parameters known; no rows may follow */
  | { readonly kind: 'table'; readonly table: VotableTable; readonly resource: VotableResource }
  /** rows of the last TABLE */
  | { readonly kind: 'rows'; readonly rows: Table }
  /** the whole document, its tables without rows */
  | { readonly kind: 'end'; readonly document: VotableDocument };

interface Frame {
  readonly element: string;
  readonly node: Node;
  /** content, for the elements that have text */
  text: string;
}

const TEXT_ELEMENTS: ReadonlySet<string> = new Set(['DESCRIPTION', 'INFO']);
/** Metadata as kept in memory: characters, and a fixed share for each element. */
const MOST_METADATA = 32e6;
const ELEMENT_SHARE = 200;

/** Takes the text of a document in pieces; what has become known waits in `events`. */
export class DocumentReader {
  readonly events: VotableEvent[] = [];
  readonly #xml: XmlTokenizer;
  readonly #frames: Frame[] = [];
  readonly #tablesById = new Map<string, readonly VotableField[]>();
  readonly #valuesById = new Map<string, string>();
  readonly #warnings: string[] = [];
  #document: VotableDocument | undefined;
  #skipped = 0;
  #metadata = 0;
  #data: DataReader | undefined;

  constructor() {
    this.#xml = new XmlTokenizer({
      open: (name, attributes) => this.#open(name, attributes),
      close: (name) => this.#close(name),
      text: (text) => this.#text(text),
    });
  }

  push(text: string): void {
    this.#xml.push(text);
  }

  /** Fails with the line of the document that is being read. */
  error(message: string): TableError {
    return this.#xml.error(message);
  }

  end(): void {
    this.#xml.end();
    this.events.push({ kind: 'end', document: this.#document! });
  }

  #open(name: string, attributes: ReadonlyMap<string, string>): void {
    if (this.#skipped > 0) {
      this.#skipped++;
      return;
    }
    if (this.#data) {
      if (this.#data.open(name, attributes)) return;
      this.#skipped = 1;
      return;
    }
    const parent = this.#frames.at(-1);
    if (!parent) {
      if (name !== 'VOTABLE') throw this.#xml.error(`the document is a <${name}>, not a VOTABLE`);
      this.#frames.push({ element: name, node: nodeOf(name, attributes), text: '' });
      return;
    }
    const place = CHILDREN[parent.element]?.[name];
    if (place === undefined) {
      this.#skipped = 1;
      return;
    }
    this.#count(ELEMENT_SHARE + [...attributes.values()].reduce((total, value) => total + value.length, 0));
    if (place === '^') {
      this.#frames.push({ element: parent.element, node: parent.node, text: '' });
      return;
    }
    if (place === '!') {
      this.#startData(parent.node);
      return;
    }
    const node = nodeOf(name, attributes);
    if (name === 'FIELD' || name === 'PARAM') fieldFrom(node, name, this.#xml, (text) => this.#warn(text));
    if (name === 'VALUES') this.#values(node);
    this.#frames.push({ element: name, node, text: '' });
  }

  #close(name: string): void {
    if (this.#skipped > 0) {
      this.#skipped--;
      return;
    }
    if (this.#data) {
      this.#data.close(name);
      if (name === 'DATA') this.#data = undefined;
      return;
    }
    const frame = this.#frames.pop()!;
    const parent = this.#frames.at(-1);
    if (parent?.node === frame.node) return;
    this.#finish(frame);
    if (!parent) {
      this.#document = {
        version: '1.1',
        ...frame.node,
        resources: (frame.node['resources'] ?? []) as VotableResource[],
        ...(this.#warnings.length > 0 && { warnings: this.#warnings }),
      };
      return;
    }
    const place = CHILDREN[parent.element]![name]!;
    if (place.startsWith('=')) {
      parent.node[place.slice(1)] ??= name === 'DESCRIPTION' ? frame.text.trim() : frame.node;
      return;
    }
    const late = place === 'infos' && (parent.node['tables'] ?? parent.node['resources']) !== undefined;
    const list = late && parent.element !== 'TABLE' ? 'trailingInfos' : place;
    ((parent.node[list] ??= []) as Node[]).push(frame.node);
  }

  #finish({ element, node, text }: Frame): void {
    if (element === 'INFO') {
      node['name'] ??= (node['ID'] as string | undefined) ?? '';
      node['value'] ??= '';
      if (text.trim() !== '') node['text'] = text.trim();
    } else if (element === 'MIN' || element === 'MAX') {
      node['value'] ??= '';
      if (node['inclusive'] !== undefined) node['inclusive'] = node['inclusive'] !== 'no';
    } else if (element === 'TABLE') {
      if (!node['announced']) this.#announce(node);
      delete node['announced'];
    }
  }

  #text(text: string): void {
    if (this.#skipped > 0) return;
    if (this.#data) {
      this.#data.text(text);
      return;
    }
    const frame = this.#frames.at(-1)!;
    if (TEXT_ELEMENTS.has(frame.element)) {
      this.#count(text.length);
      frame.text += text;
    }
  }

  /** `<VALUES ref>` takes over what another VALUES said. */
  #values(node: Node): void {
    const ref = node['ref'] as string | undefined;
    if (ref !== undefined && node['null'] === undefined && this.#valuesById.has(ref))
      node['null'] = this.#valuesById.get(ref);
    if (node['ID'] !== undefined && node['null'] !== undefined)
      this.#valuesById.set(node['ID'] as string, node['null'] as string);
  }

  /** The table's metadata before DATA are complete. */
  #announce(node: Node): VotableTable {
    node['announced'] = true;
    const ref = node['ref'] as string | undefined;
    const own = (node['fields'] ?? []) as VotableField[];
    const fields = resolvedFields(own.length === 0 && ref !== undefined ? (this.#tablesById.get(ref) ?? []) : own);
    node['fields'] = fields;
    if (node['nrows'] !== undefined) {
      const rows = Number(node['nrows']);
      if (Number.isSafeInteger(rows) && rows >= 0) node['nrows'] = rows;
      else delete node['nrows'];
    }
    if (node['ID'] !== undefined) this.#tablesById.set(node['ID'] as string, fields);
    const table = node as unknown as VotableTable;
    const resource = this.#frames.findLast((frame) => frame.element === 'RESOURCE')!.node;
    this.events.push({ kind: 'table', table, resource: resource as VotableResource });
    return table;
  }

  #startData(node: Node): void {
    if (node['announced']) throw this.#xml.error('a TABLE has one DATA');
    const { fields } = this.#announce(node);
    this.#data = new DataReader(fields, this.#xml, (rows) => this.events.push({ kind: 'rows', rows }));
  }

  #count(characters: number): void {
    this.#metadata += characters;
    if (this.#metadata > MOST_METADATA) throw this.#xml.error('the metadata are too large', 'TOO_LARGE');
  }

  #warn(text: string): void {
    if (this.#warnings.length < 100) this.#warnings.push(`line ${this.#xml.line}: ${text}`);
  }
}
