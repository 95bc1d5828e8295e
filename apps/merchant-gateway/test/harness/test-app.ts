import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import { join } from "node:path";
import { ApiWitness, committedDocument, type WatchedServer } from "@tallystick/program/testing";
import { projectRoot } from "@tallystick/stack";
import { createApp, describeApi } from "../../src/app/create-app.ts";
import type { Gateway } from "../../src/app/gateway.ts";

/** The committed OpenAPI document. */
export const DOCUMENT_FILE = join(projectRoot(), "docs/reference/openapi/gateway.json");

/** A terminal's HTTP server that answers without listening. */
export interface TestApp {
  readonly app: NestFastifyApplication;
  /** Every route of the server, such as `GET /v1/taps/{id}`. */
  readonly routes: ReadonlySet<string>;
  /** Throws where it answered what its OpenAPI document does not name. */
  close(): Promise<void>;
}

export async function createTestApp(gateway: Gateway): Promise<TestApp> {
  const app = await createApp(gateway);
  const server = app.getHttpAdapter().getInstance() as unknown as WatchedServer & { ready(): Promise<unknown> };
  const witness = new ApiWitness(
    server,
    committedDocument(DOCUMENT_FILE, {
      rewritten: process.env["REWRITE_REFERENCE"] === "1",
      make: () => describeApi(app),
    }),
  );
  await app.init();
  await server.ready();
  return {
    app,
    routes: witness.routes,
    close: async () => {
      await app.close();
      witness.assertDescribed();
    },
  };
}
