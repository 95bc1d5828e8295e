/** Milliseconds between two looks at a request that waits for a person. */
export const LOOK_AGAIN_MS = 5_000;

/** Seconds for which `enroll --send` waits: as long as somebody stands beside the box. */
export const ENROLL_WAIT_SECONDS = 3_600;

/** Most seconds to wait: a request is approved within seven days. */
export const MAX_ENROLL_WAIT_SECONDS = 604_800;

/** Bytes of the file of a request that is under way, and of an answer's. */
export const MAX_PENDING_FILE_BYTES = 65_536;
