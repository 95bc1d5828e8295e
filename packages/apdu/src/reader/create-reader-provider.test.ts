import { describe, expect, it } from "@jest/globals";
import { createScriptedReader, SCRIPTED_READER, scriptedStatus } from "../testing/scripted-reader.ts";
import { createReaderProvider } from "./create-reader-provider.ts";
import { ReaderError } from "./reader-error.ts";

function setUp() {
  const scripted = createScriptedReader();
  const provider = createReaderProvider(scripted.binding);
  return { scripted, provider, reader: provider.reader(SCRIPTED_READER) };
}
const absent = [scriptedStatus({ card: "absent", atr: null })];
const soon = (change: () => void) => setTimeout(change, 5);

describe("a reader", () => {
  it("has the name it was asked for and its own status among others", async () => {
    const { scripted, provider, reader } = setUp();
    scripted.status = [scriptedStatus({ name: "other", inUse: true }), scriptedStatus()];
    expect(reader.name).toBe(SCRIPTED_READER);
    expect(await reader.status()).toEqual(scriptedStatus());
    await expect(provider.reader("third").status()).rejects.toMatchObject({ code: "READER_UNKNOWN", reader: "third" });
  });

  it("is taken exclusively unless it is asked to be shared", async () => {
    const { scripted, reader } = setUp();
    await reader.connect();
    await reader.connect({ share: "shared" });
    expect(scripted.calls).toEqual(["connect exclusive", "connect shared"]);
  });
});

describe("waiting for a card", () => {
  it("ends when one is there", async () => {
    const { scripted, reader } = setUp();
    expect(await reader.waitForCard({ timeoutMs: 0 })).toEqual(scriptedStatus());
    scripted.status = absent;
    soon(() => (scripted.status = [scriptedStatus()]));
    expect((await reader.waitForCard({ timeoutMs: 5_000 })).card).toBe("present");
  });

  it.each([
    ["no card", absent, "CARD_ABSENT"],
    ["a mute card", [scriptedStatus({ card: "mute" })], "CARD_MUTE"],
    ["no such reader", [], "READER_UNKNOWN"],
    ["no service", new ReaderError("NO_SERVICE"), "NO_SERVICE"],
  ] as const)("says %s when the time is out", async (_name, status, code) => {
    const { scripted, reader } = setUp();
    scripted.status = status;
    await expect(reader.waitForCard({ timeoutMs: 0 })).rejects.toMatchObject({ code });
  });

  it("outlasts a service that is away for a while", async () => {
    const { scripted, reader } = setUp();
    scripted.status = new ReaderError("NO_SERVICE");
    soon(() => (scripted.status = [scriptedStatus()]));
    expect((await reader.waitForCard({ timeoutMs: 5_000 })).card).toBe("present");
  });

  it("passes on what is no error of a reader", async () => {
    const { scripted, reader } = setUp();
    const fault = new Error("a fault");
    scripted.status = fault;
    await expect(reader.waitForCard({ timeoutMs: 5_000 })).rejects.toBe(fault);
    await expect(reader.waitForRemoval({ timeoutMs: 5_000 })).rejects.toBe(fault);
  });

  it("ends with the signal's reason, also when it was given before", async () => {
    const { scripted, reader } = setUp();
    scripted.status = absent;
    const giveUp = new AbortController();
    const reason = new Error("the terminal was closed");
    const waiting = reader.waitForCard({ timeoutMs: 5_000, signal: giveUp.signal });
    giveUp.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    scripted.status = [scriptedStatus()];
    await expect(reader.waitForCard({ timeoutMs: 5_000, signal: giveUp.signal })).rejects.toBe(reason);
    await expect(reader.waitForRemoval({ timeoutMs: 5_000, signal: giveUp.signal })).rejects.toBe(reason);
  });
});

describe("waiting for a card's removal", () => {
  it("ends when it has gone, or its reader has", async () => {
    const { scripted, reader } = setUp();
    soon(() => (scripted.status = absent));
    await reader.waitForRemoval({ timeoutMs: 5_000 });
    scripted.status = [];
    await reader.waitForRemoval({ timeoutMs: 0 });
  });

  it("does not take a service that is away for a card that has gone", async () => {
    const { scripted, reader } = setUp();
    scripted.status = new ReaderError("NO_SERVICE");
    await expect(reader.waitForRemoval({ timeoutMs: 0 })).rejects.toMatchObject({
      code: "READER_IN_USE",
      detail: "the card is still there",
    });
  });

  it("says that the card is still there when the time is out, and ends with the signal's reason", async () => {
    const { reader } = setUp();
    await expect(reader.waitForRemoval({ timeoutMs: 0 })).rejects.toMatchObject({
      code: "READER_IN_USE",
      reader: SCRIPTED_READER,
    });
    const giveUp = new AbortController();
    const reason = new Error("the terminal was closed");
    const waiting = reader.waitForRemoval({ timeoutMs: 5_000, signal: giveUp.signal });
    giveUp.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});
