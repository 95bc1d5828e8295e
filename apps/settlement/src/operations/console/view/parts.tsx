import type { ComponentChildren, JSX } from "preact";
import { WIDE_COLUMNS } from "../limits.ts";
import { ageText } from "./ages.ts";

/** A long value that shows its beginning; all of it is copied, and stands in the title. */
export function Hash({ value, href }: { readonly value: string; readonly href?: string }): JSX.Element {
  const text = (
    <span class="hash" title={value}>
      {value}
    </span>
  );
  return href === undefined ? text : <a href={href}>{text}</a>;
}

/** A time as people read it; of the same zone on every page. */
export function timeText(at: string): string {
  return `${at.slice(0, "2026-11-21T09:00:00".length).replace("T", " ")} UTC`;
}

/** A time, and how long ago it is. */
export function When({ at, now }: { readonly at: string | null; readonly now: number }): JSX.Element {
  if (at === null) return <span class="soft">–</span>;
  return (
    <time dateTime={at} title={at}>
      <span class="at">{timeText(at)}</span> <small>({ageText(now - Date.parse(at))})</small>
    </time>
  );
}

/** A column: its head, and whether it holds amounts. */
export interface Column {
  readonly head: string;
  readonly amount?: boolean;
}

/** A table with heads; one card a row on a narrow screen; a sentence where there is nothing. */
export function Table({
  name,
  columns,
  rows,
  none,
}: {
  readonly name: string;
  readonly columns: readonly (string | Column)[];
  readonly rows: readonly (readonly ComponentChildren[])[];
  readonly none: string;
}): JSX.Element {
  if (rows.length === 0) return <p class="soft">{none}</p>;
  const heads = columns.map((column) => (typeof column === "string" ? { head: column } : column));
  return (
    <table class={heads.length > WIDE_COLUMNS ? "rows wide" : "rows"} aria-label={name}>
      <thead>
        <tr>
          {heads.map(({ head, amount }) => (
            <th key={head} scope="col" class={amount === true ? "n" : undefined}>
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <tr key={index}>
            {row.map((cell, at) => (
              <td key={at} data-label={heads[at]?.head} class={heads[at]?.amount === true ? "n" : undefined}>
                <span>{cell}</span>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Names with their values. */
export function Facts({ facts }: { readonly facts: readonly (readonly [string, ComponentChildren])[] }): JSX.Element {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </>
      ))}
    </dl>
  );
}

/** A part of a page that the script keeps up to date. */
export function Live({
  id,
  children,
  kind,
}: {
  readonly id: string;
  readonly children: ComponentChildren;
  readonly kind?: string;
}): JSX.Element {
  return (
    <section id={id} data-live class={kind}>
      {children}
    </section>
  );
}

/** The words of a list, joined as people do. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
