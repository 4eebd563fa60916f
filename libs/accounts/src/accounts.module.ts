import { Module } from '@nestjs/common';
import { AccessService } from './access-service.js';
import { AccountService } from './account-service.js';
import { RulesService } from './rules-service.js';

const SERVICES = [AccessService, AccountService, RulesService];

@Module({ providers: SERVICES, exports: SERVICES })
export class AccountsModule {}
