import { connect, createServer, type Socket } from "node:net";

/**
 * A real proxy through which bytes move only when a test says so: a slow line without a clock.
 */
export interface PacedProxy {
  readonly url: string;
  /**
   * Moves up to so many bytes in each direction, once there is something to move; answers how many.
   */
  step(bytes: number): Promise<number>;
  stop(): Promise<void>;
}

/** One direction of one connection. */
interface Lane {
  readonly to: Socket;
  waiting: Buffer;
  ended: boolean;
}

export async function startPacedProxy(target: string): Promise<PacedProxy> {
  const { hostname, port } = new URL(target);
  const lanes = new Set<Lane>();
  const sockets = new Set<Socket>();
  let arrived: (() => void) | null = null;
  const join = (from: Socket, to: Socket): void => {
    const lane: Lane = { to, waiting: Buffer.alloc(0), ended: false };
    lanes.add(lane);
    sockets.add(from);
    from.on("data", (chunk: Buffer) => {
      lane.waiting = Buffer.concat([lane.waiting, chunk]);
      arrived?.();
    });
    from.on("end", () => (lane.ended = true));
    from.on("error", () => to.destroy());
    from.on("close", () => {
      if (lane.waiting.length === 0) to.destroy();
    });
  };
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    join(client, upstream);
    join(upstream, client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const isIdle = (): boolean => [...lanes].every(({ waiting }) => waiting.length === 0);
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    step: async (bytes) => {
      if (isIdle())
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
      arrived = null;
      let moved = 0;
      for (const lane of lanes) {
        const part = lane.waiting.subarray(0, bytes);
        if (part.length === 0) continue;
        lane.waiting = lane.waiting.subarray(part.length);
        await new Promise((resolve) => lane.to.write(part, resolve));
        moved += part.length;
      }
      return moved;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
