// scoreReality: the reliability of each DIASource. The classifier is looked up by name, so that a trained model takes the place
// of the logistic one by registration and configuration.
import { logisticClassifier, realityFeaturesOf, type RealityClassifier } from '#libs/algorithms';
import { defineTask, one, TaskFailure } from '#libs/pipeline';
import type { Column, Table } from '#libs/table';
import { z } from 'zod';
import { TableStorage } from '../storage/index.js';

const classifiers = new Map<string, RealityClassifier>([['logistic', logisticClassifier]]);

export const registerRealityClassifier = (name: string, classifier: RealityClassifier): void => {
  classifiers.set(name, classifier);
};

export const ScoreRealityConfig = z.strictObject({
  classifier: z.string().default('logistic').meta({ description: 'name of a registered classifier' }),
  minReliability: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .meta({ description: 'detections below are left out of the output; 0 keeps all, with their scores' }),
});

export const scoreReality = defineTask({
  name: 'scoreReality',
  version: '1',
  description: 'Scores every DIASource between 0 (artefact) and 1 (real).',
  dimensions: ['visit', 'detector'],
  config: ScoreRealityConfig,
  inputs: { diaSource: one('diaSourceUnscored', TableStorage), features: one('diaSourceFeatures', TableStorage) },
  outputs: { scored: one('diaSource', TableStorage) },
  run({ diaSource, features }, { config, metric }) {
    const classifier = classifiers.get(config.classifier);
    if (!classifier)
      throw new TaskFailure('unprocessable', 'NO_SUCH_CLASSIFIER', `there is no classifier "${config.classifier}"`, {
        known: [...classifiers.keys()],
      });
    const scores = Float32Array.from({ length: diaSource.rowCount }, (_, row) =>
      classifier.score(realityFeaturesOf(features, row)),
    );
    const scored = withReliability(diaSource, scores, classifier.version);
    const kept = Array.from(scores.keys()).filter((row) => scores[row]! >= config.minReliability);
    metric('reliable', scores.filter((score) => score >= 0.5).length);
    return { scored: kept.length === scored.rowCount ? scored : scored.take(kept) };
  },
});

function withReliability(table: Table, scores: Float32Array, version: string): Table {
  // nulls of the empty columns go: every row now has a score
  const { nulls: _reliability, ...reliability } = table.column('reliability');
  const { nulls: _version, ...versions } = table.column('reliabilityVersion');
  return table.withColumns([
    { ...reliability, data: scores } as Column,
    { ...versions, data: Array.from(scores, () => version) } as Column,
  ]);
}
