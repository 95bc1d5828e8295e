import type { RpcFault, RpcFaultScope } from "@tallystick/stack";
import type { FaultyStack } from "./faulty-stack.ts";

/** The part that a fault is about: two of one part are never played at once. */
export type FaultyPart = "node" | "database" | "redis" | "line" | "money" | "process";

/** One way in which a part lags, lies, refuses or dies. */
export interface FaultKind {
  readonly name: string;
  readonly part: FaultyPart;
  /**
   * Codes of readiness of which one must be shown while it lasts. None where it must be borne without
   * anything standing still.
   */
  readonly shows: readonly string[];
  /** It is seen only while every other part works, and is played alone. */
  readonly isAlone?: boolean;
  /** Begins it; the answer ends it. */
  readonly begin: (stack: FaultyStack) => Promise<() => Promise<void>> | (() => Promise<void>);
}

const nodeFault = (name: string, shows: readonly string[], fault: RpcFault, scope?: RpcFaultScope): FaultKind => ({
  ...{ name, part: "node", shows },
  begin: ({ node }) => {
    const off = node.fault(fault, scope);
    return async () => {
      off();
      node.heal();
    };
  },
});

/** Nobody's account. */
const ELSEWHERE = `0x${"e1".repeat(20)}`;

const UNREACHABLE = ["CHAIN_UNREACHABLE"];

/** Every kind of fault of a day. */
export const faultKinds: readonly FaultKind[] = [
  nodeFault("the node is silent", UNREACHABLE, { kind: "silent" }),
  nodeFault("the node hangs up", UNREACHABLE, { kind: "hangUp" }),
  nodeFault("the node answers a page", UNREACHABLE, { kind: "http", status: 200, body: "<html>" }),
  nodeFault("the node answers null", UNREACHABLE, { kind: "result", result: null }),
  nodeFault("the node limits calls", UNREACHABLE, { kind: "http", status: 429, headers: { "retry-after": "1" } }),
  nodeFault("the node fails", UNREACHABLE, { kind: "error", code: -32_603, message: "internal error" }),
  nodeFault("the node knows no priority fee", [], { kind: "missing" }, { methods: ["eth_maxPriorityFeePerGas"] }),
  nodeFault("the node limits ranges of logs", [], {
    ...{ kind: "logRange", blocks: 2, code: -32_005, message: "query exceeds max block range 2" },
  }),
  nodeFault(
    "the node reverts twice what is good",
    [],
    { kind: "error", code: 3, message: "execution reverted" },
    {
      ...{ methods: ["eth_estimateGas"], times: 2 },
    },
  ),
  nodeFault("the node lags a few blocks", [], { kind: "lag", blocks: 3 }),
  { ...nodeFault("the node finds no logs", ["EVENTS_CONTRADICT"], { kind: "noLogs" }), isAlone: true },
  {
    ...nodeFault("the node shows other blocks", ["FINALITY_BROKEN", "EVENTS_CONTRADICT"], { kind: "foreignHash" }),
    isAlone: true,
  },
  {
    name: "the treasury has no gas",
    part: "money",
    isAlone: true,
    shows: ["NO_GAS"],
    begin: async ({ chain, treasury }) => {
      const held = await chain("eth_getBalance", [treasury, "latest"]);
      await chain("anvil_setBalance", [treasury, "0x0"]);
      return async () => void (await chain("anvil_setBalance", [treasury, held]));
    },
  },
  {
    name: "the token takes from the vault",
    part: "money",
    isAlone: true,
    shows: ["INSOLVENT"],
    begin: async ({ moveTokens, stack }) => {
      await moveTokens(stack.deployment.vault, ELSEWHERE);
      return async () => await moveTokens(ELSEWHERE, stack.deployment.vault);
    },
  },
  {
    name: "the database only reads",
    part: "database",
    shows: ["DATABASE_READ_ONLY"],
    begin: async ({ sql }) => {
      await sql.query("set default_transaction_read_only = off");
      await sql.query("alter system set default_transaction_read_only = on");
      await sql.query("select pg_reload_conf()");
      return async () => {
        await sql.query("alter system reset default_transaction_read_only");
        await sql.query("select pg_reload_conf()");
      };
    },
  },
  {
    name: "the database is cut off",
    part: "database",
    shows: ["DATABASE_UNAVAILABLE"],
    begin: ({ database }) => {
      database.cut();
      return async () => database.pass();
    },
  },
  {
    name: "the database hangs",
    part: "database",
    shows: ["DATABASE_UNAVAILABLE"],
    begin: ({ database }) => {
      database.stall();
      return async () => database.pass();
    },
  },
  {
    name: "the database ends its sessions",
    part: "database",
    shows: [],
    begin: async ({ sql }) => {
      await sql.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
      );
      return async () => undefined;
    },
  },
  {
    name: "Redis is cut off",
    part: "redis",
    shows: ["REDIS_UNAVAILABLE"],
    begin: ({ redis }) => {
      redis.cut();
      return async () => redis.pass();
    },
  },
  {
    name: "Redis hangs",
    part: "redis",
    shows: ["REDIS_UNAVAILABLE"],
    begin: ({ redis }) => {
      redis.stall();
      return async () => redis.pass();
    },
  },
  {
    name: "Redis is a replica",
    part: "redis",
    shows: ["REDIS_NOT_WRITABLE"],
    begin: async ({ redisAdmin }) => {
      await redisAdmin.call("REPLICAOF", "127.0.0.1", "1");
      return async () => void (await redisAdmin.call("REPLICAOF", "NO", "ONE"));
    },
  },
  {
    name: "Redis is full",
    part: "redis",
    shows: ["REDIS_NOT_WRITABLE"],
    begin: async ({ redisAdmin }) => {
      await redisAdmin.config("SET", "maxmemory", "1");
      return async () => void (await redisAdmin.config("SET", "maxmemory", "0"));
    },
  },
  {
    name: "Redis forgets everything",
    part: "redis",
    shows: [],
    begin: async ({ redisAdmin }) => {
      await redisAdmin.flushall();
      return async () => undefined;
    },
  },
  {
    name: "the line to the terminals is cut",
    part: "line",
    shows: [],
    begin: ({ line }) => {
      line.cut();
      return async () => line.pass();
    },
  },
  {
    name: "the line to the terminals hangs",
    part: "line",
    shows: [],
    begin: ({ line }) => {
      line.stall();
      return async () => line.pass();
    },
  },
  {
    name: "settlement is killed",
    part: "process",
    shows: [],
    begin: async ({ stack }) => {
      await stack.settlement.process().kill();
      return async () => await stack.settlement.start();
    },
  },
];
