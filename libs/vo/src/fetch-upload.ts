// Tables that a query names by address. The service must not become a way into the network it stands in: only public addresses
// are asked, whatever a name resolves to, and only what fits is read.

import { lookup } from 'node:dns';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { BlockList, isIPv6, type LookupFunction } from 'node:net';
import { VoError } from './vo-error.js';

const NOT_PUBLIC = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  NOT_PUBLIC.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['::', 96],
  ['64:ff9b::', 96],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  NOT_PUBLIC.addSubnet(network, prefix, 'ipv6');

/** Neither this machine, nor its network, nor an address that means something else; IPv4 in IPv6 clothes included. */
export function isPublicAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return isPublicAddress(mapped);
  return !NOT_PUBLIC.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

export interface FetchLimits {
  readonly maximumBytes: number;
  readonly timeoutMs: number;
  /** origin of this service itself, whose results may be used again */
  readonly ownOrigin?: string;
}

const refused = (url: string, why: string, cause?: unknown): VoError =>
  new VoError('BAD_UPLOAD', `the table at ${url}: ${why}`, url, { cause });

/** The address is checked where the connection is made, so that a name cannot mean one thing now and another then. */
const publicLookup =
  (url: string): LookupFunction =>
  (hostname, options, callback) =>
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const bad = addresses?.find(({ address }) => !isPublicAddress(address));
      if (error) callback(error, '');
      else if (bad) callback(refused(url, 'its host is not on the public network'), '');
      else if (options.all) callback(null, addresses);
      else callback(null, addresses[0]!.address, addresses[0]!.family);
    });

/** Reads a table over HTTP or HTTPS. No redirects are followed. */
export async function fetchUpload(address: string, limits: FetchLimits, signal?: AbortSignal): Promise<Uint8Array> {
  const url = URL.parse(address);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.username !== '')
    throw refused(address, 'only http and https addresses can be read');
  const own = limits.ownOrigin !== undefined && url.origin === new URL(limits.ownOrigin).origin;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!own && /^[\d.]+$|:/.test(host) && !isPublicAddress(host))
    throw refused(address, 'its host is not on the public network');
  try {
    return await read(url, own ? undefined : publicLookup(address), limits, signal);
  } catch (error) {
    if (error instanceof VoError) throw error;
    throw refused(address, `it could not be read (${(error as { code?: string }).code ?? 'no answer'})`, error);
  }
}

function read(
  url: URL,
  lookupAddress: LookupFunction | undefined,
  { maximumBytes, timeoutMs }: FetchLimits,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const deadline = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]);
  const { get } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const request = get(
      url,
      { signal: deadline, agent: false, ...(lookupAddress && { lookup: lookupAddress }) },
      (response) => void collect(url, response, maximumBytes).then(resolve, reject),
    );
    request.on('error', reject);
  });
}

async function collect(url: URL, response: IncomingMessage, maximumBytes: number): Promise<Uint8Array> {
  if (response.statusCode !== 200) {
    response.destroy();
    throw refused(url.href, `the answer has status ${response.statusCode}`);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maximumBytes)
      throw new VoError('TOO_LARGE', `the table at ${url.href} has more than ${maximumBytes} bytes`, url.href);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
