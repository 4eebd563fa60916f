// ivoa.ObsCore: the mandatory columns of ObsCore 1.1 (table 1 and appendix B) and what leads from an image to its visit.

import type { VoColumn, VoDatatype, VoSchema, VoTable } from './vo-table.js';

export const IVOA_SCHEMA: VoSchema = { name: 'ivoa', description: 'Tables that IVOA standards define.' };

type Options = Partial<Pick<VoColumn, 'unit' | 'xtype' | 'principal' | 'geography'>>;

function column(
  name: string,
  datatype: VoDatatype,
  utype: string,
  ucd: string,
  description: string,
  options: Options = {},
): VoColumn {
  return {
    name,
    datatype,
    ...(datatype === 'char' && { arraysize: '*' }),
    utype: `obscore:${utype}`,
    ucd,
    description,
    std: true,
    ...options,
  };
}
const own = (name: string, datatype: VoDatatype, ucd: string, description: string): VoColumn => ({
  name,
  datatype,
  ...(datatype === 'char' && { arraysize: '*' }),
  ucd,
  description,
});
const main = { principal: true } as const;

export const OBSCORE_TABLE: VoTable = {
  schema: IVOA_SCHEMA.name,
  name: 'ObsCore',
  type: 'view',
  description:
    'The images that alert production made: calibrated exposures, differences and the templates warped to them.',
  utype: 'ivo://ivoa.net/std/ObsCore#core-1.1',
  sqlName: 'obscore',
  columns: [
    column('dataproduct_type', 'char', 'ObsDataset.dataProductType', 'meta.code.class', 'Kind of data product.', main),
    column(
      'calib_level',
      'int',
      'ObsDataset.calibLevel',
      'meta.code;obs.calib',
      'Calibration level: 2 calibrated, 3 derived from several exposures.',
      main,
    ),
    column('obs_collection', 'char', 'DataID.collection', 'meta.id', 'Collection of the image.', main),
    column('obs_id', 'char', 'DataID.observationID', 'meta.id', 'Identifier of the observation.', main),
    column(
      'obs_publisher_did',
      'char',
      'Curation.publisherDID',
      'meta.ref.ivoid',
      'Identifier of the image for DataLink and SODA.',
      main,
    ),
    column('access_url', 'char', 'Access.reference', 'meta.ref.url', 'Links of the image.', main),
    column('access_format', 'char', 'Access.format', 'meta.code.mime', 'Media type of access_url.', main),
    column('access_estsize', 'long', 'Access.size', 'phys.size;meta.file', 'Size of the image.', {
      unit: 'kbyte',
      ...main,
    }),
    column('target_name', 'char', 'Target.name', 'meta.id;src', 'Name of the target, if any.'),
    column(
      's_ra',
      'double',
      'Char.SpatialAxis.Coverage.Location.Coord.Position2D.Value2.C1',
      'pos.eq.ra',
      'Right ascension of the centre, ICRS.',
      { unit: 'deg', ...main },
    ),
    column(
      's_dec',
      'double',
      'Char.SpatialAxis.Coverage.Location.Coord.Position2D.Value2.C2',
      'pos.eq.dec',
      'Declination of the centre, ICRS.',
      { unit: 'deg', ...main },
    ),
    column(
      's_fov',
      'double',
      'Char.SpatialAxis.Coverage.Bounds.Extent.diameter',
      'phys.angSize;instr.fov',
      'Diameter of the image.',
      { unit: 'deg', ...main },
    ),
    column(
      's_region',
      'char',
      'Char.SpatialAxis.Coverage.Support.Area',
      'pos.outline;obs.field',
      'Outline of the image, ICRS (STC-S).',
      { xtype: 'adql:REGION', geography: 'outline', ...main },
    ),
    column('s_xel1', 'long', 'Char.SpatialAxis.numBins1', 'meta.number', 'Columns of the image.'),
    column('s_xel2', 'long', 'Char.SpatialAxis.numBins2', 'meta.number', 'Rows of the image.'),
    column(
      's_resolution',
      'double',
      'Char.SpatialAxis.Resolution.Refval.value',
      'pos.angResolution',
      'Full width at half maximum of the PSF.',
      { unit: 'arcsec', ...main },
    ),
    column(
      't_min',
      'double',
      'Char.TimeAxis.Coverage.Bounds.Limits.StartTime',
      'time.start;obs.exposure',
      'Start (MJD TAI).',
      { unit: 'd', ...main },
    ),
    column(
      't_max',
      'double',
      'Char.TimeAxis.Coverage.Bounds.Limits.StopTime',
      'time.end;obs.exposure',
      'End (MJD TAI).',
      { unit: 'd', ...main },
    ),
    column('t_xel', 'long', 'Char.TimeAxis.numBins', 'meta.number', 'Elements along time.'),
    column(
      't_exptime',
      'double',
      'Char.TimeAxis.Coverage.Support.Extent',
      'time.duration;obs.exposure',
      'Exposure time.',
      { unit: 's', ...main },
    ),
    column(
      't_resolution',
      'double',
      'Char.TimeAxis.Resolution.Refval.value',
      'time.resolution',
      'Resolution in time.',
      { unit: 's', ...main },
    ),
    column(
      'em_min',
      'double',
      'Char.SpectralAxis.Coverage.Bounds.Limits.LoLimit',
      'em.wl;stat.min',
      'Shortest wavelength.',
      { unit: 'm', ...main },
    ),
    column(
      'em_max',
      'double',
      'Char.SpectralAxis.Coverage.Bounds.Limits.HiLimit',
      'em.wl;stat.max',
      'Longest wavelength.',
      { unit: 'm', ...main },
    ),
    column('em_xel', 'long', 'Char.SpectralAxis.numBins', 'meta.number', 'Elements along wavelength.'),
    column(
      'em_res_power',
      'double',
      'Char.SpectralAxis.Resolution.ResolPower.refVal',
      'spect.resolution',
      'Spectral resolving power.',
      main,
    ),
    column('o_ucd', 'char', 'Char.ObservableAxis.ucd', 'meta.ucd', 'UCD of the pixel values.', main),
    column(
      'pol_states',
      'char',
      'Char.PolarizationAxis.stateList',
      'meta.code;phys.polarization',
      'Polarisation states, if any.',
    ),
    column('pol_xel', 'long', 'Char.PolarizationAxis.numBins', 'meta.number', 'Elements along polarisation.'),
    column('facility_name', 'char', 'Provenance.ObsConfig.Facility.name', 'meta.id;instr.tel', 'Telescope.', main),
    column('instrument_name', 'char', 'Provenance.ObsConfig.Instrument.name', 'meta.id;instr', 'Camera.', main),
    own('dataset_type', 'char', 'meta.code', 'calexp, differenceExp or template.'),
    own('band', 'char', 'meta.id;instr.bandpass', 'Band of the filter.'),
    own('visit', 'long', 'meta.id;obs.image', 'Visit of the image.'),
    own('detector', 'int', 'meta.id;instr.det', 'Detector of the image.'),
  ],
};
