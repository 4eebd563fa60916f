// XML written by hand: elements are strings, everything that comes from outside passes through `text`.

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** What XML 1.0 cannot hold at all, not even as a reference; unpaired surrogates among it. */
const FORBIDDEN =
  // oxlint-disable-next-line no-control-regex -- these are the characters it is about
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Character data or an attribute value. */
export const text = (value: string | number | bigint): string =>
  String(value)
    .replace(FORBIDDEN, '\ufffd')
    .replace(/[&<>"]/g, (character) => ESCAPES[character]!);

export type Attributes = Readonly<Record<string, string | number | undefined>>;

const attributesOf = (attributes: Attributes): string =>
  Object.entries(attributes)
    .map(([name, value]) => (value === undefined ? '' : ` ${name}="${text(value).replaceAll('\n', '&#10;')}"`))
    .join('');

/** An element with children that are XML already (see `text`). */
export const element = (name: string, attributes: Attributes = {}, ...children: readonly string[]): string =>
  children.length === 0
    ? `<${name}${attributesOf(attributes)}/>`
    : `<${name}${attributesOf(attributes)}>${children.join('')}</${name}>`;

/** An element with character data; nothing at all when there is none. */
export const leaf = (
  name: string,
  value: string | number | bigint | undefined | null,
  attributes: Attributes = {},
): string => (value === undefined || value === null || value === '' ? '' : element(name, attributes, text(value)));

export const document = (root: string): string => `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
