import { loadConfig } from '#libs/config';
import { createApi, describeRest } from './bootstrap.js';
import { SwaggerModule } from '@nestjs/swagger';

const config = loadConfig();
const app = await createApi(config);
SwaggerModule.setup('api/docs', app, () => describeRest(app), { jsonDocumentUrl: 'api/openapi.json' });
await app.listen(config.port, config.host);
process.stdout.write(`${JSON.stringify({ ready: true, url: await app.getUrl() })}\n`);
