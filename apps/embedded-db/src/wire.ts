/** PostgreSQL frontend/backend protocol 3.0: the few messages the gateway itself reads or writes. */

export const text = (value: string): Buffer => Buffer.from(`${value}\0`);

/** A typed message: one byte, length (including itself), body. */
export function message(type: string, body: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(5 + body.length);
  bytes[0] = type.charCodeAt(0);
  bytes.writeInt32BE(4 + body.length, 1);
  body.copy(bytes, 5);
  return bytes;
}

export const simpleQuery = (sql: string): Buffer => message('Q', text(sql));
export const parameterStatus = (name: string, value: string): Buffer =>
  message('S', Buffer.concat([text(name), text(value)]));
export const authenticationOk = (): Buffer => message('R', Buffer.alloc(4));
export const readyForQuery = (status: 'I' | 'T' | 'E' = 'I'): Buffer => message('Z', Buffer.from(status));
export const copyInResponse = (binary: boolean): Buffer => message('G', Buffer.from([binary ? 1 : 0, 0, 0]));
export const closeStatement = (name: string): Buffer => message('C', Buffer.concat([Buffer.from('S'), text(name)]));
export const sync = (): Buffer => message('S', Buffer.alloc(0));

export function backendKeyData(processId: number, secret: number): Buffer {
  const body = Buffer.allocUnsafe(8);
  body.writeInt32BE(processId, 0);
  body.writeInt32BE(secret, 4);
  return message('K', body);
}

export function errorResponse(severity: 'ERROR' | 'FATAL', sqlState: string, sentence: string): Buffer {
  const field = (code: string, value: string) => Buffer.concat([Buffer.from(code), text(value)]);
  return message(
    'E',
    Buffer.concat([
      field('S', severity),
      field('V', severity),
      field('C', sqlState),
      field('M', sentence),
      Buffer.from([0]),
    ]),
  );
}
