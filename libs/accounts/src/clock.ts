import { utcToTai } from '#libs/sky';

const UNIX_EPOCH_MJD = 40_587;

/** The moment as MJD TAI [d]. */
export const mjdTaiNow = (nowMs = Date.now()): number => utcToTai(UNIX_EPOCH_MJD + nowMs / 86_400_000);
