// DataLink 1.1: what leads from an identifier to files and services.

import {
  type Column,
  Table,
  type VotableField,
  type VotableParam,
  type VotableResource,
  writeVotable,
} from '#libs/table';

/** Exactly one of accessUrl, serviceDef and error. */
export interface Link {
  readonly id: string;
  readonly accessUrl?: string;
  readonly serviceDef?: string;
  /** NotFoundFault, UsageFault, TransientFault, FatalFault or DefaultFault, then a colon and the sentence */
  readonly error?: string;
  readonly description?: string;
  /** a term of the core vocabulary with its '#' */
  readonly semantics: string;
  readonly contentType?: string;
  readonly contentLength?: bigint;
}

export const DATALINK_TYPE = 'application/x-votable+xml;content=datalink';
const STANDARD = 'ivo://ivoa.net/std/DataLink#links-1.1';

/** the element that descriptors refer to for the value of ID */
const ID_FIELD = 'primaryID';

const FIELDS: readonly VotableField[] = [
  { name: 'ID', ID: ID_FIELD, datatype: 'char', arraysize: '*', ucd: 'meta.id;meta.main' },
  { name: 'access_url', datatype: 'char', arraysize: '*', ucd: 'meta.ref.url' },
  { name: 'service_def', datatype: 'char', arraysize: '*', ucd: 'meta.ref' },
  { name: 'error_message', datatype: 'char', arraysize: '*', ucd: 'meta.code.error' },
  { name: 'description', datatype: 'char', arraysize: '*', ucd: 'meta.note' },
  { name: 'semantics', datatype: 'char', arraysize: '*', ucd: 'meta.code' },
  { name: 'content_type', datatype: 'char', arraysize: '*', ucd: 'meta.code.mime' },
  { name: 'content_length', datatype: 'long', unit: 'byte', ucd: 'phys.size;meta.file' },
];

function tableOf(links: readonly Link[]): Table {
  const texts = (name: string, of: (link: Link) => string | undefined): Column => ({
    name,
    type: 'string',
    data: links.map((link) => of(link) ?? null),
  });
  const lengths: Column = {
    name: 'content_length',
    type: 'long',
    data: BigInt64Array.from(links, ({ contentLength }) => contentLength ?? 0n),
    nulls: Uint8Array.from(links, ({ contentLength }) => (contentLength === undefined ? 1 : 0)),
  };
  return new Table(
    [
      texts('ID', ({ id }) => id),
      texts('access_url', ({ accessUrl }) => accessUrl),
      texts('service_def', ({ serviceDef }) => serviceDef),
      texts('error_message', ({ error }) => error),
      texts('description', ({ description }) => description),
      texts('semantics', ({ semantics }) => semantics),
      texts('content_type', ({ contentType }) => contentType),
      lengths,
    ],
    links.length,
  );
}

export const writeLinks = (
  links: readonly Link[],
  descriptors: readonly VotableResource[],
): AsyncIterable<Uint8Array> =>
  writeVotable(
    {
      infos: [
        { name: 'QUERY_STATUS', value: 'OK' },
        { name: 'standardID', value: STANDARD },
      ],
      fields: FIELDS,
      resources: descriptors,
    },
    [tableOf(links)],
    { serialization: 'TABLEDATA' },
  );

const param = (name: string, more: Partial<VotableParam>): VotableParam => ({
  name,
  datatype: 'char',
  arraysize: '*',
  value: '',
  ...more,
});
const DEGREES = { datatype: 'double', unit: 'deg', ucd: 'pos.outline;obs' } as const;

/** SODA 1.0 as a service that rows can name, sync or async; `id` where all rows speak of one image. */
export const sodaDescriptor = (kind: 'sync' | 'async', url: string, id?: string): VotableResource => ({
  ID: `soda-${kind}`,
  type: 'meta',
  utype: 'adhoc:service',
  description: 'Cut-outs of the image',
  params: [
    { name: 'standardID', datatype: 'char', arraysize: '*', value: `ivo://ivoa.net/std/SODA#${kind}-1.0` },
    { name: 'accessURL', datatype: 'char', arraysize: '*', value: url },
  ],
  groups: [
    {
      name: 'inputParams',
      params: [
        param('ID', {
          ...(id === undefined ? { ref: ID_FIELD } : { value: id }),
          ucd: 'meta.id;meta.main',
          description: 'Identifier of the image.',
        }),
        param('CIRCLE', {
          ...DEGREES,
          arraysize: '3',
          xtype: 'circle',
          description: 'Longitude, latitude and radius, ICRS.',
        }),
        param('POLYGON', {
          ...DEGREES,
          arraysize: '*',
          xtype: 'polygon',
          description: 'Longitudes and latitudes of the vertices, ICRS.',
        }),
        param('POS', {
          ucd: 'pos.outline;obs',
          unit: 'deg',
          description: 'CIRCLE, RANGE or POLYGON with their numbers, ICRS.',
        }),
        param('RESPONSEFORMAT', {
          ucd: 'meta.code.mime',
          description: 'FITS unless a picture is asked for.',
          value: 'application/fits',
          values: [{ options: [{ value: 'application/fits' }, { value: 'image/png' }] }],
        }),
      ],
    },
  ],
});
