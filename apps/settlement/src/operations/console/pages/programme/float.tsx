import type { JSX } from "preact";
import type { FloatAnswer } from "../../../float/float-answers.ts";
import { type Frame, Page } from "../../view/frame.tsx";
import { counted, Facts, Live, Table } from "../../view/parts.tsx";

const AGE_TEXTS: Readonly<Record<FloatAnswer["unspent"][number]["days"], string>> = {
  "0-30": "in the last 30 days",
  "31-90": "31 to 90 days ago",
  "91-365": "91 to 365 days ago",
  "over-365": "longer ago",
  others: "unknown: not registered here",
};

/** What is on cards in all: how it came to be, how old it is, what ends soon, what is on its way. */
export function FloatPage({
  frame,
  read,
}: {
  readonly frame: Frame;
  readonly read: { readonly float: FloatAnswer; readonly ageSeconds: number } | null;
}): JSX.Element {
  return (
    <Page frame={frame} title="Float" place="/console/float">
      <h1>Float</h1>
      <p class="soft">What is on all cards together: the issuer owes it to their owners.</p>
      <Live id="float">
        {read === null ? (
          <p class="warn">It is being read; load the page again in a moment.</p>
        ) : (
          <Figures frame={frame} float={read.float} ageSeconds={read.ageSeconds} />
        )}
      </Live>
    </Page>
  );
}

function Figures({
  frame: { asset },
  float: { deposits, spent, liability, unspent, expiring, expired, waiting },
  ageSeconds,
}: {
  readonly frame: Frame;
  readonly float: FloatAnswer;
  readonly ageSeconds: number;
}): JSX.Element {
  const share = ({ cards, amount }: { readonly cards: number; readonly amount: string }): string =>
    `${amount} ${asset} on ${counted(cards, "card")}`;
  return (
    <>
      <Facts
        facts={[
          ["Liability", `${liability} ${asset}`],
          ["Deposits, refunds included", `${deposits} ${asset}`],
          ["Spent and withdrawn, final", `${spent} ${asset}`],
          ["Read", ageSeconds === 0 ? "now" : `${counted(ageSeconds, "second")} ago`],
        ]}
      />
      <h2>Unspent, by when its card paid last</h2>
      <Table
        name="Unspent"
        columns={["Its card paid", { head: "Cards", amount: true }, { head: "Amount", amount: true }]}
        rows={unspent.map(({ days, cards, amount }) => [AGE_TEXTS[days], String(cards), amount])}
        none="Nothing is on cards."
      />
      <h2>Allowances that end</h2>
      <Facts
        facts={[
          [`Within ${counted(expiring.days, "day")}`, share(expiring)],
          ["Ended: these cards cannot pay", share(expired)],
        ]}
      />
      <h2>On its way</h2>
      <Facts
        facts={[
          ["Deposits that are not final", `${waiting.deposits} ${asset}`],
          ["Vouchers not yet paid, part of the liability", `${waiting.vouchers} ${asset}`],
          ["Owed to payees, in the vault", `${waiting.owed} ${asset}`],
          ["Advances to cards that replace others", `${waiting.advances} ${asset}`],
          ["Replaced cards whose withdrawal runs", String(waiting.replacements)],
        ]}
      />
    </>
  );
}
