import type { JSX } from "preact";
import type { RequestList } from "../../../../issuing/joining/joining-wire.ts";
import {
  ADDRESS_CHARACTERS,
  COUNT_CHARACTERS,
  DAYS_CHARACTERS,
  DIGITS_CHARACTERS,
  JOINING_DAYS,
} from "../../../../issuing/joining/limits.ts";
import { LONG_ROWS } from "../../limits.ts";
import { type Frame, Page } from "../../view/frame.tsx";
import { Facts, Hash, Live, Table, When } from "../../view/parts.tsx";
import { ReasonForm } from "../../view/reason-form.tsx";

type Request = RequestList["requests"][number];

/** The sums of a certificate, in the order in which they are typed. */
const SUMS = [
  ["perTap", "A payment at most"],
  ["unsentSum", "Unsent at most, in all"],
  ["perCardSum", "Unsent of one card at most"],
  ["softwareSum", "Of software cards at most (0 for none)"],
] as const;

/** Terminals that ask for their first certificate, to be approved by what is read at them, or refused. */
export function JoiningPage({
  frame,
  requests,
}: {
  readonly frame: Frame;
  readonly requests: readonly Request[];
}): JSX.Element {
  const waiting = requests.filter(({ state }) => state === "waiting");
  const decided = requests.filter(({ state }) => state !== "waiting");
  return (
    <Page frame={frame} title="Joining" place="/console/joining">
      <h1>Terminals that ask for a certificate</h1>
      <h2>Approve one</h2>
      <p>
        Have somebody at the terminal read you all 20 digits and the payee from its own screen, and type what you hear.
        This page shows no digits: a request that was swapped has others.
      </p>
      <ApprovalForm frame={frame} />
      <h2>Waiting</h2>
      <Live id="waiting">
        {waiting.length === 0 ? <p class="soft">No terminal asks.</p> : null}
        {waiting.slice(0, LONG_ROWS).map((each) => (
          <Waiting key={each.id} frame={frame} request={each} />
        ))}
        {waiting.length > LONG_ROWS ? (
          <p class="soft">
            The oldest {LONG_ROWS} of {waiting.length}.
          </p>
        ) : null}
      </Live>
      <h2>Decided</h2>
      <Live id="decided">
        <Table
          name="Decided"
          columns={["Payee", "Terminal", "Came", "Became", "By", "Why"]}
          rows={decided
            .slice(0, LONG_ROWS)
            .map(({ payee, terminalId, receivedAt, state, decidedBy, reason }) => [
              <Hash key="p" value={payee} />,
              <Hash key="t" value={terminalId} />,
              <When key="at" at={receivedAt} now={frame.now} />,
              state,
              decidedBy ?? "–",
              reason ?? "–",
            ])}
          none="Nothing was decided yet."
        />
      </Live>
    </Page>
  );
}

function ApprovalForm({ frame }: { readonly frame: Frame }): JSX.Element {
  return (
    <ReasonForm frame={frame} action="/console/joining/approval" label="Approve">
      <label>
        The 20 digits
        <input name="digits" required maxLength={DIGITS_CHARACTERS} autocomplete="off" spellcheck={false} />
      </label>
      <label>
        Payee, with its capitals (EIP-55)
        <input name="payee" required maxLength={ADDRESS_CHARACTERS} autocomplete="off" spellcheck={false} />
      </label>
      <label>
        Days, 1 to {JOINING_DAYS}
        <input name="days" required maxLength={DAYS_CHARACTERS} inputMode="numeric" autocomplete="off" />
      </label>
      {SUMS.map(([name, label]) => (
        <label key={name}>
          {label} ({frame.asset})
          <input name={name} required inputMode="decimal" autocomplete="off" />
        </label>
      ))}
      <label>
        Unsent vouchers at most
        <input name="unsentCount" required maxLength={COUNT_CHARACTERS} inputMode="numeric" autocomplete="off" />
      </label>
    </ReasonForm>
  );
}

function Waiting({
  frame,
  request: { id, payee, terminalId, category, receivedAt, knownPayee, knownTerminal },
}: {
  readonly frame: Frame;
  readonly request: Request;
}): JSX.Element {
  return (
    <article>
      <h3>
        Terminal <Hash value={terminalId} />
      </h3>
      <Facts
        facts={[
          ["Payee", <Hash key="p" value={payee} />],
          ["The payee is", knownPayee ? "known" : "new: it is sent one unit first"],
          ["The terminal is", knownTerminal ? "certified already: with another key it is refused" : "new"],
          ["Category", String(category)],
          ["Came", <When key="at" at={receivedAt} now={frame.now} />],
        ]}
      />
      <ReasonForm frame={frame} action={`/console/joining/${id}/refusal`} label="Refuse" />
    </article>
  );
}
