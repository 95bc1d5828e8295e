import type { JSX } from "preact";
import type { ApprovalAnswer } from "../../approvals/approval-answers.ts";
import type { ApprovalsView } from "../read/waiting/approvals.ts";
import { type Frame, Page } from "../view/frame.tsx";
import { Merchant, To } from "../view/links.tsx";
import { Live, Table, When } from "../view/parts.tsx";
import { ReasonForm } from "../view/reason-form.tsx";

const kindTexts: Readonly<Record<ApprovalAnswer["kind"], string>> = {
  funding: "deposit to a card",
  payout: "payout",
  "withheld-payment": "payment of a withheld voucher",
};

const pageOf = { funding: "cards", payout: "merchants", "withheld-payment": "vouchers" } as const;

/** What waits for a second person above the sum that needs one, and what became of what waited. */
export function ApprovalsPage({
  frame,
  view: { approvals, names, owed, above, aboveADay },
  mayDecide,
}: {
  readonly frame: Frame;
  readonly view: ApprovalsView;
  readonly mayDecide: boolean;
}): JSX.Element {
  const waiting = approvals.filter(({ state }) => state === "waiting");
  const decided = approvals.filter(({ state }) => state !== "waiting");
  return (
    <Page frame={frame} title="Approvals" place="/console/approvals">
      <h1>Approvals</h1>
      <p class={above === null && aboveADay === null ? "warn" : "soft"}>{ruleText({ above, aboveADay }, frame)}</p>
      <Live id="waiting">
        {waiting.length === 0 ? <p class="soft">Nothing waits for a second person.</p> : null}
        {waiting.map((each) => (
          <Waiting key={each.id} frame={frame} asked={each} {...{ names, owed, mayDecide }} />
        ))}
      </Live>
      <h2>Decided</h2>
      <Live id="decided">
        <Table
          name="Decided"
          columns={[
            ...["When", "What", { head: "Sum", amount: true }, "About", "Asked by", "Asked because"],
            ...["Became", "By", "Why"],
          ]}
          rows={decided.map(({ kind, amount, subject, askedBy, reason, endsAt, state, decidedBy, ...rest }) => [
            <When key="at" at={rest.decidedAt ?? endsAt} now={frame.now} />,
            kindTexts[kind],
            amount,
            <About key="about" kind={kind} subject={subject} names={names} />,
            ...[askedBy, reason, state, decidedBy ?? "–", rest.decidedReason ?? "–"],
          ])}
          none="Nothing was decided yet."
        />
      </Live>
    </Page>
  );
}

/** From which sum on a second person is asked. */
function ruleText({ above, aboveADay }: Pick<ApprovalsView, "above" | "aboveADay">, { asset }: Frame): string {
  const sums = [
    ...(above === null ? [] : [`above ${above} ${asset}`]),
    ...(aboveADay === null ? [] : [`of one person above ${aboveADay} ${asset} a day`]),
  ];
  if (sums.length === 0) return "No sum is configured (approvals.above): one person alone moves any sum.";
  return `Deposits, payouts and payments of withheld vouchers ${sums.join(", and ")} are made when a second person says so.`;
}

/** What it is about; a payee by its name, where it has one. */
function About({
  kind,
  subject,
  names,
}: Pick<ApprovalAnswer, "kind" | "subject"> & Pick<ApprovalsView, "names">): JSX.Element {
  const name = names.get(subject) ?? null;
  return kind === "payout" && name !== null ? (
    <Merchant payee={subject} name={name} />
  ) : (
    <To to={pageOf[kind]} value={subject} />
  );
}

function Waiting({
  frame,
  asked: { id, kind, amount, subject, askedBy, reason, askedAt, endsAt },
  names,
  owed,
  mayDecide,
}: Pick<ApprovalsView, "names" | "owed"> & {
  readonly frame: Frame;
  readonly asked: ApprovalAnswer;
  readonly mayDecide: boolean;
}): JSX.Element {
  const isOwn = frame.actor?.name === askedBy;
  const now = kind === "payout" ? (owed.get(subject) ?? null) : amount;
  return (
    <article>
      <h2>
        {now ?? amount} {frame.asset}: {kindTexts[kind]}
      </h2>
      <p>
        <About kind={kind} subject={subject} names={names} /> · asked by {askedBy} <When at={askedAt} now={frame.now} />{" "}
        · until <When at={endsAt} now={frame.now} />
      </p>
      <p>{reason}</p>
      {now === amount ? null : (
        <p class="warn">
          {now === null
            ? `What is owed now could not be read; ${amount} ${frame.asset} is what was asked for.`
            : `${amount} ${frame.asset} was asked for. ${now} ${frame.asset} is owed now, and is what would be paid.`}
        </p>
      )}
      {isOwn ? <p class="soft">You asked for it yourself; another person decides.</p> : null}
      {isOwn || !mayDecide ? null : (
        <>
          <ReasonForm frame={frame} action={`/console/approvals/${id}/approval`} label="Approve">
            <input type="hidden" name="amount" value={now ?? amount} />
          </ReasonForm>
          <ReasonForm frame={frame} action={`/console/approvals/${id}/refusal`} label="Refuse" />
        </>
      )}
    </article>
  );
}
