import type { PayeeAnswer } from "@tallystick/protocol/wire";
import type { JSX } from "preact";
import type { CaseView } from "../../../cases/case-answers.ts";
import type { MerchantFees } from "../../../fees/fee-lookups.ts";
import { CONTACT_CHARACTERS, NAME_CHARACTERS } from "../../../names/limits.ts";
import type { MerchantView, TerminalView } from "../../read/merchants.ts";
import { type Frame, Page } from "../../view/frame.tsx";
import { Explorer, To } from "../../view/links.tsx";
import { counted, Facts, Hash, Live, Table, When, timeText } from "../../view/parts.tsx";
import { payoutText } from "../../view/payout-text.ts";
import { ReasonForm } from "../../view/reason-form.tsx";
import { MoneyReached } from "../../view/money-reached.tsx";
import { StatementChoice } from "../../view/statement-choice.tsx";
import { VoucherTable } from "../voucher-table.tsx";
import { CaseTable } from "../cases/case-list.tsx";

/** What whoever looks may do about a merchant. */
interface MerchantRights {
  readonly mayName: boolean;
  readonly mayPayOut: boolean;
  readonly mayWithdraw: boolean;
  readonly mayConfirm: boolean;
}

/** A merchant: its terminals, what it is owed, what it sold last. */
export function MerchantPage({
  frame,
  merchant,
  firstUnit,
  cases,
  fees,
  rights,
}: {
  readonly frame: Frame;
  readonly merchant: MerchantView;
  readonly firstUnit: PayeeAnswer;
  readonly cases: readonly CaseView[];
  readonly fees: MerchantFees;
  readonly rights: MerchantRights;
}): JSX.Element {
  const { payee, name, contact, terminals } = merchant;
  return (
    <Page frame={frame} title={name ?? "Merchant"} place="/console/merchants">
      <h1>{name ?? <Hash value={payee} />}</h1>
      <Live id="merchant">
        <Facts
          facts={[
            [
              "Payee",
              <>
                <span class="hash whole">{payee}</span> <Explorer frame={frame} kind="address" value={payee} />
              </>,
            ],
            ["Contact", contact === null || contact === "" ? "nobody is named" : contact],
            ["The vault owes it", merchant.owed],
            ["On the way", merchant.onTheWay],
            ["Paid out ever", merchant.paidOut],
            ...(merchant.issuerOwes === null ? [] : [["The issuer owes it", merchant.issuerOwes] as const]),
            ["Fees this month", feesText(fees)],
            ...(firstUnit.state === "known" ? [] : [firstUnitFact(firstUnit)]),
          ]}
        />
      </Live>
      <h2>Statements</h2>
      <StatementChoice path={`/v1/merchants/${payee}/statements`} now={frame.now} />
      <Live id="records">
        <h2>Terminals</h2>
        {terminals.map((terminal) => (
          <Terminal key={terminal.terminalId} frame={frame} terminal={terminal} rights={rights} />
        ))}
        <h2>Newest vouchers</h2>
        <VoucherTable frame={frame} of="merchant" vouchers={merchant.vouchers} none="Nothing of it arrived yet." />
        <h2>Payouts</h2>
        <Payouts frame={frame} payouts={merchant.payouts} />
        <Asked frame={frame} asked={merchant.asked} />
        <h2>Paid out</h2>
        <MoneyReached
          lines={merchant.reached}
          before={merchant.reachedBefore}
          now={frame.now}
          transaction={(tx) => <To key="tx" to="transactions" value={tx} />}
        />
        <h2>Cases</h2>
        <CaseTable frame={frame} cases={cases} none="No open case is about it." />
      </Live>
      <Acts frame={frame} merchant={merchant} firstUnit={firstUnit} rights={rights} />
    </Page>
  );
}

/** What whoever looks may do about it. */
function Acts({
  frame,
  merchant: { payee, name, contact, asked },
  firstUnit,
  rights,
}: {
  readonly frame: Frame;
  readonly merchant: MerchantView;
  readonly firstUnit: PayeeAnswer;
  readonly rights: MerchantRights;
}): JSX.Element {
  return (
    <>
      {rights.mayConfirm && firstUnit.state === "sent" ? (
        <>
          <h2>Its first unit</h2>
          <p class="soft">
            Confirm only what the payee's owner has told you: that it sees the unit in its own wallet. Until then
            nothing is paid out.
          </p>
          <ReasonForm frame={frame} action={`/console/merchants/${payee}/confirmation`} label="Confirm that it came" />
        </>
      ) : null}
      {rights.mayPayOut ? (
        <>
          <h2>Pay it out</h2>
          {asked.some(({ refused }) => refused === null) ? (
            <p>
              A payout waits for <a href="/console/approvals">a second person</a>.
            </p>
          ) : (
            <>
              <p class="soft">
                The vault pays it all that it owes it; above the configured sum a second person approves.
              </p>
              <ReasonForm frame={frame} action={`/console/merchants/${payee}/payout`} label="Pay out" />
            </>
          )}
        </>
      ) : null}
      {rights.mayName ? (
        <>
          <h2>Its name</h2>
          <ReasonForm frame={frame} action={`/console/merchants/${payee}/name`} label="Name it">
            <label>
              Name
              <input name="name" required maxLength={NAME_CHARACTERS} value={name ?? ""} autocomplete="off" />
            </label>
            <label>
              Contact
              <input name="contact" maxLength={CONTACT_CHARACTERS} value={contact ?? ""} autocomplete="off" />
            </label>
          </ReasonForm>
        </>
      ) : null}
    </>
  );
}

/** How far the unit is by which a new payee's owner sees that the address is its own (spec §6.15). */
function firstUnitFact({ state, amount, tx }: PayeeAnswer): readonly [string, JSX.Element] {
  const said = state === "confirmed" ? "it came" : "nobody has said that it came";
  return [
    "First unit",
    <>
      {amount} sent, {said}. <To to="transactions" value={tx} />
    </>,
  ];
}

/** What the chain took for its vouchers and payouts. */
function feesText({ wei, transactions, vouchers, more }: MerchantFees): string {
  const part = more ? ", of the newest transactions alone" : "";
  return `${wei} wei in ${counted(transactions, "transaction")} for ${counted(vouchers, "voucher")}${part}`;
}

function Payouts({
  frame,
  payouts,
}: {
  readonly frame: Frame;
  readonly payouts: MerchantView["payouts"];
}): JSX.Element {
  return (
    <Table
      name="Payouts"
      columns={["Payout", { head: "Amount", amount: true }, "State", "Transaction", "Asked for"]}
      rows={payouts.map(({ id, amount, state, tx, at }) => [
        <Hash key="id" value={id} />,
        payoutText(amount, state),
        state,
        <To key="tx" to="transactions" value={tx} />,
        <When key="at" at={at} now={frame.now} />,
      ])}
      none="The vault was not asked to pay it out yet."
    />
  );
}

/** What a second person has still to decide about its payouts, or refused. */
function Asked({
  frame: { now },
  asked,
}: {
  readonly frame: Frame;
  readonly asked: MerchantView["asked"];
}): JSX.Element | null {
  if (asked.length === 0) return null;
  return (
    <ul>
      {asked.map(({ amount, askedBy, reason, askedAt, endsAt, refused }) => (
        <li key={askedAt}>
          {amount}, asked for by {askedBy} <When at={askedAt} now={now} />, because: {reason}.{" "}
          {refused === null ? (
            <>
              <a href="/console/approvals">It waits for a second person</a>, until {timeText(endsAt)}.
            </>
          ) : (
            <>
              Refused by {refused.by} <When at={refused.at} now={now} />, because: {refused.reason}.
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

/** How long a certificate holds; of one that is withdrawn since when, or from when on, and why. */
function certificateText({ state, validTo, withdrawn }: TerminalView): string {
  const until = `${state}, to ${timeText(validTo)}`;
  if (withdrawn === null) return until;
  const why = withdrawn.reason === null ? "" : `: ${withdrawn.reason}`;
  const said = `${timeText(withdrawn.from)}${why}`;
  return state === "withdrawn" ? `withdrawn since ${said}` : `${until}; withdrawn from ${said}`;
}

function Terminal({
  frame,
  terminal,
  rights,
}: {
  readonly frame: Frame;
  readonly terminal: TerminalView;
  readonly rights: MerchantRights;
}): JSX.Element {
  const { payee, terminalId, name, silence } = terminal;
  return (
    <article id={`t-${terminalId}`}>
      <h3>{name ?? terminalId}</h3>
      {silence === null ? null : <p class="warn">{silence}</p>}
      <Facts
        facts={[
          ["Id", <Hash key="id" value={terminalId} />],
          ["Last heard", <When key="h" at={terminal.heardAt} now={frame.now} />],
          ["Certificate", certificateText(terminal)],
          ["A payment", terminal.perTap],
          ["Unsent at most", terminal.unsent],
          ["Of one card", terminal.perCard],
        ]}
      />
      {rights.mayWithdraw && terminal.state !== "withdrawn" ? (
        <details>
          <summary>Withdraw this terminal's certificates</summary>
          <p class="warn">From now on, and for good: what it sells later nobody promises.</p>
          <ReasonForm
            frame={frame}
            action={`/console/merchants/${payee}/terminals/${terminalId}/withdrawal`}
            label="Withdraw the certificates"
          />
        </details>
      ) : null}
      {rights.mayName ? (
        <details>
          <summary>Name this terminal</summary>
          <ReasonForm frame={frame} action={`/console/merchants/${payee}/terminals/${terminalId}/name`} label="Name it">
            <label>
              Name
              <input name="name" required maxLength={NAME_CHARACTERS} value={name ?? ""} autocomplete="off" />
            </label>
          </ReasonForm>
        </details>
      ) : null}
    </article>
  );
}
