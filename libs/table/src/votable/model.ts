// The parts of a VOTable document (IVOA VOTable 1.1 to 1.5). Attribute values stay text, as written in the file.

import type { Table } from '../table.js';

export type VotableDatatype =
  | 'boolean'
  | 'bit'
  | 'unsignedByte'
  | 'short'
  | 'int'
  | 'long'
  | 'char'
  | 'unicodeChar'
  | 'float'
  | 'double'
  | 'floatComplex'
  | 'doubleComplex';

/** How the rows are written: as XML text, or as base64 of big-endian binary (BINARY2: with flags for missing values). */
export type VotableSerialization = 'TABLEDATA' | 'BINARY' | 'BINARY2';

export interface VotableInfo {
  readonly name: string;
  readonly value: string;
  readonly ID?: string;
  readonly ref?: string;
  readonly unit?: string;
  readonly ucd?: string;
  readonly utype?: string;
  readonly xtype?: string;
  /** content of the element: the message of a QUERY_STATUS */
  readonly text?: string;
}

export interface VotableLink {
  readonly ID?: string;
  readonly contentRole?: string;
  readonly contentType?: string;
  readonly title?: string;
  readonly value?: string;
  readonly href?: string;
  readonly action?: string;
}

export interface VotableOption {
  readonly name?: string;
  readonly value: string;
  readonly options?: readonly VotableOption[];
}

export interface VotableBound {
  readonly value: string;
  /** default true */
  readonly inclusive?: boolean;
}

export interface VotableValues {
  readonly ID?: string;
  readonly type?: string;
  /** the value that means "missing" in integer columns */
  readonly null?: string;
  /** ID of another VALUES to take over */
  readonly ref?: string;
  readonly min?: VotableBound;
  readonly max?: VotableBound;
  readonly options?: readonly VotableOption[];
}

interface Described {
  readonly ID?: string;
  readonly unit?: string;
  readonly ucd?: string;
  readonly utype?: string;
  readonly xtype?: string;
  readonly ref?: string;
  readonly width?: string;
  readonly precision?: string;
  readonly description?: string;
  readonly values?: readonly VotableValues[];
  readonly links?: readonly VotableLink[];
}

export interface VotableField extends Described {
  readonly name: string;
  readonly datatype: VotableDatatype;
  /** `10`, `*`, `10*`, `2x3x*`; absent for a scalar */
  readonly arraysize?: string;
  readonly type?: string;
  /** the column of the batches that holds this field; default `name` (fields may share a name, columns may not) */
  readonly column?: string;
}

export interface VotableParam extends Described {
  readonly name: string;
  readonly datatype: VotableDatatype;
  readonly arraysize?: string;
  readonly value: string;
}

export interface VotableReference {
  readonly ref: string;
  readonly ucd?: string;
  readonly utype?: string;
}

export interface VotableGroup {
  readonly ID?: string;
  readonly name?: string;
  readonly ref?: string;
  readonly ucd?: string;
  readonly utype?: string;
  readonly description?: string;
  readonly fieldRefs?: readonly VotableReference[];
  readonly paramRefs?: readonly VotableReference[];
  readonly params?: readonly VotableParam[];
  readonly groups?: readonly VotableGroup[];
}

export interface VotableCoosys {
  readonly ID: string;
  /** `ICRS`, `eq_FK5`, ... */
  readonly system: string;
  readonly equinox?: string;
  readonly epoch?: string;
  readonly refposition?: string;
}

export interface VotableTimesys {
  readonly ID: string;
  /** Julian Date of the zero point as text, `MJD-origin` or `JD-origin` */
  readonly timeorigin?: string;
  /** `TAI`, `UTC`, `TDB`, ... */
  readonly timescale: string;
  /** `TOPOCENTER`, `BARYCENTER`, ... */
  readonly refposition: string;
}

export interface VotableTable {
  readonly ID?: string;
  readonly name?: string;
  readonly ref?: string;
  readonly ucd?: string;
  readonly utype?: string;
  readonly description?: string;
  readonly nrows?: number;
  readonly fields: readonly VotableField[];
  readonly params?: readonly VotableParam[];
  readonly groups?: readonly VotableGroup[];
  readonly links?: readonly VotableLink[];
  readonly infos?: readonly VotableInfo[];
  /** the rows in batches; absent for a TABLE without DATA */
  readonly rows?: Iterable<Table> | AsyncIterable<Table>;
}

export interface VotableResource {
  readonly ID?: string;
  readonly name?: string;
  /** `results` or `meta` */
  readonly type?: string;
  /** `adhoc:service` for service descriptors */
  readonly utype?: string;
  readonly description?: string;
  /** those before the first table */
  readonly infos?: readonly VotableInfo[];
  readonly coosys?: readonly VotableCoosys[];
  readonly timesys?: readonly VotableTimesys[];
  readonly params?: readonly VotableParam[];
  readonly groups?: readonly VotableGroup[];
  readonly links?: readonly VotableLink[];
  readonly tables?: readonly VotableTable[];
  readonly resources?: readonly VotableResource[];
  /** those after the tables: OVERFLOW, late errors */
  readonly trailingInfos?: readonly VotableInfo[];
}

export interface VotableDocument {
  /** `1.1` to `1.5` */
  readonly version: string;
  readonly ID?: string;
  readonly description?: string;
  readonly infos?: readonly VotableInfo[];
  readonly coosys?: readonly VotableCoosys[];
  readonly timesys?: readonly VotableTimesys[];
  readonly params?: readonly VotableParam[];
  readonly groups?: readonly VotableGroup[];
  readonly resources: readonly VotableResource[];
  readonly trailingInfos?: readonly VotableInfo[];
  /** what a reader took otherwise than it is written, with the line; never written */
  readonly warnings?: readonly string[];
}
