import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { ManualTimer } from "@tallystick/program/testing";
import type { KeystoreError } from "../keystore-error.ts";
import { HSM_CALL_MS } from "../limits.ts";
import { loadLibrary, type Pkcs11Library } from "./library.ts";
import { drawTokenMasterKey, drawTokenSigningKey } from "./draw-keys.ts";
import { openTokenMasterKey } from "./master-key.ts";
import { openTokenSigningKey } from "./signing-key.ts";
import { startSoftHsm, type SoftHsm } from "../testing/index.ts";
import { CKA, CKM } from "./constants.ts";
import { RETURN } from "./return-codes.ts";
import { Token, type TokenOptions } from "./token.ts";

let hsm: SoftHsm;
let library: Pkcs11Library;
let pin: string;
let tokens = 0;
let tokenLabel: string;

beforeAll(() => {
  hsm = startSoftHsm();
  library = loadLibrary(hsm.library);
});

afterAll(() => {
  hsm.end();
});

beforeEach(() => {
  tokenLabel = `token-${(tokens += 1)}`;
  ({ pin } = hsm.makeToken(tokenLabel));
});

afterEach(() => {
  hsm.endSessions();
});

function open(options: Partial<TokenOptions> = {}): Token {
  return new Token({ library, tokenLabel, readPin: () => pin, ...options });
}

const digest = new Uint8Array(32).fill(7);

/** The library with some calls replaced. */
function altered(changes: Partial<Pkcs11Library>): Pkcs11Library {
  return new Proxy(library, {
    get: (target, name) => {
      const changed = Reflect.get(changes, name) as unknown;
      if (changed !== undefined) return changed;
      const own = Reflect.get(target, name) as (...args: unknown[]) => unknown;
      return own.bind(target);
    },
  });
}

function answer(code: number): Error {
  return Object.assign(new Error(`CKR:${code}`), { code });
}

function codeOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    expect(JSON.stringify([(error as Error).message, (error as Error).stack])).not.toContain(pin);
    return (error as { code?: unknown }).code;
  }
  return "nothing thrown";
}

describe("a library", () => {
  it("is missed, and is refused where it is none", () => {
    expect(codeOf(() => loadLibrary("/nowhere/lib.so"))).toBe("HSM_LIBRARY_MISSING");
    expect(codeOf(() => loadLibrary("/etc/hostname"))).toBe("HSM_LIBRARY_MISSING");
  });
});

describe("a token", () => {
  it("is found by its label, and by its serial where two have one label", () => {
    drawTokenSigningKey(open(), { label: "k", extractable: false });
    expect(codeOf(() => openTokenSigningKey(open({ tokenLabel: "another" }), "k"))).toBe("HSM_NOT_FOUND");
    hsm.makeToken(tokenLabel);
    expect(codeOf(() => openTokenSigningKey(open(), "k"))).toBe("HSM_AMBIGUOUS");
    const serials = library
      .C_GetSlotList(true)
      .map((slot) => library.C_GetTokenInfo(slot))
      .filter(({ label }) => label.trimEnd() === tokenLabel)
      .map(({ serialNumber }) => serialNumber.trimEnd());
    const outcomes = serials.map((serial) => codeOf(() => openTokenSigningKey(open({ serial }), "k")));
    expect(outcomes.toSorted()).toEqual(["HSM_KEY_MISSING", "nothing thrown"]);
  });

  it("is asked once with a wrong PIN, and not again", () => {
    let asked = 0;
    const token = open({
      readPin: () => {
        asked += 1;
        return "a wrong one";
      },
    });
    expect(codeOf(() => openTokenSigningKey(token, "k"))).toBe("HSM_PIN_WRONG");
    expect(codeOf(() => openTokenSigningKey(token, "k"))).toBe("HSM_PIN_WRONG");
    expect(asked).toBe(1);
  });

  it.each([
    [RETURN.pinLocked, "HSM_PIN_LOCKED"],
    [RETURN.pinExpired, "HSM_PIN_WRONG"],
    [RETURN.userPinNotInitialized, "HSM_PIN_MISSING"],
    [RETURN.generalError, "HSM_FAULT"],
  ])("that answers a login with %i is %s", (code, expected) => {
    const refusing = altered({
      C_Login: () => {
        throw answer(code);
      },
    });
    expect(codeOf(() => openTokenSigningKey(open({ library: refusing }), "k"))).toBe(expected);
  });

  it.each([
    [0x40000, "HSM_PIN_LOCKED"],
    [0x20000, "HSM_PIN_WRONG"],
  ])("with the flag %i is not given its PIN", (flag, expected) => {
    let logins = 0;
    const worn = altered({
      C_GetTokenInfo: (slot) => {
        const info = library.C_GetTokenInfo(slot);
        return { ...info, flags: info.flags | flag };
      },
      C_Login: () => {
        logins += 1;
      },
    });
    expect(codeOf(() => openTokenSigningKey(open({ library: worn }), "k"))).toBe(expected);
    expect(logins).toBe(0);
  });

  it("that ended its sessions is opened again by itself", async () => {
    drawTokenSigningKey(open(), { label: "k", extractable: false });
    drawTokenMasterKey(open(), { label: "m", extractable: false, bytes: 16 });
    const token = open();
    const [key, master] = [openTokenSigningKey(token, "k"), openTokenMasterKey(token, "m")];
    const before = await master.cmac(digest);
    hsm.endSessions();
    await expect(key.sign(digest)).resolves.toHaveLength(64);
    hsm.endSessions();
    expect(await master.cmac(digest)).toEqual(before);
  });

  it("that is taken away is gone, and goes on when it is back", async () => {
    drawTokenSigningKey(open(), { label: "k", extractable: false });
    let away = false;
    const pulled = altered({
      C_GetSlotList: (present) => (away ? [] : library.C_GetSlotList(present)),
      C_SignInit: (...args) => {
        if (away) throw answer(RETURN.deviceRemoved);
        library.C_SignInit(...args);
      },
    });
    const key = openTokenSigningKey(open({ library: pulled }), "k");
    away = true;
    await expect(key.sign(digest)).rejects.toMatchObject({ code: "HSM_GONE" });
    await expect(key.sign(digest)).rejects.toMatchObject({ code: "HSM_GONE" });
    away = false;
    await expect(key.sign(digest)).resolves.toHaveLength(64);
  });

  it("that gives no answer is given up after its time, and opened anew for the next call", async () => {
    drawTokenSigningKey(open(), { label: "k", extractable: false });
    let silent = true;
    const hanging = altered({
      C_SignAsync: async (...args) =>
        silent ? await new Promise<never>(() => undefined) : library.C_SignAsync(...args),
    });
    const timer = new ManualTimer();
    const key = openTokenSigningKey(open({ library: hanging, timer }), "k");
    const outcome = key.sign(digest).then(
      () => "signed",
      (error: unknown) => (error as KeystoreError).code,
    );
    await timer.pass(0);
    expect(timer.waits).toEqual([HSM_CALL_MS]);
    await timer.pass(HSM_CALL_MS);
    expect(await outcome).toBe("HSM_GONE");
    silent = false;
    await expect(key.sign(digest)).resolves.toHaveLength(64);
    expect(timer.waits).toEqual([]);
  });

  it("at work is not disturbed by a call that would share its session", async () => {
    drawTokenSigningKey(open(), { label: "k", extractable: false });
    const token = open();
    const key = openTokenSigningKey(token, "k");
    const signing = key.sign(digest);
    expect(codeOf(() => openTokenSigningKey(token, "k"))).toBe("HSM_BUSY");
    await expect(signing).resolves.toHaveLength(64);
    expect(openTokenSigningKey(token, "k").publicKey).toEqual(key.publicKey);
  });

  it("whose call failed is used again for the next one", async () => {
    drawTokenSigningKey(open(), { label: "k", extractable: false });
    let failures = 1;
    // The call ends with an operation begun in the session, which a library then calls active.
    const failing = altered({
      C_SignAsync: async (...args) => {
        if (failures-- > 0) throw answer(RETURN.functionFailed);
        return await library.C_SignAsync(...args);
      },
    });
    const key = openTokenSigningKey(open({ library: failing }), "k");
    await expect(key.sign(digest)).rejects.toMatchObject({ code: "HSM_FAULT" });
    await expect(key.sign(digest)).resolves.toHaveLength(64);
  });
});

describe("a key", () => {
  it("is missed, is one of two, or of another kind", () => {
    const token = open();
    expect(codeOf(() => openTokenSigningKey(token, "k"))).toBe("HSM_KEY_MISSING");
    expect(codeOf(() => openTokenMasterKey(token, "k"))).toBe("HSM_KEY_MISSING");
    token.now("make", ({ session }) => {
      for (const oid of ["06082a8648ce3d030107", "06082a8648ce3d030107", "06052b8104000a"])
        library.C_GenerateKeyPair(
          session,
          { mechanism: CKM.ecKeyPairGeneration },
          [
            { type: CKA.token, value: true },
            { type: CKA.label, value: oid === "06052b8104000a" ? "quiet" : "twice" },
            { type: CKA.ecParameters, value: Buffer.from(oid, "hex") },
          ],
          [
            { type: CKA.token, value: true },
            { type: CKA.label, value: oid === "06052b8104000a" ? "quiet" : "twice" },
            { type: CKA.sign, value: oid !== "06052b8104000a" },
          ],
        );
    });
    expect(codeOf(() => openTokenSigningKey(token, "twice"))).toBe("HSM_KEY_AMBIGUOUS");
    // One that may not sign: CKR_KEY_FUNCTION_NOT_PERMITTED.
    expect(codeOf(() => openTokenSigningKey(token, "quiet"))).toBe("HSM_KEY_UNSUITABLE");
    expect(codeOf(() => openTokenMasterKey(token, "quiet"))).toBe("HSM_KEY_MISSING");
  });

  it("on another curve, or with another one's public key, is refused", () => {
    const token = open();
    const pair = (publicLabel: string, privateLabel: string, oid: string): void => {
      token.now("make", ({ session }) => {
        library.C_GenerateKeyPair(
          session,
          { mechanism: CKM.ecKeyPairGeneration },
          [
            { type: CKA.token, value: true },
            { type: CKA.label, value: publicLabel },
            { type: CKA.ecParameters, value: Buffer.from(oid, "hex") },
          ],
          [
            { type: CKA.token, value: true },
            { type: CKA.label, value: privateLabel },
            { type: CKA.sign, value: true },
          ],
        );
      });
    };
    pair("p256", "p256", "06082a8648ce3d030107");
    expect(codeOf(() => openTokenSigningKey(token, "p256"))).toBe("HSM_KEY_UNSUITABLE");
    pair("mixed", "other", "06052b8104000a");
    pair("another", "mixed", "06052b8104000a");
    expect(codeOf(() => openTokenSigningKey(token, "mixed"))).toBe("HSM_KEY_UNSUITABLE");
  });

  it("that can leave its token derives nothing", () => {
    const token = open();
    drawTokenMasterKey(token, { label: "loose", extractable: true, bytes: 16 });
    expect(codeOf(() => openTokenMasterKey(token, "loose"))).toBe("HSM_KEY_UNSUITABLE");
  });

  it("of another length than its key file says, or of none that anybody says, derives nothing", () => {
    drawTokenMasterKey(open(), { label: "m", extractable: false, bytes: 16 });
    expect(openTokenMasterKey(open(), "m", 16).bytes).toBe(16);
    expect(codeOf(() => openTokenMasterKey(open(), "m", 32))).toBe("HSM_KEY_UNSUITABLE");
    // As SoftHSM answers for a restored key.
    const silent = altered({
      C_GetAttributeValue: (session, handle, template) =>
        template[0]?.type === CKA.valueLength
          ? [{ type: CKA.valueLength, value: Buffer.alloc(8) }]
          : library.C_GetAttributeValue(session, handle, template),
    });
    expect(codeOf(() => openTokenMasterKey(open({ library: silent }), "m"))).toBe("HSM_KEY_UNSUITABLE");
    expect(openTokenMasterKey(open({ library: silent }), "m", 16).bytes).toBe(16);
  });
});
