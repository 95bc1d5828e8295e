/** Seconds after which a terminal that sends is silent: merchants send within a day. */
export const SILENT_AFTER_SECONDS = 86_400;

/** Seconds after which a silent terminal is one that is not used any more. */
export const SILENT_UNTIL_SECONDS = 604_800;
