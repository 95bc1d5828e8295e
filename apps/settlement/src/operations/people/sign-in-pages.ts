import { FORM_FIELD } from "../../foundation/http/own-pages.ts";
import { PASSKEY_NAME_CHARACTERS } from "../../foundation/people/limits.ts";
import { html, type Html } from "../console/html.ts";
import { plainPage } from "./plain-page.ts";

/** How pages of the way in look. */
export const WAY_IN_STYLE = `body{font:1rem/1.5 system-ui,sans-serif;max-width:28rem;margin:10vh auto;padding:0 1rem}
button,input{font:inherit;padding:.6rem 1.2rem;max-width:100%;box-sizing:border-box}a,button,input{min-height:2.75rem}`;

/** A page of the way in, without anything of the service on it. */
function page(title: string, content: Html): string {
  return plainPage({
    ...{ title, style: WAY_IN_STYLE, scripts: ["/sign-in/passkey/library.js", "/sign-in/passkey/script.js"] },
    content: html`<h1>${title}</h1>
      ${content}
      <p data-said role="status"></p>`,
  });
}

/** What somebody sees who is not signed in. */
export function signInPage(hasProvider = false): string {
  return page(
    "Sign in",
    html`<p><button data-passkey="sign-in" hidden>Sign in with a passkey</button></p>
      ${hasProvider ? html`<p><a href="/sign-in/provider">Sign in with your organisation</a></p>` : null}
      <p>Without one, ask an administrator for a sign-in link; it works once, within 15 minutes.</p>
      <p>An administrator makes it by <code>tallystick-settlement people invite NAME</code>.</p>`,
  );
}

/** What somebody sees who came back from the identity provider. */
export function arrivedPage(home: string): string {
  return page(
    "Signed in",
    html`<meta http-equiv="refresh" content="0;url=${home}" />
      <p><a href="${home}">Go on</a></p>`,
  );
}

/** What a sign-in link shows. Looking does not use it up: programs that look at links in letters do that. */
export function linkPage(): string {
  return page(
    "Sign in",
    html`<p>This link works once. It signs this browser in.</p>
      <form method="post"><button>Sign in</button></form>`,
  );
}

/** What a link shows that signs nobody in. */
export function deadLinkPage(): string {
  return page(
    "This link does not work",
    html`<p>It was used, its 15 minutes are over, or a newer one took its place.</p>
      <p>If this browser has just signed in by it, <a href="/sign-in/passkey/new">go on</a>.</p>
      <p>Otherwise ask an administrator for a new one. <a href="/sign-in">Sign in</a></p>`,
  );
}

/** Where a session ends. */
export function signOutPage(session: { name: string; formToken: string }): string {
  return page(
    "Sign out",
    html`<p>You are signed in as <b>${session.name}</b>.</p>
      <form method="post">
        <input type="hidden" name="${FORM_FIELD}" value="${session.formToken}" /><button>Sign out</button>
      </form>`,
  );
}

/** Where a person adds a passkey, or goes on without one. */
export function passkeyPage(session: {
  readonly actor: { readonly name: string };
  readonly formToken: string;
  readonly home: string;
}): string {
  return page(
    "Add a passkey",
    html`<p>You are signed in as <b>${session.actor.name}</b>. With a passkey of this device you need no link next time.</p>
      <p><label data-named hidden>What do you call it? <input data-name maxlength="${PASSKEY_NAME_CHARACTERS}" placeholder="such as laptop, or key in the drawer" /></label></p>
      <p><button data-passkey="new" data-form-token="${session.formToken}" hidden>Add a passkey</button></p>
      <p><a href="${session.home}">Go on without</a> · <a href="/sign-in/passkeys">Your passkeys</a></p>`,
  );
}
