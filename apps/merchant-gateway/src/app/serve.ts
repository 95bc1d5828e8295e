import type { Server as TlsServer } from "node:https";
import { Logger } from "@nestjs/common";
import { endGracefully, listenUrl, type ProgramLines, Repeater } from "@tallystick/program";
import type { GatewayConfig } from "../config/gateway-config.ts";
import { BoxCommands } from "../doors/box/box-commands.ts";
import { type BoxTls, isToRenew, openBoxTls } from "../doors/tls/box-tls.ts";
import { RENEWAL_POLL_SECONDS } from "../doors/tls/limits.ts";
import { readTerminalKey } from "../keys/terminal-key.ts";
import { openReaders } from "../reader/open-reader.ts";
import { hearBox } from "./box/box-socket.ts";
import { serveHelpPage } from "./box/help-page.ts";
import { createApp } from "./create-app.ts";
import { createGateway, type Gateway } from "./gateway.ts";

type End = () => Promise<void>;

/** Serves one terminal until it is asked to end, and reports when it is ready. */
export async function serve(
  config: GatewayConfig,
  { lines, acceptRestoredJournal }: { readonly lines: ProgramLines; readonly acceptRestoredJournal: boolean },
): Promise<void> {
  const signer = readTerminalKey(config.terminalKeyFile);
  const readers = await openReaders(config);
  const gateway = createGateway({ config, signer, readers, acceptRestoredJournal });
  const tls = config.tls === null ? null : await openBoxTls(config.tls, nowSeconds());
  const app = await createApp(gateway, tls);
  await app.listen(config.listen.port, config.listen.host);
  const { port } = app.getHttpServer().address() as { readonly port: number };
  const ends: End[] = [await hear(gateway)];
  if (config.tls !== null && tls !== null)
    ends.push(...(await serveTls(config.tls, { tls, config, port, server: app.getHttpServer() as TlsServer })));
  endGracefully({
    end: async () => {
      for (const end of ends) await end();
      await app.close();
      await readers.close();
    },
    report: (message) => process.stderr.write(`${message}\n`),
  });
  const plain = listenUrl({ host: config.listen.host, port });
  lines.ready({ url: tls === null ? plain : plain.replace(/^http:/, "https:"), pid: process.pid });
}

/** Commands of this machine reach the gateway while it runs. */
async function hear({ config, journal, clock, doors }: Gateway): Promise<End> {
  const commands = new BoxCommands({ journal, clock, pairing: doors.pairing });
  // A disk without sockets, or a path that is too long for one, keeps no terminal from selling.
  const end = await hearBox(config.journalPath, commands).catch(() => null);
  if (end !== null) return end;
  new Logger("Box").warn("No socket can be made beside the journal: commands about people need a stopped gateway.");
  return () => Promise.resolve();
}

/** The page that explains the certificate, and its renewal. */
async function serveTls(
  config: NonNullable<GatewayConfig["tls"]>,
  at: { readonly tls: BoxTls; readonly config: GatewayConfig; readonly port: number; readonly server: TlsServer },
): Promise<readonly End[]> {
  let now = at.tls;
  const renewal = new Repeater({
    log: new Logger("Certificate"),
    pauseMs: RENEWAL_POLL_SECONDS * 1_000,
    pass: async () => {
      if (!isToRenew(now.cert, nowSeconds())) return;
      now = await openBoxTls(config, nowSeconds());
      at.server.setSecureContext({ key: now.key, cert: now.cert, minVersion: "TLSv1.2" });
    },
  });
  renewal.start(RENEWAL_POLL_SECONDS * 1_000);
  const ends: End[] = [
    async () => {
      await renewal.stop();
    },
  ];
  if (config.helpPort === null) return ends;
  const help = await serveHelpPage({
    ...{ door: at.config.listen, port: config.helpPort, tls: () => now, terminalPort: () => at.port },
  });
  return [
    ...ends,
    () =>
      new Promise<void>((resolve) => {
        help.close(() => {
          resolve();
        });
        help.closeAllConnections();
      }),
  ];
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}
