import { describe, expect, it } from "@jest/globals";
import { bytesFromHex, bytesToHex, concatBytes } from "../iso7816/bytes.ts";
import {
  decodeReadersState,
  encodePcscdMessage,
  encodeReaderName,
  PCSCD_COMMAND,
  READERS_STATE_BYTES,
  wordAt,
} from "./pcscd-message.ts";

// Bytes as a service of pcsc-lite 1.9.9 takes and gives them on a little-endian machine, as all
// that Node.js supports today are.

describe("a message to the service", () => {
  it("is a header, 32-bit words, and what follows", () => {
    expect(bytesToHex(encodePcscdMessage(PCSCD_COMMAND.version, [4, 4, 0]))).toBe(
      "0C00000011000000040000000400000000000000",
    );
    expect(bytesToHex(encodePcscdMessage(PCSCD_COMMAND.getReadersState, []))).toBe("0000000012000000");
    expect(bytesToHex(encodePcscdMessage(0x09, [0x80100069], bytesFromHex("80CA9F7F00")))).toBe(
      "04000000090000006900108080CA9F7F00",
    );
  });

  it("is read from any offset in memory", () => {
    const bytes = bytesFromHex("FF 01000000 69001080").subarray(1);
    expect([wordAt(bytes, 0), wordAt(bytes, 1)]).toEqual([1, 0x80100069]);
    expect(() => wordAt(bytes, 2)).toThrow(RangeError);
  });
});

describe("a reader's name", () => {
  const textOf = (words: readonly number[]) =>
    Buffer.from(encodePcscdMessage(0, words)).subarray(8).toString().replace(/\0+$/, "");

  it("fills 128 bytes with zeros behind it", () => {
    const words = encodeReaderName("Lesegerät 00 00");
    expect(words).toHaveLength(32);
    expect(textOf(words)).toBe("Lesegerät 00 00");
    expect(words.at(-1)).toBe(0);
  });

  it("may have 127 bytes and no more, so that a zero closes it", () => {
    expect(textOf(encodeReaderName("x".repeat(127)))).toBe("x".repeat(127));
    for (const name of ["x".repeat(128), "x".repeat(500), `${"x".repeat(126)}ä`, "", "a\0b"]) {
      expect(() => encodeReaderName(name)).toThrow(expect.objectContaining({ code: "READER_UNKNOWN", reader: name }));
    }
  });
});

describe("the state of the readers", () => {
  /** Name, event counter, state, sharing, ATR in 36 bytes, its length, protocol. */
  const reader = (fields: { name: string; state?: number; sharing?: number; atr?: string; atrLength?: number }) => {
    const name = new Uint8Array(128);
    name.set(Buffer.from(fields.name));
    const atr = bytesFromHex(fields.atr ?? "");
    const room = new Uint8Array(36);
    room.set(atr);
    const words = (...values: number[]) => encodePcscdMessage(0, values).slice(8);
    return concatBytes(
      name,
      words(7, fields.state ?? 0x02, fields.sharing ?? 0),
      room,
      words(fields.atrLength ?? atr.length, 2),
    );
  };
  const states = (...readers: readonly Uint8Array[]) => {
    const bytes = new Uint8Array(READERS_STATE_BYTES);
    bytes.set(concatBytes(...readers));
    return decodeReadersState(bytes);
  };

  it("fills sixteen places of 184 bytes", () => {
    expect(READERS_STATE_BYTES).toBe(16 * 184);
    expect(reader({ name: "x" })).toHaveLength(184);
  });

  it("reports absent, present and mute cards, in their order, and leaves empty places out", () => {
    const found = states(
      reader({ name: "one" }),
      reader({ name: "" }),
      reader({ name: "two", state: 0x34, atr: "3B80800101" }),
      reader({ name: "three", state: 0x0c }),
    );
    expect(found).toEqual([
      { name: "one", card: "absent", atr: null, inUse: false },
      { name: "two", card: "present", atr: bytesFromHex("3B80800101"), inUse: false },
      { name: "three", card: "mute", atr: null, inUse: false },
    ]);
  });

  it("does not show the answer to reset of a card that has gone", () => {
    expect(states(reader({ name: "x", state: 0x02, atr: "3B80" }))[0]?.atr).toBeNull();
  });

  it.each([0xffffffff, 1, 2])("says that somebody holds the card when sharing is %i", (sharing) => {
    expect(states(reader({ name: "x", state: 0x34, sharing }))[0]?.inUse).toBe(true);
  });

  it("takes no more of an answer to reset than there is room for, and a name without end", () => {
    const [found] = states(reader({ name: "x".repeat(128), state: 0x34, atr: "3B".repeat(33), atrLength: 0xffffffff }));
    expect(found?.name).toHaveLength(128);
    expect(found?.atr).toEqual(new Uint8Array(33).fill(0x3b));
  });

  it("sends a name back in the bytes in which it came, also where they are no UTF-8", () => {
    const latin = bytesFromHex("4C65736572E4742030");
    const place = new Uint8Array(READERS_STATE_BYTES);
    place.set(reader({ name: "plain" }));
    place.set(latin, 184);
    const [, found] = decodeReadersState(place);
    const words = encodeReaderName(found?.name ?? "", place);
    const sent = encodePcscdMessage(0, words).slice(8);
    expect([sent.length, sent.slice(0, latin.length), sent.slice(latin.length).some((byte) => byte !== 0)]).toEqual([
      ...[128, latin, false],
    ]);
    expect(encodeReaderName("plain", place)).toEqual(encodeReaderName("plain"));
    expect(encodeReaderName("not listed", place)).toEqual(encodeReaderName("not listed"));
  });
});
