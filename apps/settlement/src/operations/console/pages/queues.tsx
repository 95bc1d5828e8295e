import type { JSX } from "preact";
import { FAILED_KINDS, type FailedKind } from "../../../chain/refused/failed-kinds.ts";
import { kindName } from "../../../chain/refused/failed-words.ts";
import { mayDo, type Role } from "../../../foundation/rights.ts";
import type { FailedAction, FailureGroup, WorkView } from "../read/work.ts";
import { type Frame, Page } from "../view/frame.tsx";
import { Hash, Live, Table, When } from "../view/parts.tsx";
import { ReasonForm } from "../view/reason-form.tsx";

/** What waits, how long, and what failed; there is no way to empty a queue. */
export function QueuesPage({
  frame,
  work,
  role,
}: {
  readonly frame: Frame;
  readonly work: WorkView;
  readonly role: Role;
}): JSX.Element {
  return (
    <Page frame={frame} title="Queues" place="/console/queues">
      <h1>Queues</h1>
      <Live id="queues">
        <Table
          name="Queues"
          columns={["Queue", { head: "Depth", amount: true }, { head: "Amount", amount: true }, "Oldest"]}
          rows={work.queues.map(({ name, depth, amount, oldest }) => [
            name,
            String(depth),
            amount ?? "–",
            <When key="at" at={oldest} now={frame.now} />,
          ])}
          none="Nothing waits."
        />
        <Calls calls={work.calls} />
      </Live>
      <h2>Failures by reason</h2>
      <Live id="failures">
        {work.failures.length === 0 ? <p class="good">No chain action is held up.</p> : null}
        {work.failures.map((group) => (
          <Failures key={group.reason} frame={frame} group={group} role={role} />
        ))}
      </Live>
    </Page>
  );
}

function Calls({ calls }: { readonly calls: WorkView["calls"] }): JSX.Element {
  if (calls === null)
    return <p class="bad">Redis does not answer; PostgreSQL keeps all work, and it goes on when it does.</p>;
  return (
    <Table
      name="Wake-up calls"
      columns={[
        "Workers",
        { head: "Waiting", amount: true },
        { head: "At work", amount: true },
        { head: "Failed", amount: true },
      ]}
      rows={Object.entries(calls).map(([topic, counts]) => [
        topic,
        String(counts["waiting"] ?? counts["wait"] ?? 0),
        String(counts["active"] ?? 0),
        String(counts["failed"] ?? 0),
      ])}
      none="There are no workers."
    />
  );
}

function Failures({
  frame,
  group: { reason, count, setAside, actions },
  role,
}: {
  readonly frame: Frame;
  readonly group: FailureGroup;
  readonly role: Role;
}): JSX.Element {
  return (
    <section aria-label={reason}>
      <h3>
        {reason}{" "}
        <span class="soft">
          ({count}
          {setAside === 0 ? "" : `, ${setAside} of them set aside`})
        </span>
      </h3>
      {actions.map((action) => (
        <Failed key={action.id} frame={frame} action={action} role={role} />
      ))}
      {count === actions.length ? null : <p class="soft">{count - actions.length} more, older or set aside.</p>}
    </section>
  );
}

function Failed({
  frame,
  action: { id, kind, over, state, failure, cause, since, retryAt, abandoned },
  role,
}: {
  readonly frame: Frame;
  readonly action: FailedAction;
  readonly role: Role;
}): JSX.Element {
  const told = abandoned
    ? "given up"
    : retryAt === null && state !== "planned"
      ? state
      : `${state}, tried again by itself`;
  return (
    <details>
      <summary>
        {kindName(kind)}, {told}, since <When at={since} now={frame.now} />
      </summary>
      {cause === failure ? null : <p>{cause}</p>}
      {failure === null ? null : <p>{failure}</p>}
      <p>
        Action <Hash value={id} />{" "}
        {retryAt === null ? null : (
          <>
            next: <When at={retryAt} now={frame.now} />
          </>
        )}
      </p>
      <Decision frame={frame} id={id} kind={FAILED_KINDS[kind]} role={role} settled={{ over, abandoned }} />
    </details>
  );
}

/** What this person may do about it, or who else does what. */
function Decision({
  frame,
  id,
  kind: { who, next, retry, setAside },
  role,
  settled: { over, abandoned },
}: {
  readonly frame: Frame;
  readonly id: string;
  readonly kind: FailedKind;
  readonly role: Role;
  readonly settled: { readonly over: boolean; readonly abandoned: boolean };
}): JSX.Element {
  if (over) return <p class="soft">What it was for is done or decided otherwise: nothing is left to do.</p>;
  const mayRetry = retry !== null && mayDo(role, retry);
  const maySetAside = !abandoned && setAside !== null && mayDo(role, setAside);
  return (
    <>
      <p class="soft">
        {who} must {next}.
      </p>
      {mayRetry ? <ReasonForm frame={frame} action={`/console/queues/action/${id}/retry`} label="Try again" /> : null}
      {maySetAside ? (
        <ReasonForm frame={frame} action={`/console/queues/action/${id}/abandon`} label="Set aside" />
      ) : null}
    </>
  );
}
