import { describe, expect, it } from "@jest/globals";
import { Problem } from "../../../foundation/http/problem.ts";
import type { FirstUnits } from "../../../issuing/joining/first-units.ts";
import type { Withdrawals } from "../../../issuing/merchants/withdrawals.ts";
import type { Payouts } from "../../../issuing/payouts/payouts.ts";
import type { Replacements } from "../../../issuing/replacements/replacements.ts";
import type { CardLimits } from "../../../issuing/policy/card-limits.ts";
import { PartyFormsController } from "./party-forms.controller.ts";

const payee = `0x${"12".repeat(20)}`;

/** Where a payout's form leads to, or the code of its refusal; `refusal` is what the service throws. */
async function ledTo(refusal: Error | null): Promise<unknown> {
  const plan = () => (refusal === null ? Promise.resolve({}) : Promise.reject(refusal));
  const forms = new PartyFormsController(
    ...([{} as CardLimits, {} as Withdrawals] as const),
    ...([{ plan } as unknown as Payouts, {} as FirstUnits, {} as Replacements] as const),
  );
  const paths: string[] = [];
  const reply = { redirect: (path: string) => paths.push(path) };
  const actor = { name: "fin", role: "finance", payee: null } as never;
  try {
    await forms.payOut(payee, { reason: "the week" }, actor, reply);
  } catch (error) {
    return error instanceof Problem ? error.code : error;
  }
  return paths;
}

describe("a payout's form", () => {
  it("leads to the approvals where a second person is needed, and shows every other refusal", async () => {
    expect(await ledTo(null)).toEqual([`/console/merchants/${payee}`]);
    expect(await ledTo(new Problem("SECOND_PERSON_NEEDED", "Another one."))).toEqual(["/console/approvals"]);
    // Another one's request stands, and the reason of this one is not kept: that is said.
    const before = new Problem("SECOND_PERSON_NEEDED", "One waits.", {
      members: { waitsSince: "2026-11-30T09:00:00.000Z" },
    });
    expect(await ledTo(before)).toBe("SECOND_PERSON_NEEDED");
    expect(await ledTo(new Problem("NOTHING_OWED", "Nothing."))).toBe("NOTHING_OWED");
    const fault = new Error("broken");
    expect(await ledTo(fault)).toBe(fault);
  });
});
