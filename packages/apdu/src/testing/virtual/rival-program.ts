import { isReaderError } from "../../reader/reader-error.ts";
import type { ReaderProvider, ShareMode } from "../../reader/reader.ts";
import type { RivalBinding, RivalOrder, RivalReport } from "./rival.ts";

// Another process that wants the same card. Messages give its orders, and it reports how each try
// went.

const [binding, name, socket] = process.argv.slice(2) as [RivalBinding, string, string];

/** Only what is asked for is loaded. */
const PROVIDERS: { readonly [binding in RivalBinding]: () => Promise<ReaderProvider> } = {
  smartcard: async () => (await import("../../pcsc/index.ts")).createPcscProvider(),
  pcsclite: async () => (await import("../../pcsclite/index.ts")).createPcscliteProvider(),
  pcscd: async () => (await import("../../pcsc/pcscd.ts")).createPcscdProvider({ socket }),
};

const provider = await PROVIDERS[binding]();
const reader = provider.reader(name);
const report = (message: RivalReport) => process.send?.(message);
let letGo: (() => void) | null = null;

/** Waits until the order "stop" comes. */
const untilStopped = () => new Promise<void>((resolve) => (letGo = resolve));

async function outcomeOf(work: () => Promise<void>): Promise<string> {
  try {
    await work();
    return "ok";
  } catch (error) {
    return isReaderError(error) ? error.code : String(error);
  }
}

/** Takes the card, sends one command and lets the card go, again and again. */
async function pester(command: Uint8Array): Promise<void> {
  let stopped = false;
  void untilStopped().then(() => (stopped = true));
  for (let tries = 1; !stopped; tries++) {
    report({ trying: tries });
    const outcome = await outcomeOf(async () => {
      const connection = await reader.connect({ share: "shared" });
      try {
        await connection.transmit(command);
      } finally {
        await connection.disconnect();
      }
    });
    report({ tried: tries, outcome });
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  report({ stopped: true });
}

/** Takes the card and keeps it, as exclusively as it is asked to. */
async function hold(share: ShareMode, exclusively: boolean): Promise<void> {
  const connection = await reader.connect({ share });
  const keep = async () => {
    report({ trying: 1 });
    await untilStopped();
  };
  const outcome = await outcomeOf(() => (exclusively ? connection.exclusively(keep) : keep()));
  await connection.disconnect();
  report({ tried: 1, outcome });
  report({ stopped: true });
}

process.on("message", (order: RivalOrder) => {
  if (order.do === "stop") letGo?.();
  else if (order.do === "pester") void pester(Uint8Array.from(order.command));
  else void hold(order.share, order.exclusively);
});
process.on("disconnect", () => process.exit(0));
await reader.waitForCard({ timeoutMs: 10_000 });
report({ ready: true });
