export { tableFormat, type TableFormat } from './format.js';
export { readTable, tableBatches, type ReadTableOptions } from './read.js';
export { writeTable, type WriteTableOptions } from './write.js';
export { fitsInput, tableFromFits } from './fits.js';
