// The truth of one visit: what the scorer compares the pipeline with. Nothing else may read it.

import type { Detector } from '#libs/instruments';
import { effectiveArea, type SceneSource, sourcesAt } from './scene.js';
import { ALMAGEST_FULL_WELL } from '#libs/instruments';
import { psfAt, trueWcs } from './optics.js';
import type { PlannedVisit, SourceKind, SurveyPlan } from './plan-types.js';

export interface TruthRow {
  readonly id: string;
  readonly kind: SourceKind;
  readonly detector: number;
  /** true place at the middle of the visit, ICRS [deg] */
  readonly raDeg: number;
  readonly decDeg: number;
  readonly x: number;
  readonly y: number;
  /** [nJy], above the atmosphere */
  readonly fluxNjy: number;
  /** mean over the template visits of this band [nJy] */
  readonly templateFluxNjy: number;
  /** fluxNjy - templateFluxNjy */
  readonly deltaFluxNjy: number;
  /** expected S/N of a PSF flux in the visit, and of the change in the difference with the template */
  readonly snr: number;
  readonly deltaSnr: number;
  /** its own peak reaches the full well in a snap */
  readonly saturated: boolean;
  /** within the halo or the bleed trail of a saturated star */
  readonly nearSaturated: boolean;
  /** within 2 px of a defect */
  readonly nearDefect: boolean;
  /** distance from the nearest edge of the detector [px] */
  readonly edgeDistance: number;
}

export interface VisitTruth {
  readonly visit: string;
  readonly band: string;
  readonly purpose: 'template' | 'science';
  readonly midpointMjd: number;
  /** nJy of one electron collected in the whole visit at the centre of the field */
  readonly njyPerElectron: number;
  readonly seeingArcsec: number;
  readonly skyElectrons: number;
  readonly pointing: { readonly raDeg: number; readonly decDeg: number; readonly rotationDeg: number };
  readonly sources: readonly TruthRow[];
}

const exposureOf = (visit: PlannedVisit): number => visit.exposureTime * visit.snapStartMjd.length;

/** Mean dark current of the camera, good enough for noise estimates [e-/s]. */
const DARK = 0.15;

function backgroundVariance(visit: PlannedVisit, detector: Detector): number {
  const readNoise2 =
    detector.amplifiers.reduce((sum, { readNoise }) => sum + readNoise * readNoise, 0) / detector.amplifiers.length;
  return (visit.sky + DARK) * exposureOf(visit) + readNoise2 * visit.snapStartMjd.length;
}

export function visitTruth(plan: SurveyPlan, visit: PlannedVisit): VisitTruth {
  const templates = plan.visits.filter((other) => other.purpose === 'template' && other.band === visit.band);
  const templateFlux = new Map<string, number>();
  for (const template of templates)
    for (const source of sourcesAt(plan, visit.band, template.midpointMjd, 'fixed'))
      templateFlux.set(source.id, (templateFlux.get(source.id) ?? 0) + source.fluxNjy / templates.length);

  const all = sourcesAt(plan, visit.band, visit.midpointMjd);
  const sources = plan.camera.detectors.flatMap((detector) =>
    detectorTruth(plan, visit, detector, all, templateFlux, templates),
  );
  return {
    visit: visit.visit,
    band: visit.band,
    purpose: visit.purpose,
    midpointMjd: visit.midpointMjd,
    njyPerElectron: 1 / (visit.electronsPerSecondPerNjy * exposureOf(visit)),
    seeingArcsec: visit.seeingArcsec,
    skyElectrons: visit.sky * exposureOf(visit),
    pointing: { raDeg: visit.trueRaDeg, decDeg: visit.trueDecDeg, rotationDeg: visit.trueRotationDeg },
    sources,
  };
}

function detectorTruth(
  plan: SurveyPlan,
  visit: PlannedVisit,
  detector: Detector,
  sources: readonly SceneSource[],
  templateFlux: ReadonlyMap<string, number>,
  templates: readonly PlannedVisit[],
): TruthRow[] {
  const wcs = trueWcs(visit, detector);
  const gain = visit.electronsPerSecondPerNjy * exposureOf(visit);
  const background = backgroundVariance(visit, detector);
  // variance of the mean template on the scale of this visit's electrons
  const templateBackground =
    templates.reduce(
      (sum, template) =>
        sum +
        backgroundVariance(template, detector) *
          (gain / (template.electronsPerSecondPerNjy * exposureOf(template))) ** 2,
      0,
    ) /
    Math.max(1, templates.length) ** 2;
  const inside = sources
    .map((source) => ({ source, ...wcs.skyToPixel(source.raDeg, source.decDeg) }))
    .filter(({ x, y }) => x > -0.5 && x < detector.width - 0.5 && y > -0.5 && y < detector.height - 0.5)
    .map((entry) => {
      const psf = psfAt(visit, plan.camera, detector, entry.x, entry.y);
      const snap = entry.source.fluxNjy * visit.electronsPerSecondPerNjy * visit.exposureTime;
      const peak = (entry.source.galaxy ? 0.2 : 0.9) * snap * psf.peak + visit.sky * visit.exposureTime;
      return { ...entry, psf, peak, saturated: peak > 0.93 * ALMAGEST_FULL_WELL };
    });
  const blinding = inside.filter(({ saturated }) => saturated);
  return inside.map(({ source, x, y, saturated }): TruthRow => {
    const area = effectiveArea(plan, visit, detector, x, y);
    const before = templateFlux.get(source.id) ?? 0;
    const flux = source.fluxNjy * gain;
    const delta = (source.fluxNjy - before) * gain;
    const variance = area * (background + templateBackground) + flux + (before * gain) / Math.max(1, templates.length);
    return {
      id: source.id,
      kind: source.kind,
      detector: detector.id,
      raDeg: source.raDeg,
      decDeg: source.decDeg,
      x,
      y,
      fluxNjy: source.fluxNjy,
      templateFluxNjy: before,
      deltaFluxNjy: source.fluxNjy - before,
      snr: flux / Math.sqrt(area * background + flux),
      deltaSnr: delta / Math.sqrt(variance),
      saturated,
      nearSaturated: blinding.some((star) => {
        if (star.source.id === source.id) return false;
        const [dx, dy] = [Math.abs(star.x - x), Math.abs(star.y - y)];
        const trail = star.peak / ALMAGEST_FULL_WELL;
        return (
          Math.hypot(dx, dy) < 12 + 6 * Math.log2(1 + star.peak / ALMAGEST_FULL_WELL) ||
          (dx < 6 && dy < 12 + 12 * trail)
        );
      }),
      nearDefect: detector.defects.some(
        (box) => x > box.x0 - 2.5 && x < box.x0 + box.width + 1.5 && y > box.y0 - 2.5 && y < box.y0 + box.height + 1.5,
      ),
      edgeDistance: Math.min(x, y, detector.width - 1 - x, detector.height - 1 - y),
    };
  });
}
