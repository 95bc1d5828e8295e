/** Longest line that a command sends to the gateway that runs, or gets from it. */
export const MAX_BOX_LINE_BYTES = 65_536;

/** A command waits so long for the gateway that runs. */
export const BOX_ANSWER_MS = 10_000;

/** Longest path of a socket in the file system: `sun_path` of Linux, less its end. */
export const MAX_SOCKET_PATH_BYTES = 107;
