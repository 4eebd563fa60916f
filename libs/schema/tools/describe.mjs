// The words of every public column, composed from a small vocabulary of our own: a noun for each quantity, a sentence
// for each suffix. A column the vocabulary does not know stops the generator, so that none is left undescribed.

/** Whole sentences, by column name. */
const SENTENCES = {
  diaSourceId: 'Identifier of a detection on a difference image: visit, detector and running number packed in 63 bits.',
  diaObjectId: 'Identifier of the variable or transient object; equal to the identifier of its first detection.',
  ssObjectId: 'Identifier of the Solar System object.',
  parentDiaSourceId: 'Detection this one was deblended from.',
  diaForcedSourceId: 'Identifier of the forced measurement.',
  ssObjectReassocTimeMjdTai: 'When the detection was moved from a DIAObject to a Solar System object (MJD TAI).',
  visit: 'Visit: one pointing, all its snaps taken together.',
  detector: 'Number of the detector in the camera.',
  midpointMjdTai: 'Middle of the exposure (MJD TAI).',
  exposureTime: 'Time the shutter was open.',
  timeProcessedMjdTai: 'When the row was committed to the database (MJD TAI).',
  timeWithdrawnMjdTai: 'When the row was declared invalid (MJD TAI); empty while it stands.',
  validityStartMjdTai: 'From when this version of the object was current (MJD TAI).',
  validityEndMjdTai: 'Until when this version was current (MJD TAI); empty for the current one.',
  firstDiaSourceMjdTai: 'Middle of the exposure of the earliest detection (MJD TAI).',
  lastDiaSourceMjdTai: 'Middle of the exposure of the latest detection (MJD TAI).',
  nDiaSources: 'How many detections belong to the object.',
  isNegative: 'The source is fainter than in the template: a negative peak of the difference image.',
  snr: 'Signal-to-noise ratio of the detection.',
  isDipole: 'A pair of lobes of opposite sign describes the source better than a point does.',
  dipoleFitAttempted: 'The dipole model was tried.',
  extendedness: 'From 0 (point-like) to 1 (extended).',
  reliability: 'Probability, from 0 to 1, that the detection is an astrophysical source.',
  reliabilityVersion: 'Version of the model that computed the reliability.',
  band: 'Band of the filter: one of u, g, r, i, z, y.',
  physical_filter: 'Name of the filter in the camera.',
  bboxSize: 'Side of the smallest square that holds the footprint.',
  trailAlgorithm: 'Which trail model the trail columns come from.',
  glint_trail: 'Lies on a straight trail of glints of one artificial satellite.',
  designation: 'Primary designation of the object.',
  diaDistanceRank: 'Rank of this detection by distance from the predicted place; 1 is the nearest.',
  nObs: 'How many observations there are.',
  nObsUsed: 'How many observations the phase curve used.',
  arc: 'Time between the first and the last observation.',
  firstObservationMjdTai: 'First observation by this survey (MJD TAI).',
  tisserand_J: 'Tisserand parameter with respect to Jupiter.',
  slope_fit_failed: 'The slope parameter could not be fitted and was held fixed.',
  psfNdata: 'Pixels used by the PSF fit.',
  trailNdata: 'Pixels used by the trail fit.',
  dipoleNdata: 'Pixels used by the dipole fit.',
  pixelFlags: 'The pixel flags could not be read.',
  sky_source: 'An empty position measured on purpose, to know the noise.',
  diff_PixelFlags_nodataCenter: 'The central pixels of the difference hold a pixel without data.',
  invalidPsfFlag: 'No valid PSF model at this position.',
  parentSourceId: 'Source this one was deblended from; empty when it is its own parent.',
  sourceId: 'Identifier of the detection on a calibrated exposure.',
  objectId: 'Identifier of the object in the data release.',
  parentObjectId: 'Blend this object was taken out of; empty when isolated.',
  expTime: 'Time the shutter was open.',
  expMidpt: 'Middle of the exposure.',
  expMidptMJD: 'Middle of the exposure (MJD TAI).',
  obsStart: 'Start of the exposure.',
  obsStartMJD: 'Start of the exposure (MJD TAI).',
  airmass: 'Airmass at the middle of the exposure.',
  azimuth: 'Azimuth of the telescope, east of north.',
  altitude: 'Altitude of the telescope.',
  zenithDistance: 'Distance of the telescope from the zenith.',
  skyRotation: "Angle from north to the focal plane's y axis, on the sky.",
  tract: 'Tract of the sky map.',
  patch: 'Patch of the tract.',
  refBand: 'Band whose detection and shape are the reference.',
  ebv: 'Colour excess E(B-V) of the Galactic foreground.',
  // orbits
  id: 'Row number.',
  packed_primary_provisional_designation: 'Primary provisional designation in packed form.',
  unpacked_primary_provisional_designation: 'Primary provisional designation in readable form.',
  mpc_orb_jsonb: 'The orbit as its source delivered it, JSON.',
  created_at: 'When the row was made.',
  updated_at: 'When the row was last changed.',
  fitting_datetime: 'When the orbit was fitted.',
  orbit_type_int: 'Class of the orbit as a number of the Minor Planet Center.',
  u_param: 'Uncertainty parameter U, 0 (good) to 9.',
  nopp: 'Oppositions observed.',
  nobs_total: 'Observations known.',
  nobs_total_sel: 'Observations used by the fit.',
  epoch_mjd: 'Epoch of the elements (MJD TT).',
  g: 'Slope parameter G of the H, G system.',
  h: 'Absolute magnitude H.',
  not_normalized_rms: 'Root mean square of the residuals.',
  normalized_rms: 'Root mean square of the residuals in units of their errors.',
  earth_moid: "Smallest distance between this orbit and the Earth's.",
  MOIDEarth: "Smallest distance between this orbit and the Earth's.",
  MOIDEarthDeltaV: 'Speed relative to the Earth at that point.',
  MOIDEarthEclipticLongitude: 'Ecliptic longitude of that point.',
  MOIDEarthTrueAnomaly: 'True anomaly of the Earth at that point.',
  MOIDEarthTrueAnomalyObject: 'True anomaly of the object at that point.',
  // detector summary
  pixelScale: 'Mean pixel scale.',
  zeroPoint: 'Magnitude of a source of one count.',
  psfSigma: 'Gaussian width of the PSF.',
  skyBg: 'Mean sky level.',
  skyNoise: 'Noise of the sky per pixel.',
  seeing: 'Full width at half maximum of the PSF.',
  xSize: 'Columns of the exposure.',
  ySize: 'Rows of the exposure.',
  nPsfStar: 'Stars the PSF was made of.',
  refCatSourceDensity: 'Reference catalog entries per square degree.',
  astromOffsetMean: 'Mean distance between matched sources and the reference catalog.',
  astromOffsetStd: 'Standard deviation of that distance.',
  psfAdaptiveThresholdValue: 'Detection threshold at which PSF stars were searched.',
  psfAdaptiveIncludeThresholdMultiplier: 'Factor on that threshold for peaks to be kept.',
  nShapeletsStar: 'Stars of the shapelet image-quality score.',
  shapeletsOnlyIqScore: 'Image-quality score of the shapelets alone.',
  shapeletsIqScore: 'Image-quality score of shapelets and PSF residuals.',
  centroidDiffShapeletsVsSlotMedian: 'Median distance between shapelet centre and centroid.',
  psfTraceRadiusDelta: 'Range of the PSF trace radius over the detector.',
  psfApFluxDelta: 'Range of the PSF aperture flux over the detector.',
  psfApCorrSigmaScaledDelta: 'Range of the aperture correction over the detector, in units of its scatter.',
  maxDistToNearestPsf: 'Largest distance of any pixel from a PSF star.',
  // our own
  instrument: 'Camera that took the visit.',
  commitId: 'Number of the commit that wrote the row; grows with time for any one object.',
  hpx29: 'HEALPix cell of the position, nested scheme, order 29.',
  geog: 'The position as a point on the sphere, longitude in (-180, 180].',
};

/** Nouns, used inside sentences. */
const NOUNS = {
  ra: 'right ascension, ICRS',
  dec: 'declination, ICRS',
  coord_ra: 'right ascension, ICRS',
  coord_dec: 'declination, ICRS',
  x: 'column of the centroid (0 is the centre of the first pixel)',
  y: 'row of the centroid (0 is the centre of the first pixel)',
  ra_dec: 'right ascension (times cos dec) and declination',
  coord_ra_dec: 'right ascension (times cos dec) and declination',
  psfFlux: 'flux of the fitted PSF',
  psfDiffFlux: 'flux of the fitted PSF on the difference image',
  apFlux: 'flux in a circular aperture',
  scienceFlux: 'PSF flux on the calibrated image, at this place',
  fpFlux: 'forced PSF flux on the calibrated image',
  templateFlux: 'PSF flux on the template, at this place',
  forced_PsfFlux: 'forced PSF flux on the calibrated image',
  trailFlux: 'flux of the trail',
  trailRa: "right ascension of the trail's middle",
  trailDec: "declination of the trail's middle",
  trailLength: 'length of the trail',
  trailAngle: 'position angle of the trail',
  trail: 'trail fit',
  dipoleMeanFlux: 'mean flux of the two lobes',
  dipoleFluxDiff: 'difference between the fluxes of the two lobes',
  dipoleLength: 'separation of the lobes',
  dipoleAngle: 'position angle from the negative to the positive lobe',
  dipole: 'dipole fit',
  psf: 'PSF fit',
  ixx: 'second moment along x',
  iyy: 'second moment along y',
  ixy: 'mixed second moment',
  shape: 'shape',
  centroid: 'centroid',
  H: 'absolute magnitude H',
  G12: 'slope parameter G12',
  phaseAngle: 'phase angle',
  eclLambda: 'ecliptic longitude',
  eclBeta: 'ecliptic latitude',
  galLon: 'Galactic longitude',
  galLat: 'Galactic latitude',
  elongation: 'angle between Sun and object',
  topoRange: 'distance from the observer',
  topoRangeRate: 'rate of the distance from the observer',
  helioRange: 'distance from the Sun',
  helioRangeRate: 'rate of the distance from the Sun',
  ephVmag: 'predicted V magnitude',
  ephRate: 'predicted apparent motion',
  ephRa: 'predicted right ascension',
  ephDec: 'predicted declination',
  ephRateRa: 'predicted motion in right ascension, times cos dec',
  ephRateDec: 'predicted motion in declination',
  ephOffset: 'distance from the predicted place',
  ephOffsetRa: 'offset from the predicted place in right ascension, times cos dec',
  ephOffsetDec: 'offset from the predicted place in declination',
  ephOffsetAlongTrack: 'offset along the predicted motion',
  ephOffsetCrossTrack: 'offset across the predicted motion',
  extendednessMax: 'largest extendedness of the observations',
  extendednessMedian: 'median extendedness of the observations',
  extendednessMin: 'smallest extendedness of the observations',
  arc_length_total: 'arc of all observations',
  arc_length_sel: 'arc of the observations used',
  a: 'semi-major axis',
  q: 'perihelion distance',
  e: 'eccentricity',
  i: 'inclination',
  node: 'longitude of the ascending node',
  argperi: 'argument of perihelion',
  peri_time: 'time of perihelion (MJD TT)',
  yarkovsky: 'Yarkovsky acceleration',
  srp: 'solar radiation pressure coefficient',
  a1: 'radial non-gravitational parameter A1',
  a2: 'transverse non-gravitational parameter A2',
  a3: 'normal non-gravitational parameter A3',
  dt: 'delay of the non-gravitational force',
  mean_anomaly: 'mean anomaly at the epoch',
  period: 'orbital period',
  mean_motion: 'mean motion',
  calibFlux: 'flux in the aperture of the photometric calibration',
  sky: 'background per pixel',
  gaussianFlux: 'flux of a Gaussian of the measured shape',
  sizeExtendedness: 'extendedness by size',
  localBackground: 'background around the source',
  normCompTophatFlux: 'flux in the compensated aperture',
  blendedness: 'blendedness',
  jacobian: 'pixel area relative to the nominal one',
  variance: 'median variance in the footprint',
  blendedness_abs: 'share of the flux that belongs to neighbours',
  psfFlux_apCorr: 'aperture correction applied to the PSF flux',
  psfFlux_area: 'effective area of the PSF',
  footprintArea: 'area of the footprint',
  hsmPsfMoments: 'moments of the PSF',
  iDebiasedPSF: 'noise-corrected moments of the PSF',
  hsmShapeRegauss: 're-Gaussianised shape',
  griz_model_extendedness: 'extendedness by a model of g, r, i and z together',
  refExtendedness: 'extendedness in the reference band',
  refSizeExtendedness: 'extendedness by size in the reference band',
  coord: 'position',
  shape_xx: 'second moment along x in the reference band',
  shape_yy: 'second moment along y in the reference band',
  shape_xy: 'mixed second moment in the reference band',
  cModel: 'composite galaxy model',
  cModelFlux: 'flux of the composite galaxy model',
  psfMag: 'PSF magnitude',
  kronFlux: 'Kron flux',
  kronRad: 'Kron radius',
  sersicFlux: 'flux of the Sersic model',
  exponentialFlux: 'flux of the exponential model',
  gaap1p0Flux: 'Gaussian aperture and PSF flux, aperture 1.0 arcsec',
  inputCount: 'number of exposures stacked',
  epoch: 'mean epoch of the exposures stacked (MJD TAI)',
  sersic_index: 'Sersic index',
};

const PIXEL_FLAGS = {
  bad: 'a defective pixel',
  cr: 'a cosmic ray',
  edge: 'the edge of the image',
  nodata: 'a pixel without data',
  interpolated: 'an interpolated pixel',
  offimage: 'the outside of the image',
  saturated: 'a saturated pixel',
  suspect: 'a pixel of doubtful linearity',
  streak: 'a satellite trail',
  injected: 'an injected source',
  injected_template: 'a source injected into the template',
};
const REASONS = {
  edge: 'too near the edge',
  noGoodPixels: 'no usable pixel',
  apertureTruncated: 'the aperture leaves the image',
  no_pixels: 'no pixel',
  not_contained: 'the centre is outside the footprint',
  parent_source: 'only the parent of the blend was measured',
  sincCoeffsTruncated: 'the sub-pixel weights leave the image',
  galsim: 'the moments did not converge',
  noPsf: 'no PSF',
  noCentroid: 'no centroid',
  noShape: 'no shape',
  emptyFootprint: 'an empty footprint',
  apCorr: 'no aperture correction',
  almostNoSecondDerivative: 'a nearly flat peak',
  badError: 'an impossible error',
  noSecondDerivative: 'a flat peak',
  notAtMaximum: 'the peak is not a maximum',
  resetToPeak: 'the fit ran away and the peak pixel was taken',
};
const STATISTICS = [
  [/^(.*Flux)MeanErr$/, (n) => `Standard error of the mean ${n}, from its ${'detections'}.`],
  [/^(.*Flux)Mean$/, (n) => `Weighted mean of the ${n}.`],
  [/^(.*Flux)Sigma$/, (n) => `Standard deviation of the ${n} over the detections.`],
  [/^(.*Flux)Ndata$/, (n) => `How many detections the statistics of the ${n} used.`],
  [/^(.*Flux)MaxSlope$/, (n) => `Largest rate of change of the ${n} between neighbours in time.`],
  [/^(.*Flux)Min$/, (n) => `Smallest ${n}.`],
  [/^(.*Flux)Max$/, (n) => `Largest ${n}.`],
  [/^(.*Flux)ErrMean$/, (n) => `Mean uncertainty of the ${n}.`],
  [/^(.*Flux)Chi2$/, (n) => `Chi-squared of the ${n} about its weighted mean.`],
  [/^(.*Flux)StetsonJ$/, (n) => `Stetson J variability index of the ${n}.`],
];
const upper = (text) => text[0].toUpperCase() + text.slice(1);

export function describe(name) {
  if (SENTENCES[name]) return SENTENCES[name];
  if (NOUNS[name]) return `${upper(NOUNS[name])}.`;
  let m;
  if ((m = /^([ugrizy])_(?!unc)(.+)$/.exec(name))) {
    if (m[2].match(/^H_._G12_Cov$/)) return `Covariance of H and G12 (${m[1]} band).`;
    return describe(m[2]).replace(/\.$/, ` (${m[1]} band).`);
  }
  for (const [pattern, sentence] of STATISTICS)
    if ((m = pattern.exec(name)) && NOUNS[m[1]]) return sentence(NOUNS[m[1]]);
  if ((m = /^pixelFlags_(.+?)(Center)?$/.exec(name)) && PIXEL_FLAGS[m[1]])
    return m[2] ? `The central pixels hold ${PIXEL_FLAGS[m[1]]}.` : `The footprint touches ${PIXEL_FLAGS[m[1]]}.`;
  if ((m = /^(.+)_flag_(.+)$/.exec(name)) && REASONS[m[2]]) return `No reliable ${noun(m[1])}: ${REASONS[m[2]]}.`;
  if ((m = /^(.+)_flag$/.exec(name))) return `The ${noun(m[1])} failed or is not reliable.`;
  if ((m = /^(.+)Err$/.exec(name)))
    return `One-sigma uncertainty of the ${noun(m[1])}${/(^|_)ra$|Ra$/.test(m[1]) ? ', times cos dec' : ''}.`;
  if ((m = /^(.+)_unc$/.exec(name))) return `One-sigma uncertainty of the ${noun(m[1])}.`;
  if ((m = /^(.+)_Cov$/.exec(name))) return `Covariance of ${noun(m[1])}.`;
  if ((m = /^(.+)(Chi2|LnL)$/.exec(name)))
    return `${m[2] === 'Chi2' ? 'Chi-squared' : 'Natural logarithm of the likelihood'} of the ${noun(m[1])}.`;
  if ((m = /^Chi2$/.exec(name))) return 'Chi-squared of the phase curve.';
  if ((m = /^phaseAngle(Min|Max)$/.exec(name)))
    return `${m[1] === 'Min' ? 'Smallest' : 'Largest'} phase angle observed.`;
  if ((m = /^(ixx|iyy|ixy)(Debiased)?PSF$/.exec(name)))
    return `${upper(NOUNS[m[1]])} of the PSF${m[2] ? ', corrected for noise' : ''}.`;
  if ((m = /^(helio|topo)_(v?)(x|y|z|tot)$/.exec(name)))
    return `${m[3] === 'tot' ? 'Speed' : `${m[3]} component of the ${m[2] ? 'velocity' : 'position'}`} with respect to the ${m[1] === 'helio' ? 'Sun' : 'observer'}.`;
  if ((m = /^(ll|ul|ur|lr)c(ra|dec)$/.exec(name)))
    return `${upper(NOUNS[m[2]])}, of the ${{ ll: 'lower left', ul: 'upper left', ur: 'upper right', lr: 'lower right' }[m[1]]} corner.`;
  if ((m = /^ap(\d\d)Flux$/.exec(name))) return `Flux in a circular aperture of ${Number(m[1])} pixels radius.`;
  if ((m = /^(.+)_inst(Flux)(Err)?$/.exec(name)))
    return `${m[3] ? 'One-sigma uncertainty of the ' : 'Uncalibrated '}${noun(m[1])}${m[3] ? ', uncalibrated' : ''}.`;
  if ((m = /^(.+)_value$/.exec(name))) return `${upper(noun(m[1]))}.`;
  if ((m = /^calib_(astrometry|photometry|psf)_(used|reserved|candidate)$/.exec(name)))
    return `${{ used: 'Used', reserved: 'Held back for checks', candidate: 'A candidate' }[m[2]]} in the ${m[1] === 'psf' ? 'PSF' : m[1]} solution.`;
  if ((m = /^deblend_(.+)$/.exec(name)))
    return `Deblender: ${m[1].replace(/_/g, ' ').replace(/([a-z])([A-Z])/g, (_, a, b) => `${a} ${b.toLowerCase()}`)}.`;
  if ((m = /^detect_(.+)$/.exec(name)))
    return `Detection: ${m[1].replace(/([a-z])([A-Z])/g, (_, a, b) => `${a} ${b.toLowerCase()}`)}.`;
  if ((m = /^(shapeletsStar|star|psfStar)(.+?)(Median|Scatter)$/.exec(name)))
    return `${m[3]} over the ${{ star: 'stars', psfStar: 'PSF stars', shapeletsStar: 'shapelet stars' }[m[1]]} of ${m[2].replace(/([a-z0-9])([A-Z])/g, '$1 $2')}.`;
  if ((m = /^(exponential|sersic)_(.+)$/.exec(name)))
    return `${m[1] === 'sersic' ? 'Sersic' : 'Exponential'} model: ${m[2].replace(/_/g, ' ').replace(/Err$/, ' uncertainty')}.`;
  throw new Error(`no words for column ${name}`);
}

function noun(name) {
  if (NOUNS[name]) return NOUNS[name];
  const aperture = /^ap(Flux_)?(\d\d)(_0|Flux)?$/.exec(name);
  if (aperture) return `flux in a circular aperture of ${Number(aperture[2])} pixels radius`;
  if (name === 'extendedness') return 'extendedness';
  return lower(describe(name).replace(/\.$/, ''));
}
const lower = (text) => text[0].toLowerCase() + text.slice(1);
