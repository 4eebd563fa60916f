// VOSI capabilities of every service here, with TAPRegExt 1.0 for TAP.

import { RESPONSE_FORMATS } from './response-format.js';
import { document, element, leaf, text } from './xml.js';

const NAMESPACES = {
  'xmlns:vosi': 'http://www.ivoa.net/xml/VOSICapabilities/v1.0',
  'xmlns:vr': 'http://www.ivoa.net/xml/VOResource/v1.0',
  'xmlns:vs': 'http://www.ivoa.net/xml/VODataService/v1.1',
  'xmlns:tr': 'http://www.ivoa.net/xml/TAPRegExt/v1.0',
  'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
  'xsi:schemaLocation': ['VOSICapabilities/v1.0', 'VOResource/v1.0', 'VODataService/v1.1', 'TAPRegExt/v1.0']
    .map((name) => `http://www.ivoa.net/xml/${name} http://www.ivoa.net/xml/${name}`)
    .join(' '),
};

const capabilities = (...items: readonly string[]): string =>
  document(element('vosi:capabilities', NAMESPACES, ...items));

/** One interface at one address. */
export function capability(
  standardId: string,
  url: string,
  options: { readonly use?: 'full' | 'base'; readonly type?: string; readonly version?: string } = {},
): string {
  const { use = 'full', type = 'vs:ParamHTTP', version } = options;
  return element(
    'capability',
    { standardID: standardId },
    element('interface', { 'xsi:type': type, role: 'std', version }, element('accessURL', { use }, text(url))),
  );
}

export const vosiCapabilities = (base: string): string =>
  capability('ivo://ivoa.net/std/VOSI#capabilities', `${base}/capabilities`) +
  capability('ivo://ivoa.net/std/VOSI#availability', `${base}/availability`);

/** A function of ADQL as TAPRegExt describes it. */
export interface LanguageFunction {
  /** `name(argument TYPE, ...) -> TYPE`, or the bare name for a standard one */
  readonly form: string;
  readonly description?: string;
}

export interface TapLimits {
  readonly defaultRows: number;
  readonly maximumRows: number;
  readonly uploadRows: number;
  readonly uploadBytes: number;
  readonly executionS: { readonly default: number; readonly hard: number };
  readonly retentionS: { readonly default: number; readonly hard: number };
}

const FEATURES = 'ivo://ivoa.net/std/TAPRegExt#features-';

/** Optional features of ADQL 2.1 by the last part of their identifier; COALESCE has one that no validator knows yet. */
export const ADQL_FEATURES: Readonly<Record<string, readonly string[]>> = {
  adqlgeo: [
    'AREA',
    'BOX',
    'CENTROID',
    'CIRCLE',
    'CONTAINS',
    'COORD1',
    'COORD2',
    'DISTANCE',
    'INTERSECTS',
    'POINT',
    'POLYGON',
  ],
  'adql-string': ['LOWER', 'UPPER', 'ILIKE'],
  'adql-sets': ['UNION', 'EXCEPT', 'INTERSECT'],
  'adql-common-table': ['WITH'],
  'adql-type': ['CAST'],
  'adql-unit': ['IN_UNIT'],
  'adql-offset': ['OFFSET'],
};

const feature = ({ form, description }: LanguageFunction): string =>
  element('feature', {}, leaf('form', form), leaf('description', description));

function language(functions: readonly LanguageFunction[]): string {
  return element(
    'language',
    {},
    leaf('name', 'ADQL'),
    element('version', { 'ivo-id': 'ivo://ivoa.net/std/ADQL#v2.0' }, '2.0'),
    element('version', { 'ivo-id': 'ivo://ivoa.net/std/ADQL#v2.1' }, '2.1'),
    leaf('description', 'Astronomical Data Query Language with all of its optional features'),
    functions.length > 0 ? element('languageFeatures', { type: `${FEATURES}udf` }, ...functions.map(feature)) : '',
    ...Object.entries(ADQL_FEATURES).map(([name, forms]) =>
      element('languageFeatures', { type: FEATURES + name }, ...forms.map((form) => feature({ form }))),
    ),
  );
}

const outputFormats = (): string =>
  RESPONSE_FORMATS.map(({ mime, aliases, ivoId }) =>
    element('outputFormat', { 'ivo-id': ivoId }, leaf('mime', mime), ...aliases.map((alias) => leaf('alias', alias))),
  ).join('');

const range = (name: string, limits: { readonly default: number; readonly hard: number }, unit?: string): string =>
  element(name, {}, leaf('default', limits.default, { unit }), leaf('hard', limits.hard, { unit }));

/** The capabilities of a TAP service at `base`. */
export const tapCapabilitiesXml = (base: string, limits: TapLimits, functions: readonly LanguageFunction[]): string =>
  capabilities(
    element(
      'capability',
      { standardID: 'ivo://ivoa.net/std/TAP', 'xsi:type': 'tr:TableAccess' },
      element(
        'interface',
        { 'xsi:type': 'vs:ParamHTTP', role: 'std', version: '1.1' },
        element('accessURL', { use: 'base' }, text(base)),
      ),
      element('dataModel', { 'ivo-id': 'ivo://ivoa.net/std/ObsCore#core-1.1' }, 'ObsCore-1.1'),
      language(functions),
      outputFormats(),
      ...['inline', 'http', 'https'].map((method) =>
        element('uploadMethod', { 'ivo-id': `ivo://ivoa.net/std/TAPRegExt#upload-${method}` }),
      ),
      range('retentionPeriod', limits.retentionS),
      range('executionDuration', limits.executionS),
      range('outputLimit', { default: limits.defaultRows, hard: limits.maximumRows }, 'row'),
      range('uploadLimit', { default: limits.uploadRows, hard: limits.uploadRows }, 'row'),
    ),
    vosiCapabilities(base),
    capability('ivo://ivoa.net/std/VOSI#tables-1.1', `${base}/tables`),
    capability('ivo://ivoa.net/std/DALI#examples', `${base}/examples`, { type: 'vr:WebBrowser' }),
  );

/** The capabilities of a service with these interfaces at `base`. */
export const serviceCapabilitiesXml = (
  base: string,
  interfaces: readonly { readonly standardId: string; readonly url: string; readonly version?: string }[],
): string =>
  capabilities(
    ...interfaces.map(({ standardId, url, version }) => capability(standardId, url, { version, use: 'base' })),
    vosiCapabilities(base),
  );
