// Text and attributes as XML 1.0.

import { TableError } from '../errors.js';

// With the `u` flag, half of a surrogate pair matches only where the other half is absent.
// oxlint-disable-next-line no-control-regex
const ILLEGAL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\ud800-\udfff]/u;
const SPECIAL = /[&<>\r]/;
const UNUSUAL = /[^\t\n\x20-\x25\x27-\x3b\x3d\x3f-\x7e]/;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
  '\n': '&#10;',
  '\t': '&#9;',
};

/** Throws BAD_VALUE for characters that XML 1.0 cannot hold. */
export function xmlText(text: string): string {
  if (!UNUSUAL.test(text)) return text;
  requireXml(text);
  return SPECIAL.test(text) ? text.replace(/[&<>\r]/g, (one) => ENTITIES[one]!) : text;
}

function requireXml(text: string): void {
  const found = ILLEGAL.exec(text);
  if (found)
    throw new TableError(
      'BAD_VALUE',
      `the character U+${found[0].charCodeAt(0).toString(16).padStart(4, '0')} cannot be written as XML`,
      { value: text },
    );
}

export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** `<name a="1">content</name>`, on a line of its own; without content the short form. */
export function xmlElement(name: string, attributes: Attributes, content = ''): string {
  const open = xmlOpen(name, attributes);
  return content === '' ? `${open.slice(0, -1)}/>\n` : `${open}${content}</${name}>\n`;
}

export function xmlOpen(name: string, attributes: Attributes): string {
  let text = `<${name}`;
  for (const [key, value] of Object.entries(attributes))
    if (value !== undefined) {
      const plain = String(value);
      requireXml(plain);
      text += ` ${key}="${plain.replace(/[&<>"\r\n\t]/g, (one) => ENTITIES[one]!)}"`;
    }
  return `${text}>`;
}
