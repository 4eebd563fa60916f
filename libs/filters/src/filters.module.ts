import { Module } from '@nestjs/common';
import { FilterService } from './filter-service.js';
import { VisitFiltering } from './visit-filtering.js';

@Module({ providers: [FilterService, VisitFiltering], exports: [FilterService, VisitFiltering] })
export class FiltersModule {}
