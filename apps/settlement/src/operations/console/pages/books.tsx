import type { JSX } from "preact";
import { PERIOD_SCHEMA, type PeriodStatement } from "../../periods/period-statement.ts";
import type { ClosedPeriod } from "../../periods/periods.ts";
import type { AccountView, JournalLine } from "../read/books.ts";
import type { MoneyFigures, MoneySums } from "../read/money-texts.ts";
import { type Frame, Page } from "../view/frame.tsx";
import { Hash, Live, Table, When } from "../view/parts.tsx";
import { ReasonForm } from "../view/reason-form.tsx";

const figures = [
  ["minted", "Brought in"],
  ["wallets", "In the treasury"],
  ["guarantee", "In the guarantee's account"],
  ["cards", "On cards"],
  ["owed", "Owed to merchants"],
  ["paidOut", "Paid out"],
] as const;

export interface BooksData {
  readonly money: MoneyFigures;
  readonly periods: readonly ClosedPeriod[];
  readonly lines: readonly JournalLine[];
  readonly next: string | null;
  /** What was asked for, and what was found; null where nothing was. */
  readonly asked: { readonly id: string; readonly at: string } | null;
  readonly account: AccountView | null;
  /** Why the time that was asked for is none that can be shown; null where it is one. */
  readonly noTime: "no time" | "in the future" | null;
}

/** Chain and books side by side, an account at any time, periods, and the journal. */
export function BooksPage({
  frame,
  data,
  mayClose,
}: {
  readonly frame: Frame;
  readonly data: BooksData;
  readonly mayClose: boolean;
}): JSX.Element {
  return (
    <Page frame={frame} title="Books" place="/console/books">
      <h1>Books</h1>
      <Live id="sums">
        {data.money.sums === null ? <p class="bad">{data.money.fault}</p> : <Sums sums={data.money.sums} />}
      </Live>
      <p>
        <a href="/console/costs">What transactions cost, and what the issuer bore</a>
      </p>
      <Account data={data} frame={frame} />
      <h2>Closed periods</h2>
      <Live id="periods">
        <Periods periods={data.periods} frame={frame} />
      </Live>
      {mayClose ? <ReasonForm frame={frame} action="/console/books/periods" label="Close the period" /> : null}
      <h2>Journal</h2>
      <Table
        name="Journal"
        columns={["Posting", "Kind", "Debit", "Credit", { head: "Amount", amount: true }, "Time"]}
        rows={data.lines.map(({ id, kind, debit, credit, amount, at }) => [
          <Hash key="i" value={id} />,
          kind,
          <AccountLink key="d" id={debit} />,
          <AccountLink key="c" id={credit} />,
          amount,
          <When key="at" at={at} now={frame.now} />,
        ])}
        none="Nothing was booked yet."
      />
      {data.next === null ? null : (
        <p>
          <a href={`/console/books?before=${data.next}`}>What was booked before</a>
        </p>
      )}
    </Page>
  );
}

function AccountLink({ id }: { readonly id: string }): JSX.Element {
  return <Hash value={id} href={`/console/books?account=${encodeURIComponent(id)}`} />;
}

function Sums({ sums }: { readonly sums: MoneySums }): JSX.Element {
  const { held, owes, surplus, insolvent } = sums.vault;
  const { anchored, agreeing, disagreeing } = sums.anchors;
  return (
    <>
      <h2>Reconciliation at final block {sums.block}</h2>
      <Table
        name="Reconciliation"
        columns={["Where", { head: "Chain", amount: true }, { head: "Ledger", amount: true }]}
        rows={[
          ...figures.map(([name, label]) => [label, sums.chain[name] ?? "", sums.ledger[name] ?? ""]),
          ["Owed by the issuer", sums.issuerOwes.vouchers, sums.issuerOwes.ledger],
        ]}
        none=""
      />
      <p>
        Difference: {sums.difference === "0" ? <b class="good">no difference</b> : <b class="bad">{sums.difference}</b>}{" "}
        · Accepted and not paid yet: {sums.acceptedUnpaid} · {sums.ageSeconds} s old
      </p>
      <p class={insolvent ? "bad" : ""}>
        The vault holds {held} and owes {owes}: {insolvent ? "INSOLVENT by" : "surplus"} {surplus}
        {insolvent ? "" : ", sent to it straight, which belongs to nobody"}
      </p>
      <p class={disagreeing.length === 0 ? "" : "bad"}>
        {disagreeing.length === 0
          ? `${agreeing} of ${anchored} roots on the chain agree with the books.`
          : `${disagreeing.length} roots on the chain do not agree with the books.`}
      </p>
      {disagreeing.map(({ batch, root, tx }) => (
        <p key={batch} class="bad">
          Batch {batch}: root <Hash value={root} />, transaction <Hash value={tx} />
        </p>
      ))}
    </>
  );
}

function Account({
  data: { asked, account, noTime },
  frame,
}: {
  readonly data: BooksData;
  readonly frame: Frame;
}): JSX.Element {
  return (
    <>
      <h2>An account at any time</h2>
      <form class="act" method="get" action="/console/books">
        <label>
          Account
          <input name="account" value={asked?.id ?? ""} placeholder="treasury, card:0x…, owed:0x…" autocomplete="off" />
        </label>
        <label>
          At (UTC; now where it is empty)
          <input name="at" value={asked?.at ?? ""} placeholder="2026-11-21 09:00:00" autocomplete="off" />
        </label>
        <button type="submit">Show</button>
      </form>
      {asked === null ? null : account === null ? (
        <p class="warn">
          {noTime === null
            ? `The books have no account ${asked.id}.`
            : noTime === "no time"
              ? `${asked.at} is no time: write 2026-11-21 09:00:00.`
              : `${asked.at} is in the future: nobody knows yet what the account holds then.`}
        </p>
      ) : (
        <>
          <p>
            <b>{account.id}</b> held <b>{account.balance}</b> at <When at={account.at} now={frame.now} />, and{" "}
            {account.pending} was pending.
          </p>
          <Table
            name="Entries"
            columns={["Posting", "Side", { head: "Balance after", amount: true }, "Time"]}
            rows={account.entries.map(({ transfer, side, balance, at }) => [
              <Hash key="t" value={transfer} />,
              side,
              balance,
              <When key="at" at={at} now={frame.now} />,
            ])}
            none="Nothing was booked on it."
          />
        </>
      )}
    </>
  );
}

function Periods({
  periods,
  frame,
}: {
  readonly periods: readonly ClosedPeriod[];
  readonly frame: Frame;
}): JSX.Element {
  const [newest, before] = periods;
  return (
    <>
      <PeriodTable periods={periods} frame={frame} />
      {newest === undefined ? null : (
        <p>
          Judge one without this service, by the issuer's key that you hold yourself:{" "}
          <code class="whole">
            tallystick-settlement verify period period-{newest.id}.json --issuer-key HEX
            {before === undefined ? "" : ` --previous period-${before.id}.json`}
          </code>
        </p>
      )}
    </>
  );
}

function PeriodTable({
  periods,
  frame,
}: {
  readonly periods: readonly ClosedPeriod[];
  readonly frame: Frame;
}): JSX.Element {
  return (
    <Table
      name="Closed periods"
      columns={[
        "Period",
        "From",
        "To",
        { head: "Entries", amount: true },
        { head: "Sum", amount: true },
        "Root",
        "Signature",
        "File",
      ]}
      rows={periods.map(({ id, statement, signature }) => {
        const { from, to, log, sum } = JSON.parse(statement) as PeriodStatement;
        return [
          id,
          <When key="f" at={from} now={frame.now} />,
          <When key="t" at={to} now={frame.now} />,
          String(log.size),
          sum,
          <Hash key="r" value={log.root} />,
          <Hash key="s" value={signature} />,
          <a
            key="file"
            href={`/v1/periods/${id}`}
            download={`period-${id}.json`}
            aria-label={`Statement of period ${id}`}
          >
            Statement
          </a>,
        ];
      })}
      none={`No period was closed yet; a statement has the form ${PERIOD_SCHEMA} and is signed by the issuer.`}
    />
  );
}
