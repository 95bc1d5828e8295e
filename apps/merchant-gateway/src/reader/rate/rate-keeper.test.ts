import { beforeEach, describe, expect, it } from "@jest/globals";
import { ReaderError, type ReaderErrorCode } from "@tallystick/apdu";
import { TestReader } from "../../../test/harness/test-reader.ts";
import type { TestCard } from "../../../test/harness/test-card.ts";
import { KNOWN_READERS, knownReader, parseRates } from "./known-readers.ts";
import { RateKeeper, withRate } from "./rate-keeper.ts";

const EACH_WAY = "ACS ACR1255U-J1 PICC Reader 00 00";
const BOTH_WAYS = "ACS ACR1283 4S CL Reader 00 01";
const READ_ONLY = "ACS ACR1281 1S Dual Reader 00 01";
const READ = "e000002400";
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));

/** A reader as its manual describes it: it remembers what it was set to, and the next card speaks at that. */
class ManualReader {
  readonly sent: string[] = [];
  most = 0;
  current = 0;
  /** Answers or fails with this instead. */
  answer: string | ReaderErrorCode | null = null;

  readonly escape = (command: Uint8Array): Promise<Uint8Array> => {
    this.sent.push(hex(command));
    if (this.answer !== null && /^[A-Z_]+$/.test(this.answer))
      return Promise.reject(new ReaderError(this.answer as ReaderErrorCode));
    if (this.answer !== null) return Promise.resolve(bytes(this.answer));
    const rates = command.subarray(5);
    if (rates.length > 0) this.most = rates[0] ?? 0;
    const pair = [this.most, this.current];
    return Promise.resolve(Uint8Array.of(0xe1, 0, 0, 0, this.width, ...pair, ...(this.width === 4 ? pair : [])));
  };

  constructor(private readonly width: 2 | 4) {}
}

describe("a reader's rate", () => {
  let manual: ManualReader;
  let warnings: string[];

  beforeEach(() => {
    manual = new ManualReader(4);
    warnings = [];
  });

  function put(name: string, { raises = true, escapes = true } = {}) {
    const device = new TestReader(name);
    device.card = { transmit: () => Promise.resolve(bytes("9000")) } as unknown as TestCard;
    if (escapes) device.escape = manual.escape;
    const keeper = new RateKeeper({ name: () => name, raises, warn: (message) => void warnings.push(message) });
    const reader = withRate(device, keeper);
    const tap = async (): Promise<void> => {
      const asked = manual.sent.length;
      const connection = await reader.connect();
      expect(hex(await connection.transmit(bytes("80100000")))).toBe("9000");
      expect(manual.sent.slice(asked)).toEqual([]);
      await connection.disconnect();
      expect(device.held).toBe(0);
    };
    return { keeper, tap };
  }

  it.each(["Virtual PCD 00 00", "ACS ACR122U 00 00", "ACS ACR1252 1S CL Reader 00 00", "ACR1283", "Tallystick reader"])(
    "is never asked of %s",
    async (name) => {
      const { keeper, tap } = put(name);
      await tap();
      expect(manual.sent).toEqual([]);
      expect(keeper.rate).toEqual({ state: "untold", kbps: null, mostKbps: null, slowerByMs: null });
    },
  );

  it("is raised once, after the tap, by the command of the manual", async () => {
    const { keeper, tap } = put(EACH_WAY);
    expect(keeper.rate.state).toBe("unasked");
    await tap();
    expect(manual.sent).toEqual([READ, "e0000024020202"]);
    expect(keeper.rate).toEqual({ state: "told", kbps: 106, mostKbps: 424, slowerByMs: 29 });
    manual.current = 2;
    await tap();
    expect(manual.sent.slice(2)).toEqual([READ]);
    expect(keeper.rate).toEqual({ state: "told", kbps: 424, mostKbps: 424, slowerByMs: 0 });
    expect(warnings).toEqual([]);
  });

  it("is raised for both directions together where the manual knows one value", async () => {
    manual = new ManualReader(2);
    const { keeper, tap } = put(BOTH_WAYS);
    await tap();
    expect(manual.sent).toEqual([READ, "e00000240102"]);
    expect(keeper.rate.mostKbps).toBe(424);
  });

  it("is read and left where no manual says how it is set", async () => {
    manual = new ManualReader(2);
    const { keeper, tap } = put(READ_ONLY);
    await tap();
    expect(manual.sent).toEqual([READ]);
    expect(keeper.rate).toMatchObject({ state: "told", mostKbps: 106 });
  });

  it("is read and left where the configuration says so, and where it is fast already", async () => {
    const left = put(EACH_WAY, { raises: false });
    await left.tap();
    manual.most = 3;
    await put(EACH_WAY).tap();
    expect(manual.sent).toEqual([READ, READ]);
  });

  it.each(["READER_FAULT", "CARD_MUTE", "6300", "", "e100000004000000", "e10000000400000004", "e1000000020000"])(
    "stays as it is where the reader answers %s, named once",
    async (answer) => {
      manual.answer = answer;
      const { keeper, tap } = put(EACH_WAY);
      for (let taps = 0; taps < 3; taps += 1) await tap();
      expect(manual.sent).toEqual([READ]);
      expect(warnings).toHaveLength(1);
      expect(keeper.rate.state).toBe("refused");
      keeper.forget();
      manual.answer = null;
      await tap();
      expect(keeper.rate.state).toBe("told");
    },
  );

  it("keeps what was told where only raising is refused", async () => {
    const { keeper, tap } = put(EACH_WAY);
    const { escape } = manual;
    let calls = 0;
    const device = {
      escape: (command: Uint8Array) => (++calls === 2 ? Promise.resolve(bytes("6a81")) : escape(command)),
    };
    await keeper.look({ ...device } as never);
    expect(keeper.rate).toMatchObject({ state: "refused", kbps: 106, slowerByMs: 29 });
    await tap();
    expect(manual.sent).toEqual([READ]);
  });

  it.each(["CARD_REMOVED", "NO_SERVICE", "NOT_CONNECTED"])("is asked again after %s", async (code) => {
    manual.answer = code;
    const { keeper, tap } = put(EACH_WAY);
    await tap();
    expect(keeper.rate.state).toBe("unasked");
    manual.answer = null;
    await tap();
    expect([keeper.rate.state, warnings.length]).toEqual(["told", 0]);
  });

  it("is untold where no command reaches the reader itself", async () => {
    const { keeper, tap } = put(EACH_WAY, { escapes: false });
    await tap();
    expect(keeper.rate.state).toBe("untold");
  });
});

describe("the table of readers", () => {
  it("names a manual for each, and no reader twice", () => {
    const names = [EACH_WAY, READ_ONLY, "ACS ACR1283 4S CL Reader 00 00", "ACS ACR1283 CL Reader 00 00"];
    for (const name of names) expect(KNOWN_READERS.filter((known) => known.names.test(name))).toHaveLength(1);
    for (const { source } of KNOWN_READERS) expect(source).toMatch(/\d\.\d/);
  });

  it("reads the slower of two directions, no PPS as 106, and no rate beyond 848", () => {
    const known = knownReader(EACH_WAY);
    if (known === null) throw new Error("it is in the table");
    const rates = (text: string) => parseRates(known, bytes(`e100000004${text}`));
    expect(rates("02010302")).toEqual({ most: 424, current: 212 });
    expect(rates("03030303")).toEqual({ most: 848, current: 848 });
    expect(rates("ff00ff00")).toEqual({ most: 106, current: 106 });
    expect(rates("04000000")).toBeNull();
    expect(rates("0000000000")).toBeNull();
  });
});
