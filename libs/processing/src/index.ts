export { buildCalibrations, type CalibrationResult } from './calibrations.js';
export { collectionsOf, type CollectionNames, REFERENCE_CATALOGS } from './collections.js';
export { processingEnvironment, type ProcessingEnvironment, SOFTWARE_VERSION } from './environment.js';
export { describe as describeFile, ingestFrame, type IngestedFrame, type Stage } from './ingest-frame.js';
export { type DetectorOutcome, type DetectorWork, processDetector } from './process-detector.js';
export { runPipeline, type RunPipelineOptions, worstFailure } from './run-pipeline.js';
export { SKYMAP, skymap, skymapOverrides } from './skymap.js';
export { buildTemplates, type TemplateResult } from './templates.js';
export { JOB_KINDS, type ProcessingJobKind, submitObservedVisit } from './job-kinds.js';
export { predictSolarSystem } from './solar-system.js';
export { runWorkerProcess, type WorkerOptions, type WorkerServices } from './worker-process.js';
export { fileAlertStorage } from './alert-storage.js';
export { type FileOutcome, FrameRefusal, ingestFile, type RefusedFile, type TakenFile } from './ingest-file.js';
export { type ImportedCatalog, importOrbitFile, importReferenceCatalog, ReferenceDataError } from './reference-data.js';
export { type FrameSelection, type KnownFrame, knownFrames, oneInstrument, visitsOf } from './frame-selection.js';
export {
  datasetsOfRun,
  exportRun,
  failuresOf,
  FRAME_PIPELINES,
  type FrameFailure,
  type FramePipeline,
  processFrames,
  type FramesRequest,
  type FramesResult,
} from './process-frames.js';
