import type { ComponentChildren, JSX } from "preact";
import { renderToString } from "preact-render-to-string";
import { mayDo, type Right, type Role } from "../../../foundation/rights.ts";
import { timeText } from "./parts.tsx";
import { scriptAsset, styleAsset } from "./assets.ts";

/** What every page knows of the installation and of who looks at it. */
export interface Frame {
  readonly asset: string;
  readonly vault: string;
  readonly chainId: string;
  /** Milliseconds. */
  readonly now: number;
  /** Who is signed in; null where the page stands by itself, as in a test. */
  readonly actor: { readonly name: string | null; readonly role: Role } | null;
  /** What a form has to show, so that no other page sends it; null where forms cannot be sent. */
  readonly formToken: string | null;
  /** Whether who looks signs in by passkeys of this service; an identity provider's people do not. */
  readonly hasPasskeys: boolean;
  /** Where transactions and addresses are shown to the public; null where nobody named it. */
  readonly explorer: string | null;
  /** The public keys that the issuer signs with and signed with, as `verify` takes them. */
  readonly issuerKeys: readonly string[];
}

const PLACES = [
  ["/console", "Now"],
  ["/console/alarms", "Alarms"],
  ["/console/cases", "Cases"],
  ["/console/merchants", "Merchants"],
  ["/console/cards", "Cards"],
  ["/console/orders", "Orders"],
  ["/console/float", "Float"],
  ["/console/queues", "Queues"],
  ["/console/batches", "Batches"],
  ["/console/returns", "Returns"],
  ["/console/approvals", "Approvals"],
  ["/console/joining", "Joining"],
  ["/console/books", "Books"],
] as const;

/** Places that need more than reading: nobody is led where a refusal waits. */
const RIGHTS: Readonly<Record<string, Right>> = { "/console/joining": "certificates" };

function placesOf(actor: Frame["actor"]): readonly (typeof PLACES)[number][] {
  return PLACES.filter(([href]) => actor === null || mayDo(actor.role, RIGHTS[href] ?? "read"));
}

export interface PageProps {
  readonly frame: Frame;
  readonly title: string;
  /** The place of the navigation that it belongs to. */
  readonly place: (typeof PLACES)[number][0] | null;
  /** What was searched for. */
  readonly query?: string;
  readonly children: ComponentChildren;
}

/** The head of every document. */
export function Head({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>{`${title} · Tallystick settlement`}</title>
      <link rel="stylesheet" href={styleAsset.path} />
      {children}
    </head>
  );
}

/** A whole page around its contents. */
export function Page({ frame, title, place, query = "", children }: PageProps): JSX.Element {
  return (
    <html lang="en">
      <Head title={title}>
        <script src={scriptAsset.path} defer />
      </Head>
      <body>
        <a class="skip" href="#main">
          To the contents
        </a>
        <header>
          <a class="brand" href="/console">
            Tallystick settlement
          </a>
          <nav aria-label="Console">
            <ul>
              {placesOf(frame.actor).map(([href, name]) => (
                <li key={href}>
                  <a href={href} aria-current={href === place ? "page" : undefined}>
                    {name}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
          <form class="search" action="/console/search" method="get" role="search">
            <input
              id="q"
              name="q"
              type="search"
              value={query}
              aria-label="Search"
              autocomplete="off"
              spellcheck={false}
              placeholder="id, address or name"
            />
            <button type="submit">Search</button>
          </form>
        </header>
        <main id="main">
          <p id="away" class="now bad" role="alert" hidden />
          {children}
        </main>
        <Foot frame={frame} />
      </body>
    </html>
  );
}

/** What stands below every page: whose installation it is, when it was read, and who looks. */
export function Foot({
  frame: { asset, vault, chainId, now, actor, formToken, hasPasskeys },
}: {
  readonly frame: Frame;
}): JSX.Element {
  return (
    <footer>
      <p>
        {asset} in vault <code>{vault}</code> on chain {chainId} ·{" "}
        <span id="read-at" data-live>
          {timeText(new Date(now).toISOString())}
        </span>{" "}
        ·{" "}
        <span id="live" role="status">
          Load the page again to see what changed.
        </span>
      </p>
      {actor === null ? null : (
        <p>
          {actor.name ?? "A token without a name"}, {actor.role}
          {formToken === null ? null : (
            <>
              {" "}
              ·{" "}
              {hasPasskeys ? (
                <>
                  <a href="/sign-in/passkeys">Passkeys</a> ·{" "}
                </>
              ) : null}
              <a href="/sign-out">Sign out</a>
            </>
          )}
        </p>
      )}
    </footer>
  );
}

/** The page as the document that is sent. */
export function documentOf(page: JSX.Element): string {
  return `<!doctype html>\n${renderToString(page)}\n`;
}
