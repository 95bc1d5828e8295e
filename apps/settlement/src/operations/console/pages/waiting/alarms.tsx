import type { JSX } from "preact";
import { LIMITS } from "../../../../foundation/limits/limits.ts";
import type { AlarmsView, OpenAlarm, ToldBy } from "../../read/waiting/alarms.ts";
import { type Frame, Page } from "../../view/frame.tsx";
import { Live, Table, When } from "../../view/parts.tsx";
import { ActForm } from "../../view/reason-form.tsx";

/** Alarms: the open ones with whom they reached, to be acknowledged, and the newest that are over. */
export function AlarmsPage({
  frame,
  alarms: { ways, open, ended },
  mayAcknowledge,
}: {
  readonly frame: Frame;
  readonly alarms: AlarmsView;
  readonly mayAcknowledge: boolean;
}): JSX.Element {
  const text = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
  return (
    <Page frame={frame} title="Alarms" place="/console/alarms">
      <h1>Alarms</h1>
      <p class={ways ? "soft" : "warn"}>
        {ways
          ? "An open alarm is told again until somebody acknowledges it, and once more when it is over."
          : "No way is configured (alarms.ways): nobody is told of anything, and no alarm is kept."}
      </p>
      <Live id="open">
        {open.length === 0 ? <p class="soft">No alarm is open.</p> : null}
        {open.map((alarm) => (
          <Open key={alarm.id} frame={frame} alarm={alarm} mayAcknowledge={mayAcknowledge} />
        ))}
      </Live>
      <h2>Over</h2>
      <Live id="ended">
        <Table
          name="Over"
          columns={["Alarm", "Since", "Over", "Acknowledged by", "What it said"]}
          rows={ended.map(({ code, since, endedAt, acknowledgedBy, message }) => [
            code,
            <When key="since" at={text(since)} now={frame.now} />,
            <When key="ended" at={text(endedAt)} now={frame.now} />,
            acknowledgedBy ?? "nobody",
            message,
          ])}
          none="No alarm has ended yet."
        />
      </Live>
    </Page>
  );
}

function Open({
  frame,
  alarm: { id, code, level, message, next, since, acknowledgedAt, acknowledgedBy, told },
  mayAcknowledge,
}: {
  readonly frame: Frame;
  readonly alarm: OpenAlarm;
  readonly mayAcknowledge: boolean;
}): JSX.Element {
  return (
    <article id={`a-${id}`}>
      <h2>
        <span class={level === "reason" ? "bad" : "warn"}>{code}</span>
      </h2>
      <p>
        Since <When at={new Date(since).toISOString()} now={frame.now} />: {message} {next}
      </p>
      <p>
        {acknowledgedAt === null || acknowledgedBy === null ? (
          "Nobody has acknowledged it."
        ) : (
          <>
            Acknowledged by {acknowledgedBy} <When at={new Date(acknowledgedAt).toISOString()} now={frame.now} />
          </>
        )}
      </p>
      <Table
        name={`Who was told of ${code}`}
        columns={["Way", "Told last", "What comes"]}
        rows={told.map((each) => [
          each.way,
          <When key="told" at={each.toldAt} now={frame.now} />,
          comesOf(each, frame),
        ])}
        none="No way tells this."
      />
      {mayAcknowledge && acknowledgedAt === null ? (
        <ActForm frame={frame} action={`/console/alarms/${id}/acknowledgement`} label={`Acknowledge ${code}`}>
          <label>
            Why, if you like
            <input name="reason" maxLength={LIMITS.reasonCharacters} autocomplete="off" />
          </label>
        </ActForm>
      ) : null}
    </article>
  );
}

function comesOf({ from, fault, toldAt }: ToldBy, { now }: Frame): JSX.Element | string {
  if (fault !== null) return <span class="bad">It is tried again: {fault}</span>;
  if (from === null) return toldAt === null ? "it is being told" : "nothing before it is over";
  return (
    <>
      {toldAt === null ? "told next" : "told again"}, unless somebody acknowledges it: <When at={from} now={now} />
    </>
  );
}
