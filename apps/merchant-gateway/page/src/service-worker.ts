/**
 * Keeps the page's own files, so that it opens while the gateway restarts. What the gateway answers is never
 * kept: a sale is what it says now.
 */
declare const SHELL_FILES: readonly string[];
declare const SHELL_VERSION: string;

/** The part of a service worker that is used here; the page's types know windows only. */
interface WorkerScope {
  readonly registration: { readonly scope: string };
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
  addEventListener(
    type: "install" | "activate",
    listener: (event: { waitUntil(work: Promise<unknown>): void }) => void,
  ): void;
  addEventListener(
    type: "fetch",
    listener: (event: { readonly request: Request; respondWith(answer: Promise<Response>): void }) => void,
  ): void;
}

const scope = globalThis as unknown as WorkerScope;
const name = `tallystick-${SHELL_VERSION}`;

/** The addresses under which the two pages stand. */
const pages: Readonly<Record<string, string>> = { "": "index.html", customer: "customer.html" };

scope.addEventListener("install", (event) => {
  const files = SHELL_FILES.map((file) => new Request(file, { cache: "reload" }));
  event.waitUntil(
    caches.open(name).then(async (cache) => {
      await cache.addAll(files);
      await scope.skipWaiting();
    }),
  );
});

scope.addEventListener("activate", (event) => {
  const forget = async (): Promise<void> => {
    for (const other of await caches.keys()) if (other !== name) await caches.delete(other);
    await scope.clients.claim();
  };
  event.waitUntil(forget());
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || !request.url.startsWith(scope.registration.scope)) return;
  const path = request.url.slice(scope.registration.scope.length).replace(/[?#].*$/, "");
  const file = pages[path] ?? path;
  if (url.pathname.includes("/v1/") || !SHELL_FILES.includes(file)) return;
  event.respondWith(kept(file, request));
});

/** What is kept is shown at once; a newer page brings a newer keeper, which keeps all of it anew. */
async function kept(file: string, request: Request): Promise<Response> {
  const own = await caches.match(new Request(new URL(file, scope.registration.scope)), { ignoreVary: true });
  if (own !== undefined) return own;
  return await fetch(request);
}
