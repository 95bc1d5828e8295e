import type { JSX } from "preact";
import type { Frame } from "./frame.tsx";
import { Hash } from "./parts.tsx";

/** What a value names, where the console has a page of it. */
type Named = "vouchers" | "cards" | "merchants" | "batches" | "transactions" | "cases";

/** A value that leads to its page. */
export function To({ to, value }: { readonly to: Named; readonly value: string | null }): JSX.Element {
  return value === null ? <span class="soft">–</span> : <Hash value={value} href={`/console/${to}/${value}`} />;
}

/** A merchant by its name, where it has one. */
export function Merchant({ payee, name }: { readonly payee: string; readonly name: string | null }): JSX.Element {
  return name === null ? (
    <To to="merchants" value={payee} />
  ) : (
    <a href={`/console/merchants/${payee}`}>
      <bdi>{name}</bdi>
    </a>
  );
}

/** Where the public sees a transaction or an address, if somebody configured an explorer. */
export function Explorer({
  frame: { explorer },
  kind,
  value,
}: {
  readonly frame: Frame;
  readonly kind: "tx" | "address";
  readonly value: string | null;
}): JSX.Element | null {
  if (explorer === null || value === null) return null;
  return (
    <a href={`${explorer}/${kind}/${value}`} rel="noreferrer">
      in the explorer
    </a>
  );
}
