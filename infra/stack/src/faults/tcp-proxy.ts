import { createConnection, createServer, type Server, type Socket } from "node:net";

/** A way to a part that can be stalled and cut, as a network can. */
export interface TcpProxy {
  readonly port: number;
  /** The same URL, by way of the proxy. */
  readonly through: (url: string) => string;
  /** Keeps connections and takes new ones, but carries nothing, until `pass`. */
  readonly stall: () => void;
  /** Ends every connection, and refuses new ones, until `pass`. */
  readonly cut: () => void;
  /** Carries everything again, also what was held back. */
  readonly pass: () => void;
  readonly stop: () => Promise<void>;
}

type Pair = readonly [Socket, Socket];

function hold([one, two]: Pair, isHeld: boolean): void {
  for (const socket of [one, two]) {
    if (isHeld) socket.pause();
    else socket.resume();
  }
}

/** Listens on a private port of the loopback and carries bytes to another one. */
export async function startTcpProxy(target: { readonly port: number; readonly host?: string }): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let state: "passing" | "stalled" | "cut" = "passing";
  const drop = (pair: Pair): void => {
    pairs.delete(pair);
    for (const socket of pair) socket.destroy();
  };
  const server: Server = createServer((client) => {
    if (state === "cut") {
      client.resetAndDestroy();
      return;
    }
    const upstream = createConnection({ host: target.host ?? "127.0.0.1", port: target.port });
    const pair: Pair = [client, upstream];
    pairs.add(pair);
    for (const [from, to] of [pair, [upstream, client]] as const) {
      from.on("data", (bytes) => to.write(bytes));
      from.on("error", () => drop(pair));
      from.on("close", () => drop(pair));
    }
    hold(pair, state === "stalled");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("A listening server has a port.");
  const { port } = address;
  const holdAll = (isHeld: boolean): void => {
    for (const pair of pairs) hold(pair, isHeld);
  };
  const dropAll = (): void => {
    for (const pair of [...pairs]) drop(pair);
  };
  return {
    port,
    through: (url) => url.replace(`:${target.port}`, `:${port}`),
    stall: () => {
      state = "stalled";
      holdAll(true);
    },
    cut: () => {
      state = "cut";
      dropAll();
    },
    pass: () => {
      state = "passing";
      holdAll(false);
    },
    stop: async () => {
      dropAll();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
