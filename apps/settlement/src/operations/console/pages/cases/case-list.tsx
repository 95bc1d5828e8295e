import type { JSX } from "preact";
import type { CaseView } from "../../../cases/case-answers.ts";
import { CASE_KINDS, caseTexts, type CaseKind } from "../../../cases/case-kinds.ts";
import { type Frame, Page } from "../../view/frame.tsx";
import { To } from "../../view/links.tsx";
import { Live, Table, When } from "../../view/parts.tsx";

/** Cases in a table, each with who has it. */
export function CaseTable({
  frame,
  cases,
  none,
}: {
  readonly frame: Frame;
  readonly cases: readonly CaseView[];
  readonly none: string;
}): JSX.Element {
  return (
    <Table
      name="Cases"
      columns={["Case", "State", { head: "Cost", amount: true }, "Owner", "Opened", "About"]}
      rows={cases.map((each) => [
        <a key="case" href={`/console/cases/${each.id}`}>
          {each.id}: {caseTexts[each.kind].title}
        </a>,
        <span key="state" class={each.state === "open" ? "warn" : ""}>
          {stateTexts[each.state]}
        </span>,
        each.cost ?? "–",
        each.owner ?? "nobody",
        <When key="at" at={each.openedAt} now={frame.now} />,
        <About key="about" about={each} />,
      ])}
      none={none}
    />
  );
}

export const stateTexts: Readonly<Record<CaseView["state"], string>> = {
  open: "open",
  over: "over; say why",
  resolved: "resolved",
};

function About({ about: { voucherId, card, payee } }: { readonly about: CaseView }): JSX.Element {
  if (voucherId !== null) return <To to="vouchers" value={voucherId} />;
  if (card !== null) return <To to="cards" value={card} />;
  return <To to="merchants" value={payee} />;
}

/** What is chosen of the list. */
export interface CaseChoice {
  readonly resolved: boolean;
  readonly kind: CaseKind | null;
}

/** All cases that are open, or that were resolved. */
export function CasesPage({
  frame,
  choice,
  cases,
  next,
}: {
  readonly frame: Frame;
  readonly choice: CaseChoice;
  readonly cases: readonly CaseView[];
  readonly next: string | null;
}): JSX.Element {
  const { resolved, kind } = choice;
  const query = (change: Partial<CaseChoice> & { readonly before?: string }): string => {
    const wanted = { ...choice, ...change };
    const parts = [
      ...(wanted.resolved ? ["state=resolved"] : []),
      ...(wanted.kind === null ? [] : [`kind=${wanted.kind}`]),
      ...(change.before === undefined ? [] : [`before=${change.before}`]),
    ];
    return parts.length === 0 ? "/console/cases" : `/console/cases?${parts.join("&")}`;
  };
  return (
    <Page frame={frame} title="Cases" place="/console/cases">
      <h1>{resolved ? "Resolved cases" : "Open cases"}</h1>
      <p>
        <a href={query({ resolved: !resolved })}>{resolved ? "Show open ones" : "Show resolved ones"}</a>
      </p>
      <nav aria-label="Kinds of cases">
        <ul>
          {[null, ...CASE_KINDS].map((each) => (
            <li key={each}>
              <a href={query({ kind: each })} aria-current={each === kind ? "true" : undefined}>
                {each === null ? "All kinds" : caseTexts[each].title}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <Live id="cases">
        <CaseTable frame={frame} cases={cases} none={resolved ? "No case was resolved yet." : "No case is open."} />
      </Live>
      {next === null ? null : (
        <p>
          <a href={query({ before: next })}>Older ones</a>
        </p>
      )}
    </Page>
  );
}
