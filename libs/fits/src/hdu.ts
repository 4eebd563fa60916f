import { readAsciiTable } from './ascii-table.js';
import { verifyChecksum, type ChecksumVerdict } from './checksum.js';
import { readCompressedImage } from './compression/read-compressed.js';
import { readCompressedTable } from './compression/compressed-table.js';
import { imageHeader, readTileLayout } from './compression/tile-header.js';
import { FitsError } from './errors.js';
import type { Header } from './header.js';
import { type FitsImage, readPlainImage, type ReadImageOptions } from './image.js';
import type { HduKind, HduLayout } from './layout.js';
import { type Bitpix, copyAsFloat32 } from './pixels.js';
import type { ReadableAt } from './source.js';
import { readRandomGroups } from './random-groups.js';
import { readBinaryTable } from './binary-table.js';
import type { FitsTable } from './fits-table.js';

/** One header-data unit of an open file. */
export class FitsHdu implements HduLayout {
  readonly index: number;
  readonly kind: HduKind;
  /** of a compressed image: the header of the image, without the keywords of the table that stores it */
  readonly header: Header;
  readonly bitpix: Bitpix;
  readonly axes: readonly number[];
  readonly headerOffset: number;
  readonly dataOffset: number;
  readonly dataSize: number;

  constructor(
    private readonly source: ReadableAt,
    private readonly layout: HduLayout,
  ) {
    this.index = layout.index;
    this.kind = layout.kind;
    this.header = layout.kind === 'compressed-image' ? imageHeader(layout.header) : layout.header;
    this.bitpix = layout.bitpix;
    this.axes = layout.axes;
    this.headerOffset = layout.headerOffset;
    this.dataOffset = layout.dataOffset;
    this.dataSize = layout.dataSize;
  }

  /** EXTNAME, or PRIMARY for an unnamed first HDU, or empty */
  get name(): string {
    return this.header.getString('EXTNAME')?.trim() || (this.index === 0 ? 'PRIMARY' : '');
  }
  /** EXTVER, 1 unless given */
  get version(): number {
    return this.header.getNumber('EXTVER') ?? 1;
  }
  /** Shape of the image, NAXIS1 first, without reading it; empty for an HDU without pixels. */
  get shape(): readonly number[] {
    return this.kind === 'compressed-image' ? readTileLayout(this.layout.header).axes : this.axes;
  }

  /** The pixels (plain or tile-compressed), in physical values unless `raw`. */
  async readImage(options: ReadImageOptions = {}): Promise<FitsImage> {
    switch (this.kind) {
      case 'image':
        return readPlainImage(this.source, this.layout, options);
      case 'compressed-image':
        return readCompressedImage(this.source, this.layout, options);
      default:
        throw this.#wrongKind('an image');
    }
  }
  /** The pixels as Float32Array, whatever they are stored as. */
  async readImageAsFloat32(
    options: Omit<ReadImageOptions, 'raw' | 'into'> & { readonly into?: Float32Array } = {},
  ): Promise<FitsImage<Float32Array>> {
    const { into, ...rest } = options;
    const direct = into !== undefined && this.header.getNumber('BITPIX') === -32;
    const image = await this.readImage(direct ? options : rest);
    if (image.data instanceof Float32Array && (direct || !into)) return { ...image, data: image.data };
    const target = into ?? new Float32Array(image.data.length);
    if (target.length !== image.data.length)
      throw new FitsError('BAD_VALUE', `the image has ${image.data.length} values, ${target.length} were offered`, {
        hdu: this.index,
      });
    return { ...image, data: copyAsFloat32(image.data, target) };
  }
  async readTable(): Promise<FitsTable> {
    switch (this.kind) {
      case 'binary-table':
      case 'compressed-image':
        return readBinaryTable(this.source, this.layout, this.name);
      case 'compressed-table':
        return readCompressedTable(this.source, this.layout, this.name);
      case 'ascii-table':
        return readAsciiTable(this.source, this.layout, this.name);
      case 'random-groups':
        return readRandomGroups(this.source, this.layout, this.name);
      default:
        throw this.#wrongKind('a table');
    }
  }
  /** Compares CHECKSUM and DATASUM with the bytes of the file. */
  verifyChecksum(): Promise<ChecksumVerdict> {
    return verifyChecksum(this.source, this.layout);
  }

  #wrongKind(wanted: string): FitsError {
    return new FitsError('WRONG_KIND', `HDU ${this.index} (${this.name}) is ${this.kind}, not ${wanted}`, {
      hdu: this.index,
      value: this.kind,
    });
  }
}
