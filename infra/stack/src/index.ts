// The parts
export { startAnvil, callRpc, type Anvil, type AnvilOptions, type ChainAccount } from "./parts/anvil.ts";
export {
  startCardhost,
  type Cardhost,
  type CardhostOptions,
  type Chip,
  type Medium,
  type Tear,
} from "./parts/cardhost.ts";
export { startPcscd, type Pcscd, type VirtualReader } from "./parts/pcscd.ts";
export { startPostgres, type Postgres, type PostgresOptions } from "./parts/postgres.ts";
export { startRedis, type Redis, type RedisOptions } from "./parts/redis.ts";
export { deployOnAnvil, type VaultOnAnvil, type VaultOnAnvilOptions } from "./parts/vault-on-anvil.ts";
export { startTcpProxy, type TcpProxy } from "./faults/tcp-proxy.ts";

// Faulty parts
export { startRpcProxy, type RpcProxy } from "./faults/rpc-proxy.ts";
export type { RpcFault, RpcFaultScope, RpcQuestion } from "./faults/rpc-fault.ts";

// Processes and folders of one's own
export { javaCommand } from "./parts/cardhost-command.ts";
export { projectRoot } from "./project-root.ts";
export { releaseAll } from "./processes/guardian.ts";
export { onParentGone } from "./processes/parent-pipe.ts";
export { followLines, type LineFollower } from "./processes/line-follower.ts";
export {
  startOwnedProcess,
  type Ending,
  type OwnedProcess,
  type OwnedProcessOptions,
} from "./processes/owned-process.ts";
export { freePort, freePortPair, isListening } from "./ports.ts";
export { until } from "./wait.ts";
export { makeWorkFolder, type WorkFolder } from "./processes/work-folder.ts";

// Errors and limits
export { StackError, type StackErrorCode } from "./errors.ts";
export { MAX_READERS, START_DEADLINE_MS, STOP_DEADLINE_MS } from "./limits.ts";
