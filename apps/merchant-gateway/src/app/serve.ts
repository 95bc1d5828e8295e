import { endGracefully, listenUrl, type ProgramLines } from "@tallystick/program";
import type { GatewayConfig } from "../config/gateway-config.ts";
import { readTerminalKey } from "../keys/terminal-key.ts";
import { openReaders } from "../reader/open-reader.ts";
import { createApp } from "./create-app.ts";
import { createGateway } from "./gateway.ts";

/** Serves one terminal until it is asked to end, and reports when it is ready. */
export async function serve(
  config: GatewayConfig,
  { lines, acceptRestoredJournal }: { readonly lines: ProgramLines; readonly acceptRestoredJournal: boolean },
): Promise<void> {
  const signer = readTerminalKey(config.terminalKeyFile);
  const readers = await openReaders(config);
  const app = await createApp(createGateway({ config, signer, readers, acceptRestoredJournal }));
  await app.listen(config.listen.port, config.listen.host);
  endGracefully({
    end: async () => {
      await app.close();
      await readers.close();
    },
    report: (message) => process.stderr.write(`${message}\n`),
  });
  const { port } = app.getHttpServer().address() as { readonly port: number };
  lines.ready({ url: listenUrl({ host: config.listen.host, port }), pid: process.pid });
}
