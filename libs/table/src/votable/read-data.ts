// Inside DATA: which serialisation, and its rows.

import type { Table } from '../table.js';
import type { VotableField } from './model.js';
import { BinaryRows } from './read-binary.js';
import { TabledataRows } from './read-tabledata.js';
import type { XmlTokenizer } from './xml-tokenizer.js';

/** What follows the tokens inside one serialisation; `open` is false for an element that has no meaning there. */
export interface RowReader {
  open(name: string, attributes: ReadonlyMap<string, string>): boolean;
  close(name: string): void;
  text(text: string): void;
  end(): void;
}

export class DataReader {
  readonly #make: Readonly<Record<string, () => RowReader>>;
  readonly #xml: XmlTokenizer;
  #serialization: string | undefined;
  #rows: RowReader | undefined;

  constructor(fields: readonly VotableField[], xml: XmlTokenizer, emit: (rows: Table) => void) {
    this.#xml = xml;
    this.#make = {
      TABLEDATA: () => new TabledataRows(fields, xml, emit),
      BINARY: () => new BinaryRows(fields, xml, emit, false),
      BINARY2: () => new BinaryRows(fields, xml, emit, true),
    };
  }

  open(name: string, attributes: ReadonlyMap<string, string>): boolean {
    if (this.#rows) return this.#rows.open(name, attributes);
    if (name === 'INFO') return false;
    if (this.#serialization !== undefined) throw this.#xml.error('a DATA has one serialisation');
    const make = Object.hasOwn(this.#make, name) ? this.#make[name] : undefined;
    if (!make) throw this.#xml.error(`the serialisation ${name} is not read`, 'UNSUPPORTED');
    this.#serialization = name;
    this.#rows = make();
    return true;
  }

  close(name: string): void {
    if (name !== this.#serialization) {
      this.#rows?.close(name);
      return;
    }
    this.#rows?.end();
    this.#rows = undefined;
  }

  text(text: string): void {
    this.#rows?.text(text);
  }
}
