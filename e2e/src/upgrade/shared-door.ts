import { createServer, request as sendRequest } from "node:http";
import type { AddressInfo } from "node:net";

/** An address behind which several services stand, as behind a load balancer. */
export interface SharedDoor {
  readonly url: string;
  /** From now on each request goes to the next of these, and those that were sent to others are still answered. */
  readonly leadTo: (urls: readonly string[]) => void;
  /** How many requests each service answered, and how many were answered by none. */
  readonly counts: () => { readonly answered: Readonly<Record<string, number>>; readonly failed: number };
  readonly close: () => Promise<void>;
}

/** Opens the door on a private port of the loopback. */
export async function openSharedDoor(): Promise<SharedDoor> {
  let targets: readonly string[] = [];
  let turn = 0;
  let failed = 0;
  const answered: Record<string, number> = {};
  const server = createServer((incoming, outgoing) => {
    const target = targets[turn++ % Math.max(1, targets.length)];
    if (target === undefined) {
      outgoing.writeHead(503).end();
      return;
    }
    const { method = "GET", url = "/", headers } = incoming;
    const fail = (): void => {
      failed += 1;
      outgoing.destroy();
    };
    const onward = sendRequest(new URL(url, target), { method, headers, agent: false }, (answer) => {
      answered[target] = (answered[target] ?? 0) + 1;
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on("error", fail);
      answer.pipe(outgoing);
    });
    onward.on("error", fail);
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    leadTo: (urls) => {
      targets = urls;
    },
    counts: () => ({ answered: { ...answered }, failed }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
