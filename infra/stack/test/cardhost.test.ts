import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "@jest/globals";
import { makeWorkFolder, projectRoot, startCardhost, startPcscd, until, type WorkFolder } from "../src/index.ts";

const run = promisify(execFile);
const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

function workFolder(): WorkFolder {
  const folder = makeWorkFolder("test");
  stops.push(async () => {
    await Promise.resolve();
    folder.remove();
  });
  return folder;
}

interface Exchange {
  readonly socket: string;
  readonly reader: string;
  readonly commands: readonly string[];
}

/** Sends commands to the card in the reader, in a fresh process; undefined where there is no card, or it went away. */
async function tryExchange({ socket, reader, commands }: Exchange): Promise<string[] | undefined> {
  const library = JSON.stringify(join(projectRoot(), "infra/stack/node_modules/smartcard"));
  const program = `
    const { Context, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1 } = require(${library});
    (async () => {
      const reader = new Context().listReaders().find((each) => each.name === ${JSON.stringify(reader)});
      const card = await reader.connect(SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1);
      const answers = [];
      for (const command of ${JSON.stringify(commands)}) {
        answers.push(Buffer.from(await card.transmit(Buffer.from(command, "hex"))).toString("hex"));
      }
      console.log(JSON.stringify(answers));
      process.exit(0);
    })().catch(() => process.exit(1));`;
  try {
    const { stdout } = await run(process.execPath, ["-e", program], {
      env: { ...process.env, PCSCLITE_CSOCK_NAME: socket },
    });
    return JSON.parse(stdout) as string[];
  } catch {
    return undefined;
  }
}

/**
 * What the card answers, in hexadecimal. pcscd looks for a card every 400 ms only, so a new card is seen late, and one that
 * is gone is seen for a while.
 */
async function exchange(options: Exchange): Promise<string[]> {
  return await until("the card answering in its reader", async () => await tryExchange(options));
}

/** SELECT of the issuer security domain, and INITIALIZE UPDATE with the first default key set. */
const SELECT_DOMAIN = "00a4040008a000000151000000";
const INITIALIZE_UPDATE = "8050000008000102030405060708";

describe("cardhost", () => {
  it("is a card in its reader, and the same card after kill -9", async () => {
    const pcscd = await startPcscd({ readers: 1 });
    stops.push(pcscd.stop);
    const [reader] = pcscd.readers;
    const state = join(workFolder().path, "card");
    const identity = async (): Promise<string> => {
      const host = await startCardhost({ port: reader?.port ?? 0, state });
      expect(host.ready).toMatchObject({ schema: "tallystick.cardhost/1", event: "ready", state });
      const [, answer = ""] = await exchange({
        socket: pcscd.socket,
        reader: reader?.name ?? "",
        commands: [SELECT_DOMAIN, INITIALIZE_UPDATE],
      });
      expect(await host.kill()).toEqual({ code: null, signal: "SIGKILL" });
      expect(answer).toMatch(/9000$/);
      // The ten bytes of key diversification data are the card's own.
      return answer.slice(0, 20);
    };
    const first = await identity();
    expect(await identity()).toBe(first);
  });

  it("is seen in its own reader only, beside other cards", async () => {
    const pcscd = await startPcscd({ readers: 3 });
    stops.push(pcscd.stop);
    const folder = workFolder().path;
    const identities = new Set<string>();
    for (const reader of pcscd.readers) {
      const host = await startCardhost({ port: reader.port, state: join(folder, reader.name) });
      stops.push(host.stop);
    }
    for (const reader of pcscd.readers) {
      const commands = [SELECT_DOMAIN, INITIALIZE_UPDATE];
      const [, answer = ""] = await exchange({ socket: pcscd.socket, reader: reader.name, commands });
      identities.add(answer.slice(0, 20));
    }
    expect(identities.size).toBe(3);
  });

  it("loses its power at the configured write, and reports it", async () => {
    const pcscd = await startPcscd({ readers: 1 });
    stops.push(pcscd.stop);
    const [reader] = pcscd.readers;
    const host = await startCardhost({
      port: reader?.port ?? 0,
      state: join(workFolder().path, "card"),
      tear: { event: 1, when: "after" },
    });
    stops.push(host.stop);
    let isTorn = false;
    const torn = host.nextEvent("torn").finally(() => {
      isTorn = true;
    });
    const commands = [SELECT_DOMAIN, INITIALIZE_UPDATE];
    await until("the card losing its power", async () => {
      await tryExchange({ socket: pcscd.socket, reader: reader?.name ?? "", commands });
      return isTorn;
    });
    expect(await torn).toMatchObject({ event: "torn" });
    expect(await host.stop()).toMatchObject({ code: 0 });
  });

  it("lets nobody else have a card that is in use", async () => {
    const state = join(workFolder().path, "card");
    const host = await startCardhost({ port: 0, state, listen: true });
    stops.push(host.stop);
    await expect(startCardhost({ port: 0, state, listen: true })).rejects.toMatchObject({ code: "STOPPED_EARLY" });
  });
});
