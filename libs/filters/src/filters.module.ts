import { Module } from '@nestjs/common';
import { FilterService } from './filter-service.js';

@Module({ providers: [FilterService], exports: [FilterService] })
export class FiltersModule {}
