import { Module } from '@nestjs/common';
import { AlertOutbox } from './alert-outbox.js';
import { CatalogRepository } from './catalog.repository.js';

/** Reads of the catalog and the outbox; the DataSource comes from the database module. */
@Module({ providers: [CatalogRepository, AlertOutbox], exports: [CatalogRepository, AlertOutbox] })
export class CatalogModule {}
