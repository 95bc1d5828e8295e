import type { JSX } from "preact";
import { dayOf } from "../../periods/period.ts";
import { STATEMENT_FORMATS } from "../../statements/statement-formats.ts";

const FORMATS = Object.keys(STATEMENT_FORMATS).toReversed();

/** Statements of a payee as files: this month's and the last one's by links, those of any other days by a form. */
export function StatementChoice({ path, now }: { readonly path: string; readonly now: number }): JSX.Element {
  const { year, month } = { year: new Date(now).getUTCFullYear(), month: new Date(now).getUTCMonth() };
  const first = Date.UTC(year, month);
  return (
    <>
      <Months path={path} name="This month" from={dayOf(first)} to={dayOf(now)} />
      <Months
        path={path}
        name="Last month"
        from={dayOf(Date.UTC(year, month - 1))}
        to={dayOf(Date.UTC(year, month, 0))}
      />
      <form class="act" method="get" action={path} aria-label="Statement of other days">
        <label>
          From this day (UTC)
          <input type="date" name="from" required value={dayOf(first)} />
        </label>
        <label>
          To this day
          <input type="date" name="to" required value={dayOf(now)} />
        </label>
        <label>
          As
          <select name="format">
            {FORMATS.map((format) => (
              <option key={format} value={format}>
                {format.toUpperCase()}
              </option>
            ))}
          </select>
        </label>
        <button type="submit">Download</button>
      </form>
      <CheckCommand
        what="Judge one as JSON by the issuer's key that you hold yourself, and by the root that the chain shows"
        command="verify statement FILE.json --issuer-key HEX --root HEX"
      />
    </>
  );
}

interface Days {
  readonly path: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

function Months({ path, name, from, to }: Days): JSX.Element {
  return (
    <p>
      {name}, {from} to {to}:
      {FORMATS.map((format) => (
        <>
          {" "}
          <a
            href={`${path}?from=${from}&to=${to}&format=${format}`}
            aria-label={`${format.toUpperCase()}, ${from} to ${to}`}
          >
            {format.toUpperCase()}
          </a>
        </>
      ))}
    </p>
  );
}

/** The command that judges a file of this page without the service that gave it. */
export function CheckCommand({ what, command }: { readonly what: string; readonly command: string }): JSX.Element {
  return (
    <p class="soft">
      {what}, without this service and a network: <code class="whole">tallystick-settlement {command}</code>
    </p>
  );
}
