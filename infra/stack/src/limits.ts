/** How long a part may take to answer for the first time. A loaded two-core machine needs most of it, an idle one a tenth. */
export const START_DEADLINE_MS = 60_000;

/** How long a part may take to stop when asked, before it is killed. PostgreSQL writes a checkpoint in that time. */
export const STOP_DEADLINE_MS = 15_000;

/** Between two questions whether something has happened. Short, because a start is mostly waiting. */
export const POLL_MS = 20;

/** What takes long is asked for this often: a question costs a service as much as work, and so a long wait becomes longer. */
export const POLLS = 20;

/** Between two questions at most. */
export const LONGEST_POLL_MS = 100;

/** How long the guardian lets what a dead process left behind stop by itself, before it kills it. */
export const GUARDIAN_STOP_MS = 5_000;

/** How long the guardian waits until the kernel has taken killed processes away. */
export const GUARDIAN_KILL_MS = 1_000;

/** Attempts of the guardian at removing a folder into which a process that ends may still write. */
export const FOLDER_ATTEMPTS = 100;

/** Between two of them. */
export const FOLDER_PAUSE_MS = 100;

/** How often a guardian that stays looks whether what was left running has ended: nobody waits for it. */
export const RELEASED_POLL_MS = 500;

/** How long one PING to a Redis that may still start is waited for; it answers in less than a millisecond. */
export const PING_DEADLINE_MS = 1_000;

/** Attempts at a start whose port another program took between choosing and listening. */
export const PORT_ATTEMPTS = 5;

/** Ports for servers begin here: above the ports that programs are known by. */
export const LOWEST_PORT = 20_000;

/** Fewer ports than these between the first one and those of outgoing connections are too few to draw from. */
export const FEWEST_PORTS = 1_000;

/** Draws until a free port is found; on a machine with a hundred servers one draw in a hundred is taken. */
export const PORT_SEARCHES = 100;

/** Readers in one pcscd: its table has 16 places and each virtual reader takes two, one a slot. */
export const MAX_READERS = 8;

/** Bytes of a log shown with a failed start. */
export const LOG_TAIL_BYTES = 4_000;

/** Bytes that the faulty node writes at once of a large answer. */
export const LARGE_ANSWER_CHUNK_BYTES = 1_048_576;
