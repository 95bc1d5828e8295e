import { describe, expect, it } from "@jest/globals";
import { bytesFromHex, bytesToHex } from "../iso7816/bytes.ts";
import { createScriptedCard, type ScriptStep } from "../testing/scripted-card.ts";
import { withChaining } from "./with-chaining.ts";
import { withGetResponse } from "./with-get-response.ts";
import { withLengthRetry } from "./with-length-retry.ts";
import { withTrace, type TraceEntry } from "./with-trace.ts";

const send = async (
  decorate: (channel: ReturnType<typeof createScriptedCard>["channel"]) => (command: Uint8Array) => Promise<Uint8Array>,
  script: readonly ScriptStep[],
  command: string,
) => {
  const card = createScriptedCard(script);
  const response = bytesToHex(await decorate(card.channel)(bytesFromHex(command)));
  card.assertFinished();
  return response;
};

describe("GET RESPONSE", () => {
  it("joins what a card holds back, in as many pieces as it takes", async () => {
    const script: ScriptStep[] = [
      ["8012000000", "AA6102"],
      ["00C0000002", "BBCC6100"],
      ["00C0000000", "DD9000"],
    ];
    expect(await send(withGetResponse, script, "8012000000")).toBe("AABBCCDD9000");
  });
  it("keeps the logical channel and drops secure messaging", async () => {
    expect(
      await send(
        withGetResponse,
        [
          ["8712000000", "6101"],
          ["03C0000001", "AA9000"],
        ],
        "8712000000",
      ),
    ).toBe("AA9000");
  });
  it("passes another status word after 61 on", async () => {
    expect(
      await send(
        withGetResponse,
        [
          ["8012000000", "6101"],
          ["00C0000001", "6F00"],
        ],
        "8012000000",
      ),
    ).toBe("6F00");
  });
  it("gives up on a card that never stops announcing data", async () => {
    const endless = withGetResponse(async () => bytesFromHex("AA6101"));
    await expect(endless(bytesFromHex("8012000000"))).rejects.toMatchObject({ code: "TOO_LONG" });
  });
  it("leaves a torn answer torn", async () => {
    await expect(withGetResponse(async () => new Uint8Array(1))(bytesFromHex("80120000"))).rejects.toMatchObject({
      code: "TORN",
    });
  });
});

describe("the length retry", () => {
  it("sends once more with the length that the card names", async () => {
    expect(
      await send(
        withLengthRetry,
        [
          ["80CADF0100", "6C05"],
          ["80CADF0105", "01020304059000"],
        ],
        "80CADF0100",
      ),
    ).toBe("01020304059000");
  });
  it("means 256 by 6C00 and keeps data", async () => {
    expect(
      await send(
        withLengthRetry,
        [
          ["8012000001AA10", "6C00"],
          ["8012000001AA00", "9000"],
        ],
        "8012000001AA10",
      ),
    ).toBe("9000");
  });
  it("stops after one retry", async () => {
    expect(
      await send(
        withLengthRetry,
        [
          ["80CADF0100", "6C05"],
          ["80CADF0105", "6C06"],
        ],
        "80CADF0100",
      ),
    ).toBe("6C06");
  });
});

describe("chaining", () => {
  const long = (length: number) => "5A".repeat(length);
  const extended = `80E28800000200${long(512)}`;

  it("leaves short commands alone", async () => {
    expect(await send(withChaining, [["8010000001AA", "9000"]], "8010000001AA")).toBe("9000");
  });
  it("sends extended lengths where they work", async () => {
    expect(await send(withChaining, [[extended, "9000"]], extended)).toBe("9000");
  });
  it("falls back when the first extended command is answered 6700, and remembers it", async () => {
    const links: ScriptStep[] = [
      [`90E28800FF${long(255)}`, "9000"],
      [`90E28800FF${long(255)}`, "9000"],
      [`80E2880002${long(2)}`, "AA9000"],
    ];
    const card = createScriptedCard([[extended, "6700"], ...links, ...links]);
    const channel = withChaining(card.channel);
    expect(bytesToHex(await channel(bytesFromHex(extended)))).toBe("AA9000");
    expect(bytesToHex(await channel(bytesFromHex(extended)))).toBe("AA9000");
    card.assertFinished();
  });
  it("does not fall back once extended lengths have worked", async () => {
    const card = createScriptedCard([
      [extended, "9000"],
      [extended, "6700"],
    ]);
    const channel = withChaining(card.channel);
    await channel(bytesFromHex(extended));
    expect(bytesToHex(await channel(bytesFromHex(extended)))).toBe("6700");
  });
  it("chains at once in mode always, with Le on the last link only", async () => {
    const script: ScriptStep[] = [
      [`90E28800FF${long(255)}`, "9000"],
      [`80E2880001${long(1)}00`, "9000"],
    ];
    const card = createScriptedCard(script);
    const command = `80E28800000100${long(256)}0200`;
    expect(bytesToHex(await withChaining(card.channel, "always")(bytesFromHex(command)))).toBe("9000");
    card.assertFinished();
  });
  it("stops at a link that is refused", async () => {
    const card = createScriptedCard([[`90E28800FF${long(255)}`, "6884"]]);
    expect(bytesToHex(await withChaining(card.channel, "always")(bytesFromHex(extended)))).toBe("6884");
  });
  it("passes a failure on, because the command might have taken effect", async () => {
    const gone = new Error("gone");
    const card = createScriptedCard([[extended, gone]]);
    await expect(withChaining(card.channel)(bytesFromHex(extended))).rejects.toBe(gone);
    card.assertFinished();
  });
});

describe("tracing", () => {
  it("reports what went over the wire, also when nothing came back", async () => {
    const entries: TraceEntry[] = [];
    const gone = new Error("gone");
    const card = createScriptedCard([
      ["80120000", "9000"],
      ["80100000", gone],
    ]);
    const channel = withTrace(card.channel, (entry) => entries.push(entry));
    await channel(bytesFromHex("80120000"));
    await expect(channel(bytesFromHex("80100000"))).rejects.toBe(gone);
    expect(entries).toEqual([
      { command: bytesFromHex("80120000"), response: bytesFromHex("9000"), error: null },
      { command: bytesFromHex("80100000"), response: null, error: gone },
    ]);
  });
  it("keeps copies", async () => {
    const entries: TraceEntry[] = [];
    const command = bytesFromHex("80120000");
    const response = bytesFromHex("9000");
    await withTrace(
      async () => response,
      (entry) => entries.push(entry),
    )(command);
    command.fill(0);
    response.fill(0);
    expect(bytesToHex(entries[0]?.command ?? new Uint8Array())).toBe("80120000");
    expect(bytesToHex(entries[0]?.response ?? new Uint8Array())).toBe("9000");
  });
});
