import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createPcscProvider } from "../pcsc/index.ts";
import { createPcscdProvider } from "../pcsc/pcscd.ts";
import { createPcscliteProvider } from "../pcsclite/index.ts";
import {
  readerConformance,
  type ConformanceEnvironment,
  type ConformanceNeed,
} from "../testing/conformance/reader-conformance.ts";
import { freePort } from "../testing/virtual/free-port.ts";
import { startRival } from "../testing/virtual/rival.ts";
import { startVirtualCard } from "../testing/virtual/virtual-card.ts";
import { createVpcdProvider } from "../vpcd/index.ts";
import { startPcscd, type Pcscd } from "../testing/virtual/pcscd.ts";

/**
 * How often the leak test connects. Its descriptors show a leak after a few; `pnpm soak readers`
 * connects far more often than pcscd has room for contexts (200).
 */
const CONNECTS = Number(process.env["TALLYSTICK_CONNECTS"] ?? 50);
const CONNECT_TIMEOUT_MS = 300;
const CASE_TIMEOUT_MS = 60_000 + CONNECTS * CONNECT_TIMEOUT_MS;

const SOCKET = process.env["PCSCLITE_CSOCK_NAME"] ?? "";

describe.each([
  ["smartcard", createPcscProvider, "takeover"],
  ["pcsclite", () => createPcscliteProvider({ socket: SOCKET }), "takeover"],
  ["pcscd", () => createPcscdProvider({ socket: SOCKET }), "transactions"],
] as const)("the binding %s over a real pcscd", (binding, createProvider, atomicBy) => {
  let pcscd: Pcscd;
  beforeAll(async () => {
    pcscd = await startPcscd(SOCKET);
  }, CASE_TIMEOUT_MS);
  afterAll(() => pcscd.kill());

  const environment = (): ConformanceEnvironment => {
    const [first, second] = pcscd.readers;
    return {
      readers: [first.name, second.name],
      createProvider,
      insert: (index, behaviour) =>
        startVirtualCard({ mode: "insert", port: (index === 0 ? first : second).port, behaviour }),
      service: pcscd,
      startRival: () => startRival({ binding, reader: first.name, socket: SOCKET }),
      // The library pcsclite reports a reader again only when a card comes or goes.
      reportsUse: binding !== "pcsclite",
      connects: CONNECTS,
    };
  };

  const offered: readonly ConformanceNeed[] = [null, "service", "sharing", atomicBy];
  const cases = readerConformance().filter(({ needs }) => offered.includes(needs));

  it.each(cases)("$name", async ({ run }) => run(environment()), CASE_TIMEOUT_MS);
});

it(
  "a reader whose name is no UTF-8 is listed and opened by every binding alike",
  async () => {
    const pcscd = await startPcscd(SOCKET);
    await pcscd.kill();
    await pcscd.start("L\u00e4ser");
    const card = await startVirtualCard({ mode: "insert", port: pcscd.readers[0].port, behaviour: "echo" });
    const providers = [
      createPcscProvider(),
      createPcscliteProvider({ socket: SOCKET }),
      createPcscdProvider({ socket: SOCKET }),
    ];
    try {
      for (const provider of providers) {
        const names = (await provider.list()).map(({ name }) => name);
        expect(names.toSorted()).toEqual(["L\ufffdser 00 00", "L\ufffdser 00 01"]);
        const reader = provider.reader(names.toSorted()[0] ?? "");
        await reader.waitForCard({ timeoutMs: CASE_TIMEOUT_MS });
        const connection = await reader.connect();
        expect(await connection.transmit(Uint8Array.of(0, 1, 2, 3))).toEqual(Uint8Array.of(0, 1, 2, 3, 0x90, 0));
        await connection.disconnect();
      }
    } finally {
      for (const provider of providers) await provider.close();
      await card.remove();
      await pcscd.kill();
    }
  },
  CASE_TIMEOUT_MS,
);

describe("the binding that speaks vpcd to a card host", () => {
  const ports: [number, number] = [0, 0];
  const readers: readonly [string, string] = ["direct 0", "direct 1"];

  beforeAll(async () => {
    ports[0] = await freePort(1);
    ports[1] = ports[0] + 1;
  });

  const environment: ConformanceEnvironment = {
    readers,
    createProvider: () =>
      createVpcdProvider([0, 1].map((i) => ({ name: readers[i] ?? "", host: "127.0.0.1", port: ports[i] ?? 0 }))),
    insert: (index, behaviour) => startVirtualCard({ mode: "listen", port: ports[index], behaviour }),
    service: null,
    startRival: null,
    reportsUse: true,
    connects: CONNECTS,
  };

  // There is no service that could end, and one connection at a time: what remains must hold.
  it.each(readerConformance().filter(({ needs }) => needs === null))(
    "$name",
    async ({ run }) => run(environment),
    CASE_TIMEOUT_MS,
  );
});
