import { CashierPage } from "./cashier/cashier-page.ts";
import { CustomerPage } from "./customer/customer-page.ts";
import type { Environment } from "./environment.ts";

/** The browser as the page uses it. */
const env: Environment = {
  window,
  document,
  fetch: window.fetch.bind(window),
  after: (ms, callback) => {
    const timer = window.setTimeout(callback, ms);
    return () => {
      window.clearTimeout(timer);
    };
  },
  now: () => Date.now(),
  randomBytes: (length) => window.crypto.getRandomValues(new Uint8Array(length)),
  storage: window.localStorage,
  languages: navigator.languages,
  query: new URLSearchParams(window.location.search),
};

if (document.body.dataset["view"] === "customer") void CustomerPage.begin(env);
else void CashierPage.begin(env);

// It keeps the page itself, so that it opens while the terminal restarts; no answer of the terminal.
if ("serviceWorker" in navigator) void navigator.serviceWorker.register("service-worker.js").catch(() => undefined);
