import { readFileSync } from 'node:fs';
import { parsePipeline, type ParseOptions, type Pipeline, TaskRegistry } from '#libs/pipeline';
import { taskPackage } from './task-package.js';

/** The pipelines that come with Almagest; their YAML lies beside the Tasks. */
const FILES = {
  'alert-production': './alert/alert-production.yaml',
  association: './alert/association.yaml',
  templates: './templates/templates.yaml',
  calibration: './calibration/calibration.yaml',
  assemble: './frames/assemble.yaml',
  'single-frame': './frames/single-frame.yaml',
  stack: './frames/stack.yaml',
  difference: './frames/difference.yaml',
} as const;
export type PipelineName = keyof typeof FILES;
export const PIPELINE_NAMES = Object.keys(FILES) as PipelineName[];

/** Every Task of Almagest by name and version. */
export const productionTasks = new TaskRegistry().registerPackage(taskPackage);

/** The text of one of our pipelines. */
export const pipelineText = (name: PipelineName): string => readFileSync(new URL(FILES[name], import.meta.url), 'utf8');

/** One of our pipelines, with config overrides by path (`characterize.config.threshold`). */
export const loadPipeline = (name: PipelineName, options?: ParseOptions): Pipeline =>
  parsePipeline(pipelineText(name), productionTasks, options);
