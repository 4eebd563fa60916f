// The metadata elements of a VOTable, as text.

import type {
  VotableBound,
  VotableCoosys,
  VotableField,
  VotableGroup,
  VotableInfo,
  VotableLink,
  VotableOption,
  VotableParam,
  VotableReference,
  VotableTimesys,
  VotableValues,
} from './model.js';
import { type Attributes, xmlElement, xmlText } from './xml-text.js';

const every = <T>(items: readonly T[] | undefined, write: (item: T) => string): string =>
  items?.map(write).join('') ?? '';

/** Elements inside start on a new line. */
const lines = (content: string): string => (content === '' ? '' : `\n${content}`);

export const descriptionXml = (text: string | undefined): string =>
  text === undefined || text === '' ? '' : xmlElement('DESCRIPTION', {}, xmlText(text));

export function infosXml(infos: readonly VotableInfo[] | undefined): string {
  return every(infos, ({ ID, name, value, text, ref, unit, ucd, utype, xtype }) =>
    xmlElement('INFO', { ID, name, value, unit, ucd, utype, xtype, ref }, xmlText(text ?? '')),
  );
}

export function linksXml(links: readonly VotableLink[] | undefined): string {
  return every(links, ({ ID, contentRole, contentType, title, value, href, action }) =>
    xmlElement('LINK', { ID, 'content-role': contentRole, 'content-type': contentType, title, value, href, action }),
  );
}

export interface SystemsAndParams {
  readonly coosys?: readonly VotableCoosys[];
  readonly timesys?: readonly VotableTimesys[];
  readonly params?: readonly VotableParam[];
  readonly groups?: readonly VotableGroup[];
}

export function systemsAndParamsXml({ coosys, timesys, params, groups }: SystemsAndParams): string {
  const coordinate = every(coosys, ({ ID, system, equinox, epoch, refposition }) =>
    xmlElement('COOSYS', { ID, system, equinox, epoch, refposition }),
  );
  const time = every(timesys, ({ ID, timeorigin, timescale, refposition }) =>
    xmlElement('TIMESYS', { ID, timeorigin, timescale, refposition }),
  );
  return coordinate + time + paramsXml(params) + groupsXml(groups);
}

function valuesXml({ ID, type, null: missing, ref, min, max, options }: VotableValues): string {
  const bound = (name: string, one: VotableBound | undefined): string =>
    one === undefined
      ? ''
      : xmlElement(name, { value: one.value, inclusive: one.inclusive === false ? 'no' : undefined });
  return xmlElement(
    'VALUES',
    { ID, type, null: missing, ref },
    lines(bound('MIN', min) + bound('MAX', max) + optionsXml(options)),
  );
}

function optionsXml(options: readonly VotableOption[] | undefined): string {
  return every(options, (one) =>
    xmlElement('OPTION', { name: one.name, value: one.value }, lines(optionsXml(one.options))),
  );
}

function typedXml(element: string, item: VotableField | VotableParam, more: Attributes): string {
  const { ID, name, datatype, arraysize, unit, ucd, utype, xtype, ref, width, precision } = item;
  return xmlElement(
    element,
    { ID, name, datatype, arraysize, width, precision, unit, ucd, utype, xtype, ref, ...more },
    lines(descriptionXml(item.description) + every(item.values, valuesXml) + linksXml(item.links)),
  );
}

export function fieldsXml(fields: readonly VotableField[]): string {
  return every(fields, (field) => typedXml('FIELD', field, { type: field.type }));
}

export function paramsXml(params: readonly VotableParam[] | undefined): string {
  return every(params, (param) => typedXml('PARAM', param, { value: param.value }));
}

export function groupsXml(groups: readonly VotableGroup[] | undefined): string {
  const reference =
    (element: string) =>
    ({ ref, ucd, utype }: VotableReference): string =>
      xmlElement(element, { ref, ucd, utype });
  return every(groups, (group) => {
    const { ID, name, ref, ucd, utype } = group;
    return xmlElement(
      'GROUP',
      { ID, name, ref, ucd, utype },
      lines(
        descriptionXml(group.description) +
          every(group.fieldRefs, reference('FIELDref')) +
          every(group.paramRefs, reference('PARAMref')) +
          paramsXml(group.params) +
          groupsXml(group.groups),
      ),
    );
  });
}
