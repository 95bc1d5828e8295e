import { describe, expect, it } from "@jest/globals";
import { reasonText } from "@tallystick/protocol/wire";
import { MAX_REFERENCE_LENGTH } from "../limits.ts";
import { actionReason, orderName } from "./action-reason.ts";

describe("the reason of what a station does by itself", () => {
  it("says which order and which card it is for", () => {
    expect(actionReason({ order: "march.csv", reference: "C-1" }, "first deposit")).toBe(
      "Order march.csv, card C-1: first deposit",
    );
    expect(actionReason({ reference: "C-1" }, "first deposit")).toBe("card C-1: first deposit");
  });

  it.each(["/tmp/orders/march.csv", `${"é".repeat(300)}.csv`, "two\nlines.csv", " .csv ", "", "/"])(
    "is one that settlement takes, whatever the order's file is called: %j",
    (file) => {
      const reason = actionReason(
        { order: orderName(file), reference: "R".repeat(MAX_REFERENCE_LENGTH) },
        "first deposit, for the 1000000. time",
      );
      expect(reasonText.safeParse(reason).success).toBe(true);
    },
  );
});
