import type { JSX } from "preact";
import { Foot, type Frame, Head } from "../console/view/frame.tsx";
import { payoutText } from "../console/view/payout-text.ts";
import { Explorer } from "../console/view/links.tsx";
import { MoneyReached } from "../console/view/money-reached.tsx";
import { Facts, Hash, Table, timeText, When } from "../console/view/parts.tsx";
import { CheckCommand, StatementChoice } from "../console/view/statement-choice.tsx";
import type { OwnAnswer, OwnBatchesAnswer, OwnPayoutsAnswer, OwnVouchersAnswer } from "./own-answers.ts";

/** What a merchant's page shows. */
export interface OwnPageContent {
  readonly frame: Frame;
  readonly overview: OwnAnswer;
  readonly paid: OwnPayoutsAnswer;
  readonly batches: OwnBatchesAnswer["batches"];
  readonly vouchers: OwnVouchersAnswer;
}

/** A merchant's own, in one page of the console's kind, without scripts. */
export function OwnPage({ frame, overview, paid, batches, vouchers }: OwnPageContent): JSX.Element {
  const { name, payee } = overview;
  return (
    <OwnFrame frame={frame} title={name ?? "Your payments"}>
      <h1>{name ?? "Your payments"}</h1>
      <Balances overview={overview} />
      <p class="soft">
        Payee <span class="hash whole">{payee}</span> <Explorer frame={frame} kind="address" value={payee} />
      </p>
      <h2>Statements</h2>
      <StatementChoice path="/v1/own/statements" now={frame.now} />
      <h2>Terminals</h2>
      <Terminals overview={overview} frame={frame} />
      <CheckCommand
        what="Judge receipts by the issuer's key that you hold yourself"
        command="verify receipt FILE.json --issuer-key HEX"
      />
      <h2>Payouts</h2>
      <Table
        name="Payouts"
        columns={["Asked for", { head: "Amount", amount: true }, "State", "Transaction"]}
        rows={paid.payouts.map(({ createdAt, amount, state, tx }) => [
          <When key="at" at={createdAt} now={frame.now} />,
          payoutText(amount === null ? null : `${amount} ${frame.asset}`, state),
          state,
          <Transaction key="tx" frame={frame} tx={tx} />,
        ])}
        none="Nothing was asked to be paid out here."
      />
      <h2>Paid out</h2>
      <MoneyReached
        lines={paid.reached.map((each) => ({ ...each, amount: `${each.amount} ${frame.asset}` }))}
        before={paid.reachedBefore === null ? null : `${paid.reachedBefore} ${frame.asset}`}
        now={frame.now}
        transaction={(tx) => <Transaction key="tx" frame={frame} tx={tx} />}
      />
      <h2>Batches</h2>
      <Table
        name="Batches"
        columns={["Made", "State", "Your vouchers", { head: "Amount", amount: true }, "Transaction"]}
        rows={batches.map((each) => [
          <When key="at" at={each.createdAt} now={frame.now} />,
          each.state,
          String(each.vouchers),
          `${each.amount} ${frame.asset}`,
          <Transaction key="tx" frame={frame} tx={each.tx} />,
        ])}
        none="No batch has a voucher of yours yet."
      />
      <h2>Vouchers</h2>
      <Vouchers frame={frame} overview={overview} vouchers={vouchers} />
    </OwnFrame>
  );
}

/** A further page of a merchant's vouchers. */
export function OwnVouchersPage({
  frame,
  overview,
  vouchers,
}: Pick<OwnPageContent, "frame" | "overview" | "vouchers">): JSX.Element {
  return (
    <OwnFrame frame={frame} title="Older vouchers">
      <h1>Older vouchers</h1>
      <p>
        <a href="/own">To the newest</a>
      </p>
      <Vouchers frame={frame} overview={overview} vouchers={vouchers} />
    </OwnFrame>
  );
}

/** A page that looks like the console's and has none of its places. */
function OwnFrame({
  frame,
  title,
  children,
}: {
  readonly frame: Frame;
  readonly title: string;
  readonly children: readonly (JSX.Element | null)[];
}): JSX.Element {
  return (
    <html lang="en">
      <Head title={title} />
      <body>
        <header>
          <a class="brand" href="/own">
            Your payments
          </a>
        </header>
        <main id="main">{children}</main>
        <Foot frame={frame} />
      </body>
    </html>
  );
}

function Balances({ overview: { asset, balances } }: { readonly overview: OwnAnswer }): JSX.Element {
  const { accepted, owed, paidOut, issuerOwes } = balances;
  return (
    <Facts
      facts={[
        ["On the way", `${accepted} ${asset}, accepted and not yet paid`],
        ...(issuerOwes === null ? [] : [["Of it from the issuer", `${issuerOwes} ${asset}`] as const]),
        ["The vault owes you", `${owed} ${asset}, on the chain and not yet paid out`],
        ["Paid out ever", `${paidOut} ${asset}`],
      ]}
    />
  );
}

function Terminals({ overview, frame }: Pick<OwnPageContent, "overview" | "frame">): JSX.Element {
  return (
    <Table
      name="Terminals"
      columns={["Terminal", "Certificate", "Uploads"]}
      rows={overview.terminals.map((terminal) => [
        terminal.name ?? <Hash key="t" value={terminal.terminalId} />,
        certificateText(terminal, frame.now),
        <a
          key="r"
          href={`/v1/own/terminals/${terminal.terminalId}/receipts`}
          aria-label={`Receipts of ${terminal.name ?? terminal.terminalId}`}
        >
          Receipts
        </a>,
      ])}
      none="No terminal is certified for this payee."
    />
  );
}

/** Until when a certificate holds; of one that is withdrawn, or will be, from when on. */
function certificateText({ notAfter, withdrawnFrom }: OwnAnswer["terminals"][number], now: number): string {
  const text = (seconds: number): string => timeText(new Date(seconds * 1_000).toISOString());
  if (withdrawnFrom !== null && withdrawnFrom * 1_000 <= now) return `withdrawn since ${text(withdrawnFrom)}`;
  const until = notAfter * 1_000 < now ? `expired since ${text(notAfter)}` : `valid to ${text(notAfter)}`;
  return withdrawnFrom === null ? until : `${until}, withdrawn from ${text(withdrawnFrom)}`;
}

function Vouchers({
  frame,
  overview,
  vouchers: { vouchers, next },
}: Pick<OwnPageContent, "frame" | "overview" | "vouchers">): JSX.Element {
  const names = new Map(overview.terminals.map(({ terminalId, name }) => [terminalId, name]));
  return (
    <>
      <Table
        name="Vouchers"
        columns={["Received", { head: "Amount", amount: true }, "State", "Terminal", "Voucher", "In the books"]}
        rows={vouchers.map((each) => [
          <When key="at" at={each.receivedAt} now={frame.now} />,
          `${each.amount} ${frame.asset}`,
          <State key="s" frame={frame} voucher={each} />,
          names.get(each.terminalId) ?? <Hash key="t" value={each.terminalId} />,
          <Hash key="v" value={each.id} />,
          <a key="p" href={`/v1/own/vouchers/${each.id}/proof`} aria-label={`Proof of ${each.id}`}>
            Proof
          </a>,
        ])}
        none="No voucher came yet."
      />
      {vouchers.some(({ state }) => state === "compensated") ? (
        <p class="soft">
          compensated: the vault could not pay it, and the issuer paid it to you by a transfer of its own.
        </p>
      ) : null}
      {vouchers.some(({ state }) => state === "disputed") ? (
        <p class="soft">
          disputed: the vault cannot pay it and the issuer did not promise it. Nobody pays it, unless the vault can
          later; ask the issuer why.
        </p>
      ) : null}
      <CheckCommand what="Judge a proof by the root that the chain shows" command="verify proof FILE.json --root HEX" />
      {next === null ? null : (
        <p>
          <a href={`/own?before=${next}`}>Older vouchers</a>
        </p>
      )}
    </>
  );
}

/** A voucher's state, and what of it went back to its card, by which transactions. */
function State({
  frame,
  voucher: { state, refunds },
}: {
  readonly frame: Frame;
  readonly voucher: OwnVouchersAnswer["vouchers"][number];
}): JSX.Element {
  return (
    <>
      {state}
      {refunds.map(({ amount, tx }) => (
        <div key={tx} class="soft">
          refunded {amount} {frame.asset} by <Transaction frame={frame} tx={tx} />
        </div>
      ))}
    </>
  );
}

function Transaction({ frame, tx }: { readonly frame: Frame; readonly tx: string | null }): JSX.Element {
  if (tx === null) return <span class="soft">–</span>;
  return (
    <>
      <Hash value={tx} /> <Explorer frame={frame} kind="tx" value={tx} />
    </>
  );
}
