import type { JSX } from "preact";
import type { SilenceView, TerminalView } from "../../read/merchants.ts";
import { type Frame, Page } from "../../view/frame.tsx";
import { Merchant } from "../../view/links.tsx";
import { counted, Hash, Live, Table, When } from "../../view/parts.tsx";

/** Every terminal with its merchant; silent ones first, in sentences. */
export function MerchantsPage({
  frame,
  silent,
  terminals,
  next,
}: {
  readonly frame: Frame;
  /** Of all merchants, not of this page. */
  readonly silent: SilenceView;
  readonly terminals: readonly TerminalView[];
  readonly next: string | null;
}): JSX.Element {
  return (
    <Page frame={frame} title="Merchants" place="/console/merchants">
      <h1>Merchants and terminals</h1>
      <Live id="silent">
        <Silent silent={silent} />
      </Live>
      <Live id="terminals">
        <Table
          name="Terminals"
          columns={[
            "Merchant",
            "Terminal",
            "Last heard",
            "Certificate",
            "Valid to",
            { head: "A payment", amount: true },
            "Unsent at most",
          ]}
          rows={terminals.map((each) => [
            <Merchant key="m" payee={each.payee} name={each.merchant} />,
            <a key="t" href={`/console/merchants/${each.payee}#t-${each.terminalId}`}>
              {each.name === null ? <Hash value={each.terminalId} /> : <bdi>{each.name}</bdi>}
            </a>,
            <When key="h" at={each.heardAt} now={frame.now} />,
            <span key="s" class={each.state === "valid" ? "" : "warn"}>
              {each.state}
            </span>,
            <span key="v" class="at">
              {each.state === "withdrawn" ? "–" : each.validTo.slice(0, "2026-11-21".length)}
            </span>,
            each.perTap,
            each.unsent,
          ])}
          none="No terminal is certified yet."
        />
      </Live>
      {next === null ? null : (
        <p>
          <a href={`/console/merchants?after=${next}`}>More terminals</a>
        </p>
      )}
    </Page>
  );
}

/** What silent terminals may hold. */
function Silent({ silent: { count, terminals } }: { readonly silent: SilenceView }): JSX.Element {
  if (count === 0) return <p class="good">Every terminal that sells was heard of in the last hours.</p>;
  const others = count - terminals.length;
  return (
    <>
      <p class="warn">{counted(count, "silent terminal")}</p>
      <ul>
        {terminals.map(({ payee, terminalId, merchant, silence }) => (
          <li key={payee + terminalId} class="warn">
            <a href={`/console/merchants/${payee}#t-${terminalId}`}>
              {merchant === null ? "" : `${merchant}, `}
              {silence}
            </a>
          </li>
        ))}
        {others === 0 ? null : (
          <li>
            {others} more, silent for less long: <code>GET /v1/merchants?silent=true</code> lists all
          </li>
        )}
      </ul>
    </>
  );
}
