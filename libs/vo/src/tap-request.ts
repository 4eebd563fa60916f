// The parameters of a TAP 1.1 query, checked when it runs.

import type { DaliParameters } from './dali.js';
import { type ResponseFormat, responseFormatOf } from './response-format.js';
import { VoError } from './vo-error.js';

export interface TapRequest {
  readonly adql: string;
  readonly format: ResponseFormat;
  readonly maxRows: number;
  readonly uploads: readonly UploadReference[];
}

/** `name,param:part` or `name,https://...` of UPLOAD. */
export interface UploadReference {
  readonly table: string;
  readonly uri: string;
}

export interface RowLimits {
  readonly defaultRows: number;
  readonly maximumRows: number;
}

const LANGUAGES = new Set(['ADQL', 'ADQL-2.0', 'ADQL-2.1', 'ADQL-2']);

export function maxRowsOf(parameters: DaliParameters, { defaultRows, maximumRows }: RowLimits): number {
  return Math.min(parameters.integer('MAXREC') ?? defaultRows, maximumRows);
}

export const formatOf = (parameters: DaliParameters): ResponseFormat =>
  responseFormatOf(parameters.get('RESPONSEFORMAT') ?? parameters.get('FORMAT'));

export function tapRequestOf(parameters: DaliParameters, limits: RowLimits): TapRequest {
  const request = parameters.get('REQUEST');
  if (request !== undefined && request.toLowerCase() !== 'doquery')
    throw new VoError('BAD_PARAMETER', `REQUEST is doQuery, not '${request}'`, request);
  const language = parameters.require('LANG');
  if (!LANGUAGES.has(language.trim().toUpperCase()))
    throw new VoError(
      'UNSUPPORTED_LANGUAGE',
      `LANG '${language}' is not supported; there are ADQL, ADQL-2.0 and ADQL-2.1`,
      language,
    );
  return {
    adql: parameters.require('QUERY'),
    format: formatOf(parameters),
    maxRows: maxRowsOf(parameters, limits),
    uploads: parameters.all('UPLOAD').flatMap(uploadsOf),
  };
}

const TABLE_NAME = /^[A-Za-z][A-Za-z0-9_]{0,62}$/;

function uploadsOf(value: string): UploadReference[] {
  return value
    .split(';')
    .filter((one) => one.trim() !== '')
    .map((one) => {
      const [, name = '', uri = ''] = /^\s*([^,]*?)\s*,\s*(.*?)\s*$/s.exec(one) ?? [];
      const table = name.replace(/^TAP_UPLOAD\./i, '');
      if (!TABLE_NAME.test(table))
        throw new VoError(
          'BAD_UPLOAD',
          `UPLOAD is 'table_name,param:part'; '${name || one}' is no name of a table`,
          one,
        );
      if (!/^(param:|https?:)./i.test(uri))
        throw new VoError(
          'BAD_UPLOAD',
          `UPLOAD is 'table_name,param:part' or 'table_name,https://...', not '${uri}'`,
          uri,
        );
      return { table, uri };
    });
}
