import type { JSX } from "preact";
import type { CaseDetail } from "../../../cases/case-answers.ts";
import { REFUSAL_GROUNDS } from "../../../../vouchers/withheld/withheld-answers.ts";
import { caseTexts } from "../../../cases/case-kinds.ts";
import type { PayeeNames } from "../../../names/payee-names.ts";
import { type Frame, Page } from "../../view/frame.tsx";
import { Merchant, To } from "../../view/links.tsx";
import { Facts, Live, Table, When } from "../../view/parts.tsx";
import { ReasonForm } from "../../view/reason-form.tsx";
import { stateTexts } from "./case-list.tsx";
import { CaseMessages } from "./case-messages.tsx";

interface CaseProps {
  readonly frame: Frame;
  readonly found: CaseDetail;
  readonly names: PayeeNames;
  readonly mayDecide: boolean;
  /** Who looks at it may pay and refuse what is withheld. */
  readonly mayPay: boolean;
}

/** One case: what it is about, both messages side by side, its history, and what a person may do. */
export function CasePage({ frame, found, names, mayDecide, mayPay }: CaseProps): JSX.Element {
  const { title, next } = caseTexts[found.kind];
  return (
    <Page frame={frame} title={`Case ${found.id}`} place="/console/cases">
      <h1>
        Case {found.id}: {title}
      </h1>
      <Live id="case">
        <p>{found.detail}</p>
        <p class={found.state === "resolved" ? "good" : "warn"}>
          {found.state === "resolved"
            ? "It is resolved."
            : found.state === "over"
              ? "What opened it is over. Say why, and resolve it."
              : next}
        </p>
        <Facts
          facts={[
            ["State", stateTexts[found.state]],
            ["Owner", found.owner ?? "nobody yet"],
            ["Began", <When key="c" at={found.causedAt} now={frame.now} />],
            ["Opened", <When key="o" at={found.openedAt} now={frame.now} />],
            ["Cost to the issuer", found.cost === null ? "–" : `${found.cost} ${frame.asset}`],
            ["Card", <To key="card" to="cards" value={found.card} />],
            [
              "Merchant",
              found.payee === null ? (
                "–"
              ) : (
                <Merchant key="m" payee={found.payee} name={names.get(found.payee) ?? null} />
              ),
            ],
            ["Terminal", found.terminalId ?? "–"],
            ["Voucher", <To key="v" to="vouchers" value={found.voucherId} />],
          ]}
        />
        <OutOfPocket frame={frame} found={found} names={names} />
        {found.messages.length === 0 ? null : <CaseMessages messages={found.messages} names={names} frame={frame} />}
        <h2>History</h2>
        <Table
          name="History"
          columns={["What", "Who", "Why", "When"]}
          rows={found.history.map(({ kind, who, role, reason, at }) => [
            kind,
            who === null ? "settlement" : `${who} (${role ?? ""})`,
            reason,
            <When key="at" at={at} now={frame.now} />,
          ])}
          none="Nothing happened yet."
        />
      </Live>
      <h2>Evidence</h2>
      <p>
        <a href={`/v1/cases/${found.id}/evidence`} download={`case-${found.id}.json`}>
          Download the evidence
        </a>
        , and judge it without this service:{" "}
        <code class="whole">
          tallystick-settlement verify evidence case-{found.id}.json{keysText(frame)}
        </code>
      </p>
      <p class="soft">The keys are as this service says: compare them with those that you pinned.</p>
      <Decisions frame={frame} found={found} mayDecide={mayDecide} mayPay={mayPay} />
    </Page>
  );
}

/** Merchants that nobody pays what they sold for one of the messages, and what can be done about that. */
function OutOfPocket({ frame, found, names }: Pick<CaseProps, "frame" | "found" | "names">): JSX.Element | null {
  const unpaid = found.messages.filter(({ state }) => state === "disputed");
  if (unpaid.length === 0) return null;
  return (
    <>
      <h2>Out of pocket</h2>
      <ul>
        {unpaid.map(({ voucherId, payee, amount }) => (
          <li key={voucherId} class="warn">
            <Merchant payee={payee} name={names.get(payee) ?? null} />: {amount} {frame.asset}, voucher{" "}
            <To to="vouchers" value={voucherId} />
          </li>
        ))}
      </ul>
      <p class="soft">
        The vault cannot pay it, and the issuer did not promise it: the voucher's page says why. Tell the merchant, and
        give it the evidence below, which proves what the card signed. Whatever it is paid all the same is paid outside
        this service.
      </p>
    </>
  );
}

/** The issuer's keys as the command takes them. */
function keysText({ issuerKeys }: Frame): string {
  return issuerKeys.map((key) => ` --issuer-key ${key}`).join("");
}

function Decisions({ frame, found, mayDecide, mayPay }: Omit<CaseProps, "names">): JSX.Element {
  return (
    <>
      {mayPay && found.kind === "WITHHELD" && found.state === "open" ? <Withheld frame={frame} found={found} /> : null}
      {mayDecide && found.state !== "resolved" ? (
        <>
          <h2>Decide</h2>
          <ReasonForm frame={frame} action={`/console/cases/${found.id}/owner`} label="Take it" />
          <ReasonForm frame={frame} action={`/console/cases/${found.id}/resolution`} label="Resolve it" />
        </>
      ) : null}
    </>
  );
}

/** The ground that a payee disowns it needs the payee's signature, and goes by the API. */
const GROUNDS = REFUSAL_GROUNDS.filter((ground) => ground !== "DISOWNED");

function Withheld({ frame, found }: { readonly frame: Frame; readonly found: CaseDetail }): JSX.Element {
  return (
    <>
      <h2>Pay it, or refuse it with a second person</h2>
      <ReasonForm frame={frame} action={`/console/cases/${found.id}/payment`} label="Pay it" />
      <ReasonForm frame={frame} action={`/console/cases/${found.id}/refusal`} label="Refuse it">
        <label>
          Ground
          <select name="ground" required>
            {GROUNDS.map((ground) => (
              <option key={ground} value={ground}>
                {ground}
              </option>
            ))}
          </select>
        </label>
      </ReasonForm>
    </>
  );
}
