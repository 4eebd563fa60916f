import type { FastifyReply, FastifyRequest } from 'fastify';
import type { MultipartFile } from '@fastify/multipart';
import { type Caller, type Principal, quotaSubject } from '#libs/accounts';
import type { Json } from '#libs/queue';
import { DaliParameters, type JobOwner, VoError } from '#libs/vo';

/** Most bytes of all tables that come with one request. */
export const MAX_UPLOAD_BYTES = 33_554_432;

export interface DaliRequest {
  readonly parameters: DaliParameters;
  /** files of a multipart form by the name of their part */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Parameters of the query string and of a form, urlencoded or multipart. */
export async function readDaliRequest(request: FastifyRequest): Promise<DaliRequest> {
  const query = request.query as Record<string, unknown>;
  if (!request.isMultipart())
    return {
      parameters: new DaliParameters(query, request.body as Record<string, unknown> | undefined),
      files: new Map(),
    };
  const parameters = new DaliParameters(query);
  const files = new Map<string, Uint8Array>();
  for await (const part of request.parts()) {
    if (part.type === 'file') files.set(part.fieldname, await bytesOf(part));
    else if (typeof part.value === 'string') parameters.add(part.fieldname, part.value);
  }
  return { parameters, files };
}

async function bytesOf(part: MultipartFile): Promise<Uint8Array> {
  const bytes = await part.toBuffer().catch((error: unknown) => {
    throw tooLarge(error)
      ? new VoError('TOO_LARGE', `an uploaded table may have ${MAX_UPLOAD_BYTES} bytes`, part.fieldname)
      : error;
  });
  return bytes;
}

const tooLarge = (error: unknown): boolean => (error as { code?: string }).code === 'FST_REQ_FILE_TOO_LARGE';

/** Who asks, as the guards of the API have found out. */
export function callerOf(request: FastifyRequest): Caller {
  const { caller, principal } = request as FastifyRequest & { caller?: Caller; principal?: Principal };
  return caller ?? { address: request.ip, ...(principal && { principal }) };
}

export function ownerOf(request: FastifyRequest): JobOwner {
  const caller = callerOf(request);
  const { principal } = caller;
  return {
    id: principal?.userId ?? quotaSubject(caller),
    hasAccount: principal !== undefined,
    isOperator: principal?.role === 'operator',
    caller: JSON.parse(JSON.stringify(caller)) as Json,
  };
}

/** Aborted when the client goes away. */
export function clientSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}

export const sendXml = (reply: FastifyReply, xml: string, type = 'text/xml'): void =>
  void reply.type(`${type};charset=utf-8`).send(xml);
export const sendText = (reply: FastifyReply, text: string): void =>
  void reply.type('text/plain;charset=utf-8').send(text);
export const seeOther = (reply: FastifyReply, url: string): void =>
  void reply.status(303).header('location', url).send();
