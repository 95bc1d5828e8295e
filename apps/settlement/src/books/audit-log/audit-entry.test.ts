import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { fromHex, toHex } from "@tallystick/protocol";
import type { Role } from "../../foundation/rights.ts";
import { type AuditedAction, readEntry, sealAction, wordsHash } from "./audit-entry.ts";

interface Fields {
  readonly action: AuditedAction;
  readonly role: Role;
  readonly subject: string;
  readonly details: readonly (readonly [string, string])[];
  readonly time: number;
  readonly salt: string;
  readonly words: string;
}

const { valid } = JSON.parse(
  readFileSync(new URL("../../../../../vectors/audit-entry.json", import.meta.url), "utf8"),
) as { readonly valid: readonly { readonly name: string; readonly fields: Fields; readonly hex: string }[] };

describe("an entry of the audit log", () => {
  it.each(valid.map((vector) => [vector.name, vector] as const))("is made of %s as the vector says", (_, vector) => {
    const { action, role, subject, details, time, salt, words } = vector.fields;
    const [, name, spoken] = JSON.parse(words) as [string, string | null, [string, string][]];
    const { station, operator, ...rest } = Object.fromEntries(spoken);
    const place = { ...(station === undefined ? {} : { station }), ...(operator === undefined ? {} : { operator }) };
    const record = { action, actor: { name, role, ...place }, subject, at: new Date(time) };
    const sealed = sealAction({ ...record, details: { ...rest, ...Object.fromEntries(details) } }, fromHex(salt, 32));
    expect(toHex(new TextEncoder().encode(sealed.entry))).toBe(vector.hex);
    expect(sealed.words).toBe(words);
    expect(readEntry(sealed.entry)).toEqual({ atMs: time, wordsHash: toHex(wordsHash(fromHex(salt, 32), words)) });
  });

  it("names nobody, and says whose words may be erased", () => {
    const details = { role: "risk", person: "moe", reason: "left", "asked-by": "ida" };
    const actor = { name: "ada", role: "admin", operator: "otto" } as const;
    const record = { action: "person-removed", actor, subject: "an id", details, at: new Date(0) } as const;
    const { entry, names } = sealAction(record, new Uint8Array(32));
    expect(entry).not.toMatch(/moe|left|ida|ada|otto/);
    expect(names).toEqual(["ada", "moe", "ida", "otto"]);
  });

  it.each(["", "null", "[]", '["tallystick.audit/2"]', '[ "tallystick.audit/2","payout","admin","x",[],1,"0x00"]'])(
    "is not %j",
    (text) => {
      expect(readEntry(text)).toBeNull();
    },
  );
});
