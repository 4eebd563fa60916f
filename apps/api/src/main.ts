import { SwaggerModule } from '@nestjs/swagger';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '#libs/config';
import { JobEvents } from '#libs/jobs';
import { createLogger, NestLogger } from '#libs/observability';
import { createApi, describeRest } from './bootstrap.js';
import { Notifications } from './live/notifications.js';
import { servePortal } from './portal/serve-portal.js';
import { VoStart } from './vo/vo.providers.js';

const config = loadConfig();
const logger = createLogger({ level: config.logLevel, component: 'api' });
const app = await createApi(config, { logger: new NestLogger(logger) });
SwaggerModule.setup('api/docs', app, () => describeRest(app), { jsonDocumentUrl: 'api/openapi.json' });
const portal = await servePortal(app, fileURLToPath(new URL('../../../portal', import.meta.url)));
if (!portal) logger.warn('the portal is not built; only the API is served');
await Promise.all([app.get(Notifications).start(), app.get(JobEvents).start(), app.get(VoStart).start()]);
await app.listen(config.port, config.host);
process.stdout.write(`${JSON.stringify({ ready: true, url: await app.getUrl(), portal })}\n`);
