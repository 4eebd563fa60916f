// Worker of alert production: visits and their detectors, master calibrations, templates. Orchestrates; pixels are handled in threads.

import { runWorkerProcess } from '#libs/processing';
import { registerHandlers } from './handlers.js';

await runWorkerProcess({
  name: 'alert-production',
  queues: ['visits', 'detectors', 'calibration', 'templates'],
  start: registerHandlers,
});
