import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { toHex } from "@tallystick/protocol";
import { tokenOf } from "../files/reference-file.ts";
import { startSoftHsm, type SoftHsm } from "../testing/index.ts";
import { createFolderPlace } from "./folder-place.ts";
import type { KeyPlace } from "./key-place.ts";
import { divideBackupKey, joinBackupKey } from "./shares.ts";
import { createTokenPlace } from "./token-place.ts";

let hsm: SoftHsm;
let places = 0;

beforeAll(() => {
  hsm = startSoftHsm();
});

afterAll(() => {
  hsm.end();
});

const random = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));
const kinds: Readonly<Record<string, () => KeyPlace>> = {
  "a token": () => {
    const { tokenLabel } = hsm.makeToken(`place-${(places += 1)}`);
    const reference = { library: hsm.library, tokenLabel, pinFile: `${tokenLabel}.pin` };
    return createTokenPlace(tokenOf(reference, join(hsm.folder, "none")), reference);
  },
  "a folder": () => {
    const folder = join(hsm.folder, `folder-${(places += 1)}`);
    mkdirSync(folder, { mode: 0o700 });
    return createFolderPlace(folder, random);
  },
};
const placeOf = (kind: string): KeyPlace => kinds[kind]?.() as KeyPlace;
const signing = { kind: "signing", label: "issuer-1" } as const;
const master = { kind: "card-master", label: "cards-1", bytes: 24 } as const;

describe.each([
  ["a token", "a token"],
  ["a token", "a folder"],
  ["a folder", "a token"],
  ["a folder", "a folder"],
])("a backup of %s", (from, to) => {
  it(`is restored to the same keys in ${to}, with its own key alone`, async () => {
    const [first, second] = [placeOf(from), placeOf(to)];
    const backupKey = random(32);
    first.draw(signing);
    first.draw(master);
    const [wrappedSigning, wrappedMaster] = [first.wrap(signing, backupKey), first.wrap(master, backupKey)];
    for (const key of [signing, master]) first.lock(key);
    const { publicKey } = first.openSigningKey("issuer-1");

    const backup = { ...signing, wrapped: wrappedSigning, publicKey };
    for (const wrong of [
      () => second.restore(backup, random(32)),
      () => second.restore({ ...master, wrapped: wrappedMaster }, random(32)),
      () =>
        second.restore(
          { ...master, wrapped: wrappedMaster.map((byte, at) => (at === 9 ? byte ^ 1 : byte)) },
          backupKey,
        ),
    ])
      expect(wrong).toThrow(expect.objectContaining({ code: "BACKUP_UNREADABLE" }));
    second.restore(backup, backupKey);
    second.restore({ ...master, wrapped: wrappedMaster }, backupKey);
    expect(toHex(second.openSigningKey("issuer-1").publicKey)).toBe(toHex(publicKey));
    const [before, after] = [first.openMasterKey("cards-1"), second.openMasterKey("cards-1", 24)];
    expect([after.bytes, toHex(after.checkValue)]).toEqual([24, toHex(before.checkValue)]);
    const message = random(16);
    expect(toHex(await after.cmac(message))).toBe(toHex(await before.cmac(message)));
    for (const again of [() => second.restore(backup, backupKey), () => first.draw(signing), () => first.draw(master)])
      expect(again).toThrow(expect.objectContaining({ code: "HSM_KEY_EXISTS" }));
  });
});

describe("a key in a token", () => {
  it("is backed up once: afterwards nothing takes it out", () => {
    const place = placeOf("a token");
    for (const key of [signing, master]) {
      place.draw(key);
      expect(place.wrap(key, random(32)).length).toBeGreaterThan(24);
      place.lock(key);
      expect(() => place.wrap(key, random(32))).toThrow(expect.objectContaining({ code: "HSM_FAULT" }));
    }
  });

  it("that does not fit the public key of its backup is refused when it is opened", () => {
    const [first, second] = [placeOf("a folder"), placeOf("a token")];
    const backupKey = random(32);
    first.draw(signing);
    first.draw({ ...signing, label: "other" });
    const { publicKey } = first.openSigningKey("other");
    second.restore({ ...signing, wrapped: first.wrap(signing, backupKey), publicKey }, backupKey);
    expect(() => second.openSigningKey("issuer-1")).toThrow(expect.objectContaining({ code: "HSM_KEY_UNSUITABLE" }));
  });
});

describe("shares of a backup's key", () => {
  it("restore it where they are enough, whichever they are, and no other", async () => {
    const key = random(32);
    const shares = await divideBackupKey(key, { shares: 4, threshold: 3 });
    const [a, b, c, d] = shares as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    for (const enough of [[a, b, c], [d, b, a], shares]) expect(await joinBackupKey(enough)).toEqual(key);
    expect(await joinBackupKey([a, b])).not.toEqual(key);
    const [other] = await divideBackupKey(random(32), { shares: 2, threshold: 2 });
    expect(await joinBackupKey([a, b, other as Uint8Array])).not.toEqual(key);
    for (const none of [[a], [a, a, b], [a, b, c.slice(1)], []])
      await expect(joinBackupKey(none)).rejects.toMatchObject({ code: "BACKUP_UNREADABLE" });
  });

  it.each([
    { shares: 1, threshold: 1 },
    { shares: 3, threshold: 1 },
    { shares: 2, threshold: 3 },
    { shares: 17, threshold: 2 },
  ])("are not $threshold of $shares", async (division) => {
    await expect(divideBackupKey(random(32), division)).rejects.toThrow(RangeError);
  });
});
