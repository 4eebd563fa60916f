// Which elements a VOTable has, where they may stand, and where their attributes and content go in the model.

/** A part of the model while it is read. */
export type Node = Record<string, unknown>;

/** In which list of its parent a child goes; `=` marks a single value. Elements named nowhere are skipped whole. */
export const CHILDREN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  VOTABLE: {
    DESCRIPTION: '=description',
    DEFINITIONS: '^',
    INFO: 'infos',
    COOSYS: 'coosys',
    TIMESYS: 'timesys',
    PARAM: 'params',
    GROUP: 'groups',
    RESOURCE: 'resources',
  },
  RESOURCE: {
    DESCRIPTION: '=description',
    INFO: 'infos',
    COOSYS: 'coosys',
    TIMESYS: 'timesys',
    PARAM: 'params',
    GROUP: 'groups',
    LINK: 'links',
    TABLE: 'tables',
    RESOURCE: 'resources',
  },
  TABLE: {
    DESCRIPTION: '=description',
    INFO: 'infos',
    FIELD: 'fields',
    PARAM: 'params',
    GROUP: 'groups',
    LINK: 'links',
    DATA: '!',
  },
  FIELD: { DESCRIPTION: '=description', VALUES: 'values', LINK: 'links' },
  PARAM: { DESCRIPTION: '=description', VALUES: 'values', LINK: 'links' },
  GROUP: {
    DESCRIPTION: '=description',
    FIELDref: 'fieldRefs',
    PARAMref: 'paramRefs',
    PARAM: 'params',
    GROUP: 'groups',
  },
  VALUES: { MIN: '=min', MAX: '=max', OPTION: 'options' },
  OPTION: { OPTION: 'options' },
  INFO: { DESCRIPTION: '=description' },
};

const NAMES = ['ID', 'name', 'ref', 'ucd', 'utype'] as const;
const TYPED = [...NAMES, 'datatype', 'arraysize', 'unit', 'xtype', 'width', 'precision'] as const;

export const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  VOTABLE: ['version', 'ID'],
  RESOURCE: ['ID', 'name', 'type', 'utype'],
  TABLE: [...NAMES, 'nrows'],
  FIELD: [...TYPED, 'type'],
  PARAM: [...TYPED, 'value'],
  INFO: [...NAMES, 'value', 'unit', 'xtype'],
  GROUP: NAMES,
  FIELDref: ['ref', 'ucd', 'utype'],
  PARAMref: ['ref', 'ucd', 'utype'],
  VALUES: ['ID', 'type', 'null', 'ref'],
  MIN: ['value', 'inclusive'],
  MAX: ['value', 'inclusive'],
  OPTION: ['name', 'value'],
  LINK: ['ID', 'content-role', 'content-type', 'title', 'value', 'href', 'action'],
  COOSYS: ['ID', 'system', 'equinox', 'epoch', 'refposition'],
  TIMESYS: ['ID', 'timeorigin', 'timescale', 'refposition'],
};

const KEYS: Readonly<Record<string, string>> = { 'content-role': 'contentRole', 'content-type': 'contentType' };

export function nodeOf(element: string, attributes: ReadonlyMap<string, string>): Node {
  const node: Node = {};
  for (const name of ATTRIBUTES[element] ?? []) {
    const value = attributes.get(name);
    if (value !== undefined) node[KEYS[name] ?? name] = value;
  }
  return node;
}
