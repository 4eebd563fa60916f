/** Alerts one filter may pass per visit, when its own LIMIT is not smaller. */
export const MAX_MATCHES_PER_VISIT = 1_000;
