/** Names under which one box is reached; each stands in its certificate. */
export const MAX_TLS_NAMES = 16;

/** Where the plain page listens that explains the box's certificate: beside the terminal's own port. */
export const DEFAULT_HELP_PORT = 8301;

/** Lanes of one terminal: readers on the ports of one machine. */
export const MAX_LANES = 16;

/** What people call a lane; it stands on a key and in a list. */
export const MAX_LANE_NAME_LENGTH = 32;

/** A reader's name in PC/SC has at most 128 bytes. */
export const MAX_READER_NAME_LENGTH = 128;

/** The lane of a terminal whose configuration names a reader and no lanes. */
export const FIRST_LANE = "1";

/** A merchant's programs that one terminal tells of sales. */
export const MAX_WEBHOOK_ENDPOINTS = 8;

/** Rights of a new file that only its owner may read. */
export const PRIVATE_FILE_MODE = 0o600;
