import { describe, expect, it } from "@jest/globals";
import {
  createScriptedReader,
  SCRIPTED_READER,
  scriptedStatus,
  type ScriptedReader,
} from "../testing/scripted-reader.ts";
import { createReaderProvider } from "./create-reader-provider.ts";
import { ReaderError, type ReaderErrorCode } from "./reader-error.ts";
import type { ConnectOptions } from "./reader.ts";

const COMMAND = Uint8Array.of(0x80, 0x10, 0, 0);
const SENT = "transmit 80100000";
const failing = (call: string, code: ReaderErrorCode, times = Number.POSITIVE_INFINITY) => {
  let left = times;
  return (name: string) => {
    if (name.startsWith(call) && left-- > 0) throw new ReaderError(code, { reader: SCRIPTED_READER });
  };
};

async function connect(options: ConnectOptions & { readonly transactions?: boolean } = {}) {
  const scripted = createScriptedReader({ transactions: options.transactions === true });
  const provider = createReaderProvider(scripted.binding);
  const connection = await provider.reader(SCRIPTED_READER).connect(options);
  scripted.calls.length = 0;
  return { scripted, provider, connection };
}

/** A call of the binding that does not come back until it is let. */
function stuck(scripted: ScriptedReader, call: string) {
  let release: () => void = () => undefined;
  let reached: () => void = () => undefined;
  const isReached = new Promise<void>((resolve) => (reached = resolve));
  scripted.before = async (name) => {
    if (!name.startsWith(call)) return;
    reached();
    await new Promise<void>((resolve) => (release = resolve));
  };
  return { isReached, release: () => release() };
}

describe("transmit", () => {
  it("hands the command down and the answer up", async () => {
    const { scripted, connection } = await connect();
    scripted.answer = (command) => Uint8Array.of(...command, 0x61, 0x02);
    expect(await connection.transmit(COMMAND)).toEqual(Uint8Array.of(0x80, 0x10, 0, 0, 0x61, 0x02));
    expect(scripted.calls).toEqual([SENT]);
    expect([connection.reader, connection.atr]).toEqual([SCRIPTED_READER, Uint8Array.of(0x3b, 0x80, 1)]);
  });

  it.each([0, 1])("reports an answer of %i bytes as torn", async (length) => {
    const { scripted, connection } = await connect();
    scripted.answer = () => new Uint8Array(length);
    await expect(connection.transmit(COMMAND)).rejects.toMatchObject({
      code: "TORN",
      reader: SCRIPTED_READER,
      detail: `${length} bytes`,
    });
  });

  it("takes two bytes for an answer", async () => {
    const { scripted, connection } = await connect();
    scripted.answer = () => new Uint8Array(2);
    expect(await connection.transmit(COMMAND)).toHaveLength(2);
  });

  it("sends a command only when the one before it has come back", async () => {
    const { scripted, connection } = await connect();
    const { isReached, release } = stuck(scripted, "transmit 8010");
    const first = connection.transmit(COMMAND);
    const second = connection.transmit(Uint8Array.of(0x80, 0x20, 0, 0));
    await isReached;
    expect(scripted.calls).toEqual([SENT]);
    release();
    await Promise.all([first, second]);
    expect(scripted.calls).toEqual([SENT, "transmit 80200000"]);
  });

  it("passes the binding's error on and goes on with the same handle", async () => {
    const { scripted, connection } = await connect();
    scripted.before = failing("transmit", "CARD_RESET", 1);
    await expect(connection.transmit(COMMAND)).rejects.toMatchObject({ code: "CARD_RESET" });
    expect(await connection.transmit(COMMAND)).toHaveLength(2);
  });
});

describe("a mute card", () => {
  it("is given up, refused while its call is pending, and let go when the call comes back", async () => {
    const { scripted, provider, connection } = await connect({ transmitTimeoutMs: 10 });
    const { release } = stuck(scripted, "transmit");
    await expect(connection.transmit(COMMAND)).rejects.toMatchObject({ code: "CARD_MUTE", reader: SCRIPTED_READER });
    const reader = provider.reader(SCRIPTED_READER);
    expect((await reader.status()).card).toBe("mute");
    await expect(connection.transmit(COMMAND)).rejects.toMatchObject({ code: "NOT_CONNECTED" });
    await expect(reader.connect()).rejects.toMatchObject({ code: "CARD_MUTE", detail: "an earlier call is pending" });
    await expect(connection.reset({ timeoutMs: 0 })).rejects.toMatchObject({ code: "CARD_MUTE" });
    expect(scripted.calls).toEqual([SENT]);
    release();
    await connection.reset({ timeoutMs: 5_000 });
    expect((await reader.status()).card).toBe("present");
    expect(scripted.calls).toEqual([SENT, "disconnect", "connect exclusive"]);
    expect(connection.atr).toEqual(Uint8Array.of(0x3b, 0x80, 2));
  });

  it("is also let go when its call fails late", async () => {
    const { scripted, provider, connection } = await connect({ transmitTimeoutMs: 10 });
    let fail: () => void = () => undefined;
    scripted.before = async (name) => {
      if (name === SENT) await new Promise<void>((_resolve, reject) => (fail = () => reject(new Error("late"))));
    };
    await expect(connection.transmit(COMMAND)).rejects.toMatchObject({ code: "CARD_MUTE" });
    fail();
    const reader = provider.reader(SCRIPTED_READER);
    expect((await reader.waitForCard({ timeoutMs: 5_000 })).card).toBe("present");
    expect(scripted.calls).toEqual([SENT, "disconnect"]);
  });

  it("that lets nobody connect is let go when the connect comes back", async () => {
    const scripted = createScriptedReader();
    const { release } = stuck(scripted, "connect");
    const reader = createReaderProvider(scripted.binding).reader(SCRIPTED_READER);
    await expect(reader.connect({ transmitTimeoutMs: 10 })).rejects.toMatchObject({ code: "CARD_MUTE" });
    release();
    await reader.waitForCard({ timeoutMs: 5_000 });
    expect(scripted.calls).toEqual(["connect exclusive", "disconnect"]);
  });
});

describe("reset", () => {
  it("resets the card in the mode it is held", async () => {
    const { scripted, connection } = await connect({ share: "shared" });
    await connection.reset();
    expect(scripted.calls).toEqual(["reset shared"]);
  });

  it("goes on until the caller finds the card ready", async () => {
    const { scripted, connection } = await connect();
    const answers = [false, false, true];
    await connection.reset({
      ready: async (transmit) => {
        await transmit(COMMAND);
        return answers.shift() ?? true;
      },
    });
    expect(scripted.calls).toEqual(["reset exclusive", SENT, "reset exclusive", SENT, "reset exclusive", SENT]);
  });

  it("says that the card is not ready when the time is out", async () => {
    const { connection } = await connect();
    await expect(connection.reset({ timeoutMs: 12, ready: async () => false })).rejects.toMatchObject({
      code: "CARD_MUTE",
      detail: "the card came back but is not ready",
    });
  });

  it.each(["CARD_ABSENT", "TORN", "CARD_REMOVED", "CARD_MUTE"] as const)(
    "tries again after %s, with the same handle, and reports it when the time is out",
    async (code) => {
      const { scripted, connection } = await connect();
      scripted.before = failing("reset", code, 2);
      await connection.reset();
      expect(scripted.calls).toEqual(["reset exclusive", "reset exclusive", "reset exclusive"]);
      scripted.before = failing("reset", code);
      await expect(connection.reset({ timeoutMs: 0 })).rejects.toMatchObject({ code });
    },
  );

  it.each(["NO_SERVICE", "READER_UNKNOWN", "NOT_CONNECTED", "READER_FAULT"] as const)(
    "opens another handle after %s",
    async (code) => {
      const { scripted, connection } = await connect();
      scripted.before = failing("reset", code, 1);
      await connection.reset();
      expect(scripted.calls).toEqual(["reset exclusive", "disconnect", "connect exclusive"]);
      expect(connection.atr).toEqual(Uint8Array.of(0x3b, 0x80, 2));
      expect(await connection.transmit(COMMAND)).toHaveLength(2);
    },
  );

  it("waits until the service has seen a card again", async () => {
    const { scripted, connection } = await connect();
    scripted.mayReset = false;
    await expect(connection.reset({ timeoutMs: 12 })).rejects.toMatchObject({ code: "CARD_ABSENT" });
    expect(scripted.calls).toEqual([]);
    scripted.mayReset = true;
    await connection.reset();
    expect(scripted.calls).toEqual(["reset exclusive"]);
  });

  it("does not fight for a reader that somebody else holds, and passes faults of its caller on", async () => {
    const { scripted, connection } = await connect();
    scripted.before = failing("reset", "READER_IN_USE", 1);
    await expect(connection.reset()).rejects.toMatchObject({ code: "READER_IN_USE" });
    const fault = new Error("a fault");
    await expect(connection.reset({ ready: () => Promise.reject(fault) })).rejects.toBe(fault);
    scripted.before = (name) => {
      if (name.startsWith("reset")) throw fault;
    };
    await expect(connection.reset()).rejects.toBe(fault);
    expect(scripted.calls).toEqual(["reset exclusive", "reset exclusive", "reset exclusive"]);
  });
});

describe("disconnect", () => {
  it("lets the card go once, and nothing works after it", async () => {
    const { scripted, connection } = await connect();
    await connection.disconnect();
    await connection.disconnect();
    expect(scripted.calls).toEqual(["disconnect"]);
    await expect(connection.transmit(COMMAND)).rejects.toMatchObject({
      code: "NOT_CONNECTED",
      reader: SCRIPTED_READER,
    });
    await expect(connection.reset({ timeoutMs: 0 })).rejects.toMatchObject({ code: "NOT_CONNECTED" });
    await expect(connection.exclusively(async () => undefined)).rejects.toMatchObject({ code: "NOT_CONNECTED" });
    expect(scripted.calls).toEqual(["disconnect"]);
  });

  it("happens to every open connection when the provider is closed, and to no other", async () => {
    const { scripted, provider, connection } = await connect();
    const second = await provider.reader(SCRIPTED_READER).connect();
    await connection.disconnect();
    await provider.close();
    expect(scripted.calls).toEqual(["connect exclusive", "disconnect", "disconnect", "close"]);
    await expect(second.transmit(COMMAND)).rejects.toMatchObject({ code: "NOT_CONNECTED" });
  });
});

describe("exclusive work", () => {
  it("needs nothing where the card is held exclusively", async () => {
    const { scripted, connection } = await connect({ share: "exclusive" });
    expect(await connection.exclusively(() => connection.transmit(COMMAND))).toHaveLength(2);
    expect(scripted.calls).toEqual([SENT]);
  });

  it("is a transaction where there are some, once for work within work, ended whatever happens", async () => {
    const { scripted, connection } = await connect({ share: "shared", transactions: true });
    const fault = new Error("a fault");
    await expect(
      connection.exclusively(() =>
        connection.exclusively(async () => {
          await connection.transmit(COMMAND);
          throw fault;
        }),
      ),
    ).rejects.toBe(fault);
    expect(scripted.calls).toEqual(["begin", SENT, "end"]);
  });

  it("does not run when the transaction does not begin, and can be tried again", async () => {
    const { scripted, connection } = await connect({ share: "shared", transactions: true });
    scripted.before = failing("begin", "READER_IN_USE", 1);
    const work: string[] = [];
    const run = () => connection.exclusively(async () => work.push("ran"));
    await expect(run()).rejects.toMatchObject({ code: "READER_IN_USE" });
    expect(work).toEqual([]);
    await run();
    expect(work).toEqual(["ran"]);
    expect(scripted.calls).toEqual(["begin", "begin", "end"]);
  });

  it("begins the transaction anew when the card had to be taken again in the middle", async () => {
    const { scripted, connection } = await connect({ share: "shared", transactions: true });
    scripted.before = failing("reset", "NO_SERVICE", 1);
    await connection.exclusively(() => connection.reset());
    expect(scripted.calls).toEqual(["begin", "reset shared", "disconnect", "connect shared", "begin", "end"]);
    scripted.calls.length = 0;
    scripted.before = failing("reset", "NO_SERVICE", 1);
    await connection.reset();
    expect(scripted.calls).toEqual(["reset shared", "disconnect", "connect shared"]);
  });

  it("gives its result though the card went away before the end", async () => {
    const { scripted, connection } = await connect({ share: "shared", transactions: true });
    scripted.before = failing("end", "CARD_REMOVED");
    expect(await connection.exclusively(async () => "done")).toBe("done");
  });

  it("takes a shared card exclusively where there are no transactions, and shares it again", async () => {
    const { scripted, connection } = await connect({ share: "shared" });
    await connection.exclusively(async () => {
      await connection.exclusively(() => connection.transmit(COMMAND));
      await connection.reset();
    });
    expect(scripted.calls).toEqual([
      "disconnect",
      "connect exclusive",
      SENT,
      "reset exclusive",
      "disconnect",
      "connect shared",
    ]);
    scripted.calls.length = 0;
    await connection.reset();
    expect(scripted.calls).toEqual(["reset shared"]);
  });

  it("is refused while somebody else holds the card, which stays shared and usable", async () => {
    const { scripted, connection } = await connect({ share: "shared" });
    scripted.before = failing("connect exclusive", "READER_IN_USE");
    await expect(connection.exclusively(async () => undefined)).rejects.toMatchObject({ code: "READER_IN_USE" });
    expect(await connection.transmit(COMMAND)).toHaveLength(2);
    expect(scripted.calls).toEqual(["disconnect", "connect exclusive", "connect shared", SENT]);
  });

  it("is refused on a closed connection", async () => {
    const { connection } = await connect({ share: "shared" });
    await connection.disconnect();
    await expect(connection.exclusively(async () => undefined)).rejects.toMatchObject({ code: "NOT_CONNECTED" });
  });
});

describe("the reader", () => {
  it("keeps a card's status as the binding reports it", async () => {
    const { scripted, provider } = await connect();
    scripted.status = [scriptedStatus({ inUse: true }), scriptedStatus({ name: "other", card: "absent", atr: null })];
    expect(await provider.list()).toEqual(scripted.status);
  });
});
