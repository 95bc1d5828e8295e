import { describe, expect, it } from "@jest/globals";
import { joinCertifiedBytes, splitCertifiedBytes, UPLOAD_LENGTH } from "../index.ts";

const parts = {
  object: new Uint8Array(UPLOAD_LENGTH).fill(1),
  signature: new Uint8Array(64).fill(2),
  certificate: new Uint8Array(163).fill(3),
  certificateSignature: new Uint8Array(64).fill(4),
  body: Uint8Array.of(5, 6),
};

describe("what a certified terminal sends as one octet stream", () => {
  it("is its parts back to back, and is cut at the same places", () => {
    const joined = joinCertifiedBytes(parts);
    expect(joined).toHaveLength(128 + 64 + 163 + 64 + 2);
    expect(splitCertifiedBytes(joined, UPLOAD_LENGTH)).toEqual(parts);
  });

  it("may end with the last signature: what an empty body is worth is for its reader", () => {
    const joined = joinCertifiedBytes({ ...parts, body: new Uint8Array(0) });
    expect(splitCertifiedBytes(joined, UPLOAD_LENGTH).body).toEqual(new Uint8Array(0));
  });

  it.each([0, 1, 127, 128, 191, 354, 418])("is refused where %i bytes are all", (length) => {
    expect(() => splitCertifiedBytes(joinCertifiedBytes(parts).subarray(0, length), UPLOAD_LENGTH)).toThrow(
      expect.objectContaining({ code: "WRONG_LENGTH" }),
    );
  });

  it("is bytes and nothing else", () => {
    expect(() => splitCertifiedBytes("0x01" as never, UPLOAD_LENGTH)).toThrow(
      expect.objectContaining({ code: "WRONG_TYPE" }),
    );
  });
});
