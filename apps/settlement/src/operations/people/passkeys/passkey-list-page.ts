import { FORM_FIELD } from "../../../foundation/http/own-pages.ts";
import { html, type Html } from "../../console/html.ts";
import { plainPage } from "../plain-page.ts";
import { WAY_IN_STYLE } from "../sign-in-pages.ts";
import type { PasskeyView } from "./own-passkeys.ts";

const STYLE = `${WAY_IN_STYLE}ul{list-style:none;padding:0}li{border-top:1px solid;padding:.75rem 0}li p{margin:0 0 .5rem}`;

/** A person's passkeys, each with a form that removes it. */
export function passkeyListPage(given: {
  readonly name: string;
  readonly formToken: string;
  readonly home: string;
  readonly passkeys: readonly PasskeyView[];
}): string {
  const { name, formToken, home, passkeys } = given;
  return plainPage({
    ...{ title: "Passkeys", style: STYLE },
    content: html`<h1>Passkeys</h1>
      <p>You are signed in as <b>${name}</b>.</p>
      ${
        passkeys.length === 0
          ? html`<p>You have none: you come in by a link.</p>`
          : html`<ul>
                ${passkeys.map((passkey) => item(passkey, formToken))}
              </ul>
              <p>Whoever has a device that you lost comes in by it until its passkey is removed. You remove one within ten minutes of signing in, and that ends your other sessions too.</p>`
      }
      <p><a href="/sign-in/passkey/new">Add a passkey</a> · <a href="${home}">Back</a> · <a href="/sign-out">Sign out</a></p>`,
  });
}

/** What somebody sees there who comes by the identity provider. */
export function noPasskeysPage({ name, home }: { readonly name: string; readonly home: string }): string {
  return plainPage({
    ...{ title: "Passkeys", style: STYLE },
    content: html`<h1>Passkeys</h1>
      <p>You are signed in as <b>${name}</b>, by your organisation, and come in by it alone: passkeys of this service are for those whom it invites.</p>
      <p><a href="${home}">Back</a> · <a href="/sign-out">Sign out</a></p>`,
  });
}

function item({ id, name, madeAt, usedAt }: PasskeyView, formToken: string): Html {
  const called = name ?? "Without a name";
  return html`<li>
    <p>
      <b>${called}</b><br />added ${minuteOf(madeAt)}${
        usedAt === null ? ", never used to sign in" : html`, last used ${minuteOf(usedAt)}`
      }
    </p>
    <form method="post" action="/sign-in/passkeys/removal">
      <input type="hidden" name="${FORM_FIELD}" value="${formToken}" /><input type="hidden" name="id" value="${id}" />
      <button aria-label="Remove ${called}">Remove</button>
    </form>
  </li>`;
}

function minuteOf(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
