// RESPONSEFORMAT: what a table may be written as, under all the names that clients use.

import { VoError } from './vo-error.js';

export type ResponseFormatName =
  'votable' | 'votable/b2' | 'votable/b' | 'votable/td' | 'csv' | 'tsv' | 'json' | 'fits' | 'parquet';

export interface ResponseFormat {
  readonly name: ResponseFormatName;
  readonly mime: string;
  readonly extension: string;
  /** other names, the ones that go into capabilities first */
  readonly aliases: readonly string[];
  /** IVOA identifier of the serialisation, where there is one */
  readonly ivoId?: string;
  /** most rows of an answer, for formats that must hold them all */
  readonly maximumRows?: number;
}

const VOTABLE = 'application/x-votable+xml';
const TAPREGEXT = 'ivo://ivoa.net/std/TAPRegExt#output-votable-';

export const RESPONSE_FORMATS: readonly ResponseFormat[] = [
  {
    name: 'votable',
    mime: VOTABLE,
    extension: 'vot',
    aliases: ['votable', 'text/xml', 'application/xml'],
    ivoId: `${TAPREGEXT}binary2`,
  },
  {
    name: 'votable/b2',
    mime: `${VOTABLE};serialization=BINARY2`,
    extension: 'vot',
    aliases: ['votable/b2'],
    ivoId: `${TAPREGEXT}binary2`,
  },
  {
    name: 'votable/b',
    mime: `${VOTABLE};serialization=BINARY`,
    extension: 'vot',
    aliases: ['votable/b'],
    ivoId: `${TAPREGEXT}binary`,
  },
  {
    name: 'votable/td',
    mime: `${VOTABLE};serialization=TABLEDATA`,
    extension: 'vot',
    aliases: ['votable/td'],
    ivoId: `${TAPREGEXT}td`,
  },
  { name: 'csv', mime: 'text/csv;header=present', extension: 'csv', aliases: ['csv', 'text/csv'] },
  { name: 'tsv', mime: 'text/tab-separated-values', extension: 'tsv', aliases: ['tsv'] },
  { name: 'json', mime: 'application/json', extension: 'json', aliases: ['json'] },
  {
    name: 'fits',
    mime: 'application/fits',
    extension: 'fits',
    aliases: ['fits', 'image/fits'],
    maximumRows: 1_000_000,
  },
  {
    name: 'parquet',
    mime: 'application/vnd.apache.parquet',
    extension: 'parquet',
    aliases: ['parquet', 'application/x-parquet'],
  },
];

const normal = (name: string): string => name.toLowerCase().replaceAll(/\s+|"/g, '');

const BY_NAME = new Map(
  RESPONSE_FORMATS.flatMap((format) => [format.mime, ...format.aliases].map((name) => [normal(name), format] as const)),
);

/** The format asked for; VOTable unless given. Names are matched without regard to case and blanks. */
export function responseFormatOf(asked: string | undefined): ResponseFormat {
  if (asked === undefined) return RESPONSE_FORMATS[0]!;
  // some clients send the '+' of a media type unescaped, which a form turns into a blank
  const found =
    BY_NAME.get(normal(asked)) ?? BY_NAME.get(normal(asked.trim().replace('x-votable xml', 'x-votable+xml')));
  if (found === undefined)
    throw new VoError(
      'UNSUPPORTED_FORMAT',
      `RESPONSEFORMAT '${asked}' is not supported; there are ${RESPONSE_FORMATS.map(({ name }) => name).join(', ')}`,
      asked,
    );
  return found;
}

export const isVotable = (format: ResponseFormat): boolean => format.name.startsWith('votable');
