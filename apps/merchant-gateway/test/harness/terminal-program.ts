/**
 * A terminal as a process of its own, for tests that end it without mercy. It takes one payment
 * over a socket reader and prints the result as one JSON line. With a step number it ends itself by
 * SIGKILL there: steps are counted over every durable write (before and after it) and every command
 * to the card (before it is sent and after its answer has come).
 *
 * node --conditions=source terminal-program.ts CONFIG AMOUNT SALE [STEP]
 */
import { readFileSync } from "node:fs";
import { fromHex } from "@tallystick/protocol";
import type { Reader } from "@tallystick/apdu";
import { createVpcdProvider } from "@tallystick/apdu/vpcd";
import { parseConfig } from "../../src/config/load-config.ts";
import { createGateway } from "../../src/app/gateway.ts";
import { readTerminalKey } from "../../src/keys/terminal-key.ts";

const [file = "", amount = "", saleId = "", fatalStep = "0"] = process.argv.slice(2);
let steps = 0;

function step(): void {
  steps += 1;
  if (steps === Number(fatalStep)) process.kill(process.pid, "SIGKILL");
}

const json = JSON.parse(readFileSync(file, "utf8")) as {
  readonly config: unknown;
  readonly folder: string;
  readonly list: Record<string, string>;
};
const config = parseConfig(json.config, json.folder);
const [lane] = config.lanes;
const name = lane?.reader ?? "";
const provider = createVpcdProvider([{ name, ...(lane?.vpcd ?? { host: "", port: 0 }) }]);
const reader = provider.reader(name);
const watched: Reader = {
  ...reader,
  name: reader.name,
  status: () => reader.status(),
  waitForCard: (options) => reader.waitForCard(options),
  waitForRemoval: (options) => reader.waitForRemoval(options),
  connect: async (options) => {
    const connection = await reader.connect(options);
    return {
      reader: connection.reader,
      atr: connection.atr,
      reset: (again) => connection.reset(again),
      exclusively: (work) => connection.exclusively(work),
      disconnect: () => connection.disconnect(),
      transmit: async (command) => {
        step();
        const response = await connection.transmit(command);
        step();
        return response;
      },
    };
  },
};
const gateway = createGateway({
  config,
  signer: readTerminalKey(config.terminalKeyFile),
  readers: { of: () => watched, names: () => Promise.resolve([name]) },
});
const [served] = config.domains;
if (served === undefined) throw new Error("the terminal serves no domain");
const { head = "", signature = "", packedList = "" } = json.list;
gateway.lists.offer(
  served,
  { head: fromHex(head), signature: fromHex(signature), packedList: fromHex(packedList) },
  gateway.clock.now(),
);

const write = gateway.journal.write.bind(gateway.journal);
gateway.journal.write = <T>(work: () => T): T => {
  step();
  const result = write(work);
  step();
  return result;
};

const result = await gateway.engine.tap({
  saleId: saleId === "" ? null : saleId,
  amount: BigInt(amount),
  domains: gateway.policies.all(),
  waitMs: 5_000,
});
process.stdout.write(
  `${JSON.stringify({ steps, outcome: result.outcome, code: result.code, counter: result.counter, id: result.id, spentAfter: String(result.spentAfter), resolved: result.resolved.length })}\n`,
);
gateway.journal.close();
await provider.close();
