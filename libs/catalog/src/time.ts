const UNIX_EPOCH_MJD = 40587;
/** TAI - UTC since 2017-01-01 [s]; no later leap second is announced */
const TAI_MINUS_UTC_S = 37;

/** The moment as MJD TAI [d]. */
export const mjdTaiNow = (nowMs = Date.now()): number => UNIX_EPOCH_MJD + (nowMs / 1000 + TAI_MINUS_UTC_S) / 86400;
