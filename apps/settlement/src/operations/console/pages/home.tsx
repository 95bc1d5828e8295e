import type { JSX } from "preact";
import type { Overview } from "../read/overview.ts";
import type { MoneySums } from "../read/money-texts.ts";
import { LIMITS } from "../../../foundation/limits/limits.ts";
import { BarChart, type Chart } from "../view/bar-chart.tsx";
import { type Frame, Page } from "../view/frame.tsx";
import { counted, Live, When } from "../view/parts.tsx";

/** The first screen: one sentence, what keeps everything going, and four pictures. */
export function HomePage({
  frame,
  overview,
  charts,
}: {
  readonly frame: Frame;
  readonly overview: Overview;
  readonly charts: readonly Chart[] | null;
}): JSX.Element {
  return (
    <Page frame={frame} title="Now" place="/console">
      <h1>Now</h1>
      <Live id="situation">
        <Now overview={overview} />
      </Live>
      <Live id="alarms">
        <OpenAlarms overview={overview} now={frame.now} />
      </Live>
      <Live id="tiles">
        <Tiles overview={overview} frame={frame} />
      </Live>
      <h2>Pictures</h2>
      <Live id="charts" kind="charts">
        {charts === null ? (
          <p class="soft">The pictures are being counted.</p>
        ) : (
          charts.map((chart) => <BarChart key={chart.title} {...chart} />)
        )}
      </Live>
    </Page>
  );
}

function Now({ overview: { situation, ageSeconds } }: { readonly overview: Overview }): JSX.Element {
  const { tone, sentence, code, href, also } = situation;
  const isOld = ageSeconds !== null && ageSeconds >= LIMITS.pageOldSeconds;
  return (
    <div class={`now ${tone}`}>
      <p class="say">{href === null ? sentence : <a href={href}>{sentence}</a>}</p>
      {code === null ? null : <p class="soft">{code}</p>}
      {isOld ? <p class="bad">What follows is {ageSeconds} s old.</p> : null}
      {also.length === 0 ? null : (
        <ul>
          {also.map(({ text, href: there }) => (
            <li key={text}>{there === null ? text : <a href={there}>{text}</a>}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Open alarms, those first that nobody has acknowledged; nothing where there are none. */
function OpenAlarms({
  overview: { alarms },
  now,
}: {
  readonly overview: Overview;
  readonly now: number;
}): JSX.Element | null {
  if (alarms.count === 0) return null;
  return (
    <>
      <h2>
        <a href="/console/alarms">{counted(alarms.count, "open alarm")}</a>
      </h2>
      <ul>
        {alarms.newest.map(({ code, level, since, told, acknowledgedBy, isOver }) => (
          <li key={code}>
            <b class={level === "reason" ? "bad" : "warn"}>{code}</b> <When at={since.toISOString()} now={now} />,{" "}
            {told.length === 0 ? "told to nobody yet" : `told by ${told.join(", ")}`};{" "}
            {acknowledgedBy === null ? "nobody has acknowledged it" : `acknowledged by ${acknowledgedBy}`}
            {isOver ? "; what it tells of is over, and its end is told soon" : ""}
          </li>
        ))}
      </ul>
    </>
  );
}

function Tiles({ overview, frame }: { readonly overview: Overview; readonly frame: Frame }): JSX.Element {
  const { fuel, fuelOf, guarantee, hasGuarantee, money, next, cases } = overview;
  return (
    <ul class="tiles">
      <li>
        <strong>{fuel === null ? "unknown" : fuelText(fuel.batches)}</strong>
        <small>
          in {fuelOf}
          {fuel === null ? ", while the chain does not answer" : ""}
        </small>
      </li>
      <li>
        <strong>{money.sums === null ? "unknown" : `${money.sums.chain["wallets"] ?? ""} ${frame.asset}`}</strong>
        <small>in the treasury, for deposits</small>
      </li>
      <li>
        <strong>{guarantee?.tokens ?? (hasGuarantee ? "unknown" : "none")}</strong>
        <small>in the guarantee's account</small>
      </li>
      <Solvency sums={money.sums} fault={money.fault} />
      <li>
        <strong>{next === null ? "empty" : `${counted(next.vouchers, "voucher")}, ${next.amount}`}</strong>
        <small>
          {next === null
            ? "the next batch: nothing waits for one"
            : `the next batch, due ${next.latest.slice("2026-11-21T".length, "2026-11-21T09:00:00".length)} UTC`}
        </small>
      </li>
      <li>
        <strong>
          <a href="/console/cases">{counted(cases, "open case")}</a>
        </strong>
        <small>for a person to look into</small>
      </li>
    </ul>
  );
}

/** A million stands for more. */
function fuelText(batches: number): string {
  return batches >= LIMITS.fuelMostBatches
    ? "Gas for a million batches"
    : `Gas for ${counted(batches, "batch", "batches")}`;
}

function Solvency({ sums, fault }: { readonly sums: MoneySums | null; readonly fault: string | null }): JSX.Element {
  if (sums === null)
    return (
      <li>
        <strong>unknown</strong>
        <small>{fault}</small>
      </li>
    );
  const { insolvent, surplus, held, owes } = sums.vault;
  const agree = sums.difference === "0";
  return (
    <li>
      <strong class={insolvent || !agree ? "bad" : "good"}>
        {insolvent ? `INSOLVENT by ${surplus}` : agree ? "Solvent, no difference" : `Differs by ${sums.difference}`}
      </strong>
      <small>
        <a href="/console/books">
          the vault holds {held} and owes {owes}
        </a>
      </small>
    </li>
  );
}
