/** Lanes of one terminal: readers on the ports of one machine. */
export const MAX_LANES = 16;

/** What people call a lane; it stands on a key and in a list. */
export const MAX_LANE_NAME_LENGTH = 32;

/** A reader's name in PC/SC has at most 128 bytes. */
export const MAX_READER_NAME_LENGTH = 128;

/** The lane of a terminal whose configuration names a reader and no lanes. */
export const FIRST_LANE = "1";
