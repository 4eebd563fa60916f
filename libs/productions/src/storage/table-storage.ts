// The file form of catalogs: FITS binary tables.
import { encodeFits, openFits } from '#libs/fits';
import { defineStorageClass, type StorageClass } from '#libs/pipeline';
import { Table } from '#libs/table';

export const TableStorage: StorageClass<Table> = defineStorageClass({
  name: 'Table',
  extension: '.fits',
  mediaType: 'application/fits',
  encode: (table) => encodeFits([{ kind: 'table', table, ...(table.name && { name: table.name }) }]),
  async decode(bytes) {
    const file = await openFits(bytes);
    const hdu = file.hdu(1);
    const stored = await hdu.readTable();
    await file.close();
    return new Table(stored.columns, stored.rowCount, hdu.name || undefined);
  },
});
