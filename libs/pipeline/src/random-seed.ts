import { type DataId, dataIdKey, projectDataId } from './dimensions.js';

/** FNV-1a, 32 bit, over UTF-16 code units, with the finaliser of MurmurHash3 so that near texts give far seeds. */
export function seedFromText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The seed of random numbers for a purpose: fixed by visit and detector, or by all coordinates where there is no visit. */
export function seedOf(dataId: DataId, purpose: string): number {
  const where = dataId.visit === undefined ? dataId : projectDataId(dataId, ['visit', 'detector']);
  return seedFromText(`${dataIdKey(where)}/${purpose}`);
}
