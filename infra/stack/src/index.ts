// The parts
export { startAnvil, callRpc, type Anvil, type AnvilOptions, type ChainAccount } from "./anvil.ts";
export { startCardhost, type Cardhost, type CardhostOptions, type Tear } from "./cardhost.ts";
export { startPcscd, type Pcscd, type VirtualReader } from "./pcscd.ts";
export { startPostgres, type Postgres, type PostgresOptions } from "./postgres.ts";
export { startRedis, type Redis } from "./redis.ts";

// Processes and folders of one's own
export { javaCommand, projectRoot } from "./cardhost-command.ts";
export { releaseAll } from "./guardian.ts";
export { onParentGone } from "./parent-pipe.ts";
export { followLines, type LineFollower } from "./line-follower.ts";
export { startOwnedProcess, type Ending, type OwnedProcess, type OwnedProcessOptions } from "./owned-process.ts";
export { freePort, freePortPair, isListening } from "./ports.ts";
export { until } from "./wait.ts";
export { makeWorkFolder, type WorkFolder } from "./work-folder.ts";

// Errors and limits
export { StackError, type StackErrorCode } from "./errors.ts";
export { MAX_READERS, START_DEADLINE_MS, STOP_DEADLINE_MS } from "./limits.ts";
