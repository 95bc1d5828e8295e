import type { JSX } from "preact";
import type { TerminalView } from "../read/merchants.ts";
import { type Frame, Page } from "../view/frame.tsx";
import { Merchant } from "../view/links.tsx";
import { Hash, Live, Table, When } from "../view/parts.tsx";

/** Every terminal with its merchant; silent ones first, in sentences. */
export function MerchantsPage({
  frame,
  terminals,
  next,
}: {
  readonly frame: Frame;
  readonly terminals: readonly TerminalView[];
  readonly next: string | null;
}): JSX.Element {
  return (
    <Page frame={frame} title="Merchants" place="/console/merchants">
      <h1>Merchants and terminals</h1>
      <Live id="silent">
        <Silent terminals={terminals} />
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
              {each.name ?? <Hash value={each.terminalId} />}
            </a>,
            <When key="h" at={each.heardAt} now={frame.now} />,
            <span key="s" class={each.state === "valid" ? "" : "warn"}>
              {each.state}
            </span>,
            <span key="v" class="at">
              {each.validTo.slice(0, "2026-11-21".length)}
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
export function Silent({ terminals }: { readonly terminals: readonly TerminalView[] }): JSX.Element {
  const silent = terminals.filter(({ silence }) => silence !== null);
  if (silent.length === 0) return <p class="good">Every terminal that sells was heard of in the last hours.</p>;
  return (
    <ul>
      {silent.map(({ payee, terminalId, merchant, silence }) => (
        <li key={payee + terminalId} class="warn">
          <a href={`/console/merchants/${payee}#t-${terminalId}`}>
            {merchant === null ? "" : `${merchant}, `}
            {silence}
          </a>
        </li>
      ))}
    </ul>
  );
}
