import type { JSX } from "preact";
import type { HitGroup } from "../read/search.ts";
import { type Frame, Page } from "../view/frame.tsx";
import { Hash, When } from "../view/parts.tsx";

/** What a search found, by kind. */
export function SearchPage({
  frame,
  query,
  groups,
}: {
  readonly frame: Frame;
  readonly query: string;
  readonly groups: readonly HitGroup[];
}): JSX.Element {
  return (
    <Page frame={frame} title="Search" place={null} query={query}>
      <h1>{query === "" ? "Search" : `Search for “${query}”`}</h1>
      {groups.length === 0 ? (
        <p>
          {query === ""
            ? "Type an id, a hash, an address, the first digits of one, a reference, a key or a name."
            : "Nothing has this id, hash, address, reference, key or name, or begins with it."}
        </p>
      ) : null}
      {groups.map(({ kind, hits, more }) => (
        <section key={kind} aria-label={kind}>
          <h2>{kind}</h2>
          <ul>
            {hits.map(({ title, detail, href, at }) => (
              <li key={href + title}>
                {title.length > "0x".length + "01234567".length * 2 ? (
                  <Hash value={title} href={href} />
                ) : (
                  <a href={href}>{title}</a>
                )}{" "}
                <span class="soft">
                  {detail}
                  {at === undefined ? null : (
                    <>
                      , <When at={at} now={frame.now} />
                    </>
                  )}
                </span>
              </li>
            ))}
          </ul>
          {hits.length === 0 ? <p class="soft">None of the first that begin like this ends like it.</p> : null}
          {more ? <p class="soft">There are more; type more of it.</p> : null}
        </section>
      ))}
    </Page>
  );
}
