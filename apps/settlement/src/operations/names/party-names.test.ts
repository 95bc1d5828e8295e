import { expect, it } from "@jest/globals";
import { cardRegistrationSchema } from "@tallystick/protocol/wire";
import { claimRequestSchema, releaseRequestSchema } from "../../issuing/references/reference-requests.ts";
import { merchantNameSchema, terminalNameSchema } from "./party-names.ts";

const reason = "as its owner asked";

/** What of a body is refused. */
const refused = (schema: typeof merchantNameSchema | typeof terminalNameSchema, body: object) =>
  schema.safeParse(body).error?.issues.map(({ path }) => path.join(".")) ?? [];

it("takes no name, contact or reason that turns the text around it", () => {
  const turned = "Caf\u00e9 \u202efdp.exe";
  expect(refused(merchantNameSchema, { name: "Café مقهى", contact: "Ada, +49 1", reason })).toEqual([]);
  expect(refused(merchantNameSchema, { name: turned, contact: turned, reason: turned })).toEqual([
    "name",
    "contact",
    "reason",
  ]);
  expect(refused(terminalNameSchema, { name: "Kiosk\u2066 2", reason })).toEqual(["name"]);
});

it("takes no reference of a card with it, and lets one go that was taken before", () => {
  const reference = "card-\u200f7";
  expect(cardRegistrationSchema.shape.reference.safeParse(reference).success).toBe(false);
  expect(claimRequestSchema.safeParse({ reference }).success).toBe(false);
  expect(releaseRequestSchema.safeParse({ reference }).success).toBe(true);
});
