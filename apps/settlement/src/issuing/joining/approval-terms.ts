import type { Asset } from "@tallystick/money";
import { isProtocolError } from "@tallystick/protocol";
import { readAmount } from "../../foundation/http/amounts.ts";
import { Problem } from "../../foundation/http/problem.ts";
import type { Approval } from "./joining-wire.ts";
import type { GivenTerms } from "./request-decisions.ts";

type Given = Omit<Approval, "digits" | "payee" | "reason">;

/** What a person gives a terminal, read from the texts of a call or a form. Throws Problem AMOUNT_RANGE. */
export function approvalTerms(given: Given, asset: Asset): GivenTerms {
  const sum = (name: "perTap" | "unsentSum" | "perCardSum" | "softwareSum"): bigint =>
    readAmount(given[name], name, asset);
  const { notBefore, notAfter, unsentCount } = given;
  return {
    ...{ notBefore, notAfter, unsentCount, perTap: sum("perTap"), unsentSum: sum("unsentSum") },
    ...{ perCardSum: sum("perCardSum"), softwareSum: sum("softwareSum") },
  };
}

/** Terms that no certificate can have are the caller's fault. Rejects with Problem CERTIFICATE_RANGE. */
export async function withinRange<T>(approval: Promise<T>): Promise<T> {
  try {
    return await approval;
  } catch (error) {
    if (isProtocolError(error)) throw new Problem("CERTIFICATE_RANGE", `${error.code}: ${error.message}`);
    throw error;
  }
}
