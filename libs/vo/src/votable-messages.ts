// VOTables without rows: errors (DALI 1.1 section 4.4) and the older form of Cone Search.

import { document, element, text } from './xml.js';

export const VOTABLE_NAMESPACE = 'http://www.ivoa.net/xml/VOTable/v1.3';
export const VOTABLE_TYPE = 'application/x-votable+xml';

const votable = (...children: readonly string[]): string =>
  document(element('VOTABLE', { version: '1.4', xmlns: VOTABLE_NAMESPACE }, ...children));

/** What a DAL service answers instead of a table. */
export const errorVotable = (message: string): string =>
  votable(
    element('RESOURCE', { type: 'results' }, element('INFO', { name: 'QUERY_STATUS', value: 'ERROR' }, text(message))),
  );

/** Cone Search 1.03 wants the message as the value of an INFO named Error, directly under the root; a document has a RESOURCE all the same. */
export const coneSearchErrorVotable = (message: string): string =>
  votable(element('INFO', { ID: 'Error', name: 'Error', value: message }), element('RESOURCE', { type: 'results' }));
