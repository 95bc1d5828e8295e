import { createDemoStack, type DemoStack } from "@tallystick/demo";
import { callRpc, type RpcProxy, startRpcProxy, startTcpProxy, type TcpProxy } from "@tallystick/stack";
import pg from "pg";
import { Redis } from "ioredis";

/** Selectors of ERC-20: `balanceOf(address)` and `transfer(address,uint256)`. */
const BALANCE_OF = "0x70a08231";
const TRANSFER = "0xa9059cbb";

const wordOf = (address: string): string => address.slice(2).toLowerCase().padStart(64, "0");

/** The stack of a day with something between every two parts that can lag, lie or be cut. */
export interface FaultyStack {
  readonly stack: DemoStack;
  readonly node: RpcProxy;
  readonly database: TcpProxy;
  readonly redis: TcpProxy;
  /** Between terminals and settlement. */
  readonly line: TcpProxy;
  /** PostgreSQL and Redis past their proxies, as their administrators. */
  readonly sql: pg.Client;
  readonly redisAdmin: Redis;
  /** Asks the chain past its proxy. */
  readonly chain: (method: string, params: readonly unknown[]) => Promise<unknown>;
  readonly treasury: string;
  /** Moves all tokens of one account to another one, as only the token itself could. */
  readonly moveTokens: (from: string, to: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Starts everything, with nothing wrong yet. */
export async function startFaultyStack(options: {
  readonly durable: boolean;
  readonly say: (text: string) => void;
}): Promise<FaultyStack> {
  const urls = { database: "", redis: "" };
  const proxies: { node?: RpcProxy; database?: TcpProxy; redis?: TcpProxy; line?: TcpProxy } = {};
  const stack = await createDemoStack({
    direct: false,
    batteryBacked: true,
    ...options,
    between: async ({ postgres, redis, anvil }) => {
      const [node, database, way] = await Promise.all([
        startRpcProxy(anvil.rpc),
        startTcpProxy(postgres),
        startTcpProxy(redis),
      ]);
      Object.assign(proxies, { node, database, redis: way });
      Object.assign(urls, { database: postgres.url, redis: redis.url });
      return {
        databaseUrl: database.through(postgres.url),
        redisUrl: way.through(redis.url),
        rpc: node.url,
        settlement: async (url) => {
          proxies.line = await startTcpProxy({ port: Number(new URL(url).port) });
          return proxies.line.through(url);
        },
      };
    },
  });
  const { node, database, redis, line } = proxies;
  if (node === undefined || database === undefined || redis === undefined || line === undefined)
    throw new Error("a stack with something between its parts has started all of it");
  const sql = new pg.Client({ connectionString: urls.database });
  await sql.connect();
  const redisAdmin = new Redis(urls.redis);
  const chain: FaultyStack["chain"] = async (method, params) => await callRpc(stack.anvil.rpc, method, params);
  const { token } = stack.deployment;
  return {
    ...{ stack, node, database, redis, line, sql, redisAdmin, chain },
    treasury: stack.anvil.accounts[0]?.address ?? "",
    moveTokens: async (from, to) => {
      const held = (await chain("eth_call", [{ to: token, data: BALANCE_OF + wordOf(from) }, "latest"])) as string;
      await chain("anvil_impersonateAccount", [from]);
      await chain("anvil_setBalance", [from, "0xde0b6b3a7640000"]);
      await chain("eth_sendTransaction", [{ from, to: token, data: TRANSFER + wordOf(to) + held.slice(2) }]);
    },
    stop: async () => {
      node.heal();
      for (const proxy of [database, redis, line]) proxy.pass();
      redisAdmin.disconnect();
      await sql.end();
      await stack.stop();
      await Promise.all([node.stop(), database.stop(), redis.stop(), line.stop()]);
    },
  };
}
