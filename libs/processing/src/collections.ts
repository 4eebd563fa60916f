// Names of the collections in which an instrument's data lie.

export interface CollectionNames {
  /** frames as they came */
  readonly raw: string;
  /** which master calibration holds when */
  readonly calibrations: string;
  readonly templates: string;
  /** outputs of alert production */
  readonly alertProduction: string;
}

/** Reference catalogs serve every instrument. */
export const REFERENCE_CATALOGS = 'refcats';

export const collectionsOf = (instrument: string): CollectionNames => ({
  raw: `raw/${instrument}`,
  calibrations: `calib/${instrument}`,
  templates: `templates/${instrument}`,
  alertProduction: `ap/${instrument}`,
});
