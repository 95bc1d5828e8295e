import type { JSX } from "preact";
import type { CaseView } from "../../cases/case-answers.ts";
import type { CardLine, CardPageView } from "../read/cards.ts";
import { type Frame, Page } from "../view/frame.tsx";
import { Explorer, To } from "../view/links.tsx";
import { counted, Facts, Hash, Live, Table, When, timeText } from "../view/parts.tsx";
import { ReasonForm } from "../view/reason-form.tsx";
import { ReplacementFacts } from "./money/replacement-facts.tsx";
import { VoucherTable } from "./voucher-table.tsx";
import { CaseTable } from "./cases/case-list.tsx";

/** The register: the newest cards. */
export function CardsPage({
  frame,
  cards,
  next,
}: {
  readonly frame: Frame;
  readonly cards: readonly CardLine[];
  readonly next: number | null;
}): JSX.Element {
  return (
    <Page frame={frame} title="Cards" place="/console/cards">
      <h1>Cards</h1>
      <Live id="cards">
        <Table
          name="Cards"
          columns={["Reference", "Card", { head: "Index", amount: true }, "Status", "Registered"]}
          rows={cards.map(({ card, reference, index, status, registeredAt }) => [
            <a key="r" href={`/console/cards/${card}`}>
              {reference}
            </a>,
            <To key="c" to="cards" value={card} />,
            String(index),
            <span key="s" class={status === "valid" ? "" : "warn"}>
              {status}
            </span>,
            <When key="at" at={registeredAt} now={frame.now} />,
          ])}
          none="No card is registered yet."
        />
        {next === null ? null : (
          <p>
            <a href={`/console/cards?before=${next}`}>Older cards</a>
          </p>
        )}
      </Live>
    </Page>
  );
}

/** A card: what it may do, what it holds, what it paid, what is missing of it. */
export function CardPage({
  frame,
  card,
  cases,
  maySuspend,
  mayAsk,
}: {
  readonly frame: Frame;
  readonly card: CardPageView;
  readonly cases: readonly CaseView[];
  readonly maySuspend: boolean;
  readonly mayAsk: boolean;
}): JSX.Element {
  const { missing, suspendedFor } = card;
  return (
    <Page frame={frame} title={`Card ${card.reference}`} place="/console/cards">
      <h1>Card {card.reference}</h1>
      <Live id="card">
        {missing.count === 0 ? null : (
          <p class="warn">
            Its vouchers prove {counted(missing.count, "payment")} worth {missing.worth} that nobody uploaded.
          </p>
        )}
        <Facts
          facts={[
            [
              "Address",
              <>
                <span class="hash whole">{card.card}</span> <Explorer frame={frame} kind="address" value={card.card} />
              </>,
            ],
            [
              "Status",
              [card.status, ...suspendedFor, ...(card.flagged ? ["the vault holds a proof against it"] : [])].join(
                ", ",
              ),
            ],
            ["Owner", <Hash key="o" value={card.owner} />],
            ["Index", String(card.index)],
            ["Opened", card.opened === null ? "not yet" : `in block ${card.opened}`],
            ["Balance by the books", card.balance],
            ["Of it on the way", card.onTheWay],
            ["Master key", card.masterKey ?? "–"],
            ["Replaced by", <To key="r" to="cards" value={card.replacedBy} />],
            ["Registered", <When key="at" at={card.registeredAt} now={frame.now} />],
          ]}
        />
        {card.replacement === null ? null : <ReplacementFacts replacement={card.replacement} />}
        <Allowance card={card} />
        <Deposits frame={frame} card={card} />
        <h2>Its payments</h2>
        <VoucherTable frame={frame} of="card" vouchers={card.vouchers} none="No payment of it arrived yet." />
        <h2>Cases</h2>
        <CaseTable frame={frame} cases={cases} none="No open case is about it." />
      </Live>
      {mayAsk && card.replacement?.restState === "held" ? (
        <ReasonForm frame={frame} action={`/console/cards/${card.card}/rest`} label="Ask for the rest again" />
      ) : null}
      {maySuspend ? <Suspension frame={frame} card={card} /> : null}
    </Page>
  );
}

/** What settlement put on it. */
function Deposits({ frame, card: { fundings } }: { readonly frame: Frame; readonly card: CardPageView }): JSX.Element {
  return (
    <>
      <h2>Deposits</h2>
      <Table
        name="Deposits"
        columns={["Key", { head: "Amount", amount: true }, "State", "Asked for", "Waits for"]}
        rows={fundings.map(({ key, amount, state, at, failure }) => [
          key,
          amount,
          state,
          <When key="at" at={at} now={frame.now} />,
          failure ?? "–",
        ])}
        none="Nothing was put on it by settlement."
      />
    </>
  );
}

/** A card that is lost or revoked is neither suspended nor released here. */
function Suspension({
  frame,
  card: { card, status, suspendedFor },
}: {
  readonly frame: Frame;
  readonly card: CardPageView;
}): JSX.Element | null {
  if (status !== "valid" && status !== "suspended") return null;
  const isHeld = suspendedFor.includes("ISSUER");
  return (
    <>
      <h2>{isHeld ? "End its suspension" : "Suspend it"}</h2>
      <p class="soft">
        {isHeld
          ? "It is valid in the next list, and gets the limit of before by its mailbox."
          : "It is suspended in the next list, and stops by an allowance in its mailbox when it meets a terminal."}
      </p>
      {isHeld ? (
        <ReasonForm frame={frame} action={`/console/cards/${card}/release`} label="Release the card" />
      ) : (
        <ReasonForm frame={frame} action={`/console/cards/${card}/suspension`} label="Suspend the card" />
      )}
    </>
  );
}

function Allowance({ card: { allowance } }: { readonly card: CardPageView }): JSX.Element {
  if (allowance === null) return <p class="soft">It has no allowance yet.</p>;
  const { seq, maxSpent, perTap, pinAbove, notAfter, shown } = allowance;
  return (
    <>
      <h2>What it may do</h2>
      <Facts
        facts={[
          ["Allowance", `number ${seq}, ${shown ? "shown by the card" : "not shown by the card yet"}`],
          ["Spend in all", maxSpent],
          ["A payment", perTap],
          ["With a PIN above", pinAbove],
          ["Until", timeText(notAfter)],
        ]}
      />
    </>
  );
}
