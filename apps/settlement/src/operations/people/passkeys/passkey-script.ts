/**
 * The script of the pages of the way in: signs in by a passkey, or adds one, where the page has the
 * button for it. Without it links go on working.
 */
export const passkeyScript = `"use strict";
(() => {
  const { browserSupportsWebAuthn, startAuthentication, startRegistration } = SimpleWebAuthnBrowser;
  const button = document.querySelector("button[data-passkey]");
  const said = document.querySelector("[data-said]");
  if (button === null || said === null) return;
  // Passkeys belong to a name: browsers make none for an address.
  const isAddress = /^[\\d.]+$|^\\[/.test(location.hostname);
  if (isAddress || !browserSupportsWebAuthn()) {
    said.textContent = "This browser has no passkeys here. Open the page by its name, such as localhost, or use a link.";
    return;
  }
  button.hidden = false;
  const named = document.querySelector("[data-named]");
  if (named !== null) named.hidden = false;
  const formToken = button.dataset.formToken;
  const post = async (path, body) => {
    const headers = { "content-type": "application/json", ...(formToken ? { "tallystick-form": formToken } : {}) };
    const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
    const value = await answer.json();
    if (!answer.ok) throw new Error(value.detail);
    return value;
  };
  const work = async () => {
    const isNew = button.dataset.passkey === "new";
    const path = isNew ? "/sign-in/passkey/new" : "/sign-in/passkey";
    const optionsJSON = await post(path + "/options", {});
    const answer = isNew ? await startRegistration({ optionsJSON }) : await startAuthentication({ optionsJSON });
    const name = document.querySelector("input[data-name]")?.value.trim();
    location.assign((await post(path, { ...answer, ...(name ? { name } : {}) })).to);
  };
  button.addEventListener("click", () => {
    button.disabled = true;
    work().catch((error) => {
      said.textContent = error.message;
      button.disabled = false;
    });
  });
})();
`;
