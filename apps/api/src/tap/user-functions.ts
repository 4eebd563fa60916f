import type { LanguageFunction } from '#libs/vo';

export const USER_FUNCTIONS: readonly LanguageFunction[] = [];
