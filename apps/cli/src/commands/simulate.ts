import { Command, InvalidArgumentError } from 'commander';
import { resolve } from 'node:path';
import { createReporter } from '../reporter.js';
import { simulateSurvey } from '../simulate.js';

export const wholeNumber = (minimum: number) => (text: string) => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < minimum)
    throw new InvalidArgumentError(`expected a whole number of at least ${minimum}.`);
  return value;
};

/** `almagest simulate <folder>`: raw frames, calibrations, catalogs and truth, as a telescope and an observatory would have them. */
export function simulateCommand(): Command {
  return new Command('simulate')
    .description(
      'simulate a survey into a folder: raw frames, calibration frames, reference catalog, orbits, and the truth (for scoring only)',
    )
    .argument('<folder>', 'where to write')
    .option('--seed <number>', 'everything random follows from it', wholeNumber(0), 1)
    .option('--nights <number>', 'nights of science visits', wholeNumber(1))
    .option('--visits-per-night <number>', 'per night and band', wholeNumber(1))
    .option('--detectors <number>', 'detectors of the camera', wholeNumber(1))
    .option('--size <pixels>', 'side of a detector', wholeNumber(128))
    .option('--json', 'print one summary object on stdout')
    .action(
      async (
        folder: string,
        options: {
          seed: number;
          nights?: number;
          visitsPerNight?: number;
          detectors?: number;
          size?: number;
          json?: boolean;
        },
      ) => {
        const reporter = createReporter(options.json ?? false);
        const { seed, nights, visitsPerNight, detectors, size } = options;
        const { plan, frames, seconds } = await simulateSurvey(
          {
            seed,
            ...(nights !== undefined && { nights }),
            ...(visitsPerNight !== undefined && { visitsPerNight }),
            ...(detectors !== undefined && { detectors }),
            ...(size !== undefined && { detectorSize: size }),
          },
          resolve(folder),
          (done, total) => reporter.progress('simulating', done, total),
        );
        const daysOf = (purpose: 'template' | 'science'): number[] => [
          ...new Set(plan.visits.filter((visit) => visit.purpose === purpose).map(({ dayObs }) => dayObs)),
        ];
        const facts = {
          command: 'simulate',
          folder: resolve(folder),
          seed,
          frames,
          visits: plan.visits.length,
          bands: plan.bands,
          stars: plan.stars.length,
          galaxies: plan.galaxies.length,
          transients: plan.transients.length,
          variables: plan.stars.filter((star) => star.variability).length,
          asteroids: plan.asteroids.length,
          templateDays: daysOf('template'),
          scienceDays: daysOf('science'),
          seconds,
        };
        reporter.summary(
          facts,
          () =>
            `${frames} frames of ${facts.visits} visits, ${facts.stars} stars, ${facts.galaxies} galaxies, ${facts.transients} transients, ${facts.variables} variables, ${facts.asteroids} asteroids in ${seconds.toFixed(1)} s: ${facts.folder}\nnights for templates ${facts.templateDays.join(', ')}, of science ${facts.scienceDays.join(', ')}`,
        );
      },
    );
}
