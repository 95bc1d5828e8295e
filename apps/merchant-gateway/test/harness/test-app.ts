import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import { ApiWitness, type WatchedServer } from "@tallystick/program/testing";
import { createApp, describeApi } from "../../src/app/create-app.ts";
import type { Gateway } from "../../src/app/gateway.ts";

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
  const witness = new ApiWitness(server, describeApi(app));
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
