import type { JSX } from "preact";
import type { StoredReplacement } from "../../../../issuing/replacements/replacement-views.ts";
import { To } from "../../view/links.tsx";
import { Facts } from "../../view/parts.tsx";

const droppedTexts = {
  REFUSED: "another person refused it",
  ENDED: "nobody decided in time",
  ABANDONED: "its deposit was given up",
  SUCCESSOR: "its card gets nothing any more",
  LATE: "the withdrawal was quicker",
} as const satisfies Record<NonNullable<StoredReplacement["advanceDropped"]>, string>;

/** How far a replacement is: what its successor gets at once, and what comes later (spec §6.10). */
export function ReplacementFacts({ replacement }: { readonly replacement: StoredReplacement }): JSX.Element {
  const { withdrawn, restTo, advance } = replacement;
  return (
    <>
      <h2>Its replacement</h2>
      <Facts
        facts={[
          ["Certain", `${advance}: ${advanceText(replacement)}`],
          ["Came back", withdrawn ?? "nothing yet: the withdrawal is on its way"],
          ["The rest", <span class={replacement.restState === "held" ? "warn" : ""}>{restText(replacement)}</span>],
          ["The rest is for", <To key="r" to="cards" value={restTo} />],
        ]}
      />
    </>
  );
}

function advanceText({ advanceState, advanceDropped }: StoredReplacement): string {
  if (advanceDropped !== null) return `comes with the rest, since ${droppedTexts[advanceDropped]}`;
  switch (advanceState) {
    case "none":
      return "nothing comes at once";
    case "waiting":
      return "waits for a second person";
    case "given":
      return "deposited";
    default:
      return "is tried by itself";
  }
}

function restText({ restState, restHeld }: StoredReplacement): string {
  switch (restState) {
    case "none":
      return "–";
    case "waiting":
      return "waits for a second person";
    case "held":
      return `held (${restHeld ?? ""}): a person asks for it again`;
    case "given":
      return "deposited";
    case "due":
      return "is tried by itself";
  }
}
