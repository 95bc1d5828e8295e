import { fileURLToPath } from "node:url";
import helmet from "@fastify/helmet";
import fastifyStatic from "@fastify/static";
import { NestFactory } from "@nestjs/core";
import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify";
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from "@nestjs/swagger";
import { boundConnections, serverTimes } from "@tallystick/program";
import { createLogger, createValidationPipe } from "@tallystick/program/service";
import type { BoxTls } from "../doors/tls/box-tls.ts";
import type { Gateway } from "./gateway.ts";
import { GatewayModule } from "./gateway.module.ts";
import { MAX_REQUEST_BYTES } from "../limits.ts";
import { describeAllProblems } from "../http/api-problems.ts";
import { guardRequests } from "../http/doors/door-guard.ts";
import { createProblemFilter, Problem } from "../http/problem.ts";

/** Makes the terminal's HTTP server, over TLS where the box has a certificate; it does not listen yet. */
export async function createApp(gateway: Gateway, tls: BoxTls | null = null): Promise<NestFastifyApplication> {
  const { listen, http: bounds } = gateway.config;
  const { requestTimeout, keepAliveTimeout, ...http } = serverTimes(bounds);
  const common = { bodyLimit: MAX_REQUEST_BYTES, requestTimeout, keepAliveTimeout };
  const adapter = new FastifyAdapter(
    tls === null
      ? { ...common, http }
      : { ...common, https: { ...http, key: tls.key, cert: tls.cert, minVersion: "TLSv1.2" } },
  );
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule.of(gateway), adapter, {
    logger: createLogger({ app: "gateway", level: gateway.config.logLevel }),
    abortOnError: false,
  });
  app.useGlobalFilters(createProblemFilter());
  app.useGlobalPipes(createValidationPipe((detail) => new Problem("MALFORMED_REQUEST", detail)));
  const server = app.getHttpAdapter().getInstance();
  guardRequests(server as unknown as Parameters<typeof guardRequests>[0], gateway.config, gateway.doors.pairing);
  boundConnections(server.server, bounds, listen.proxies);
  await app.register(helmet as never, {
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        frameAncestors: ["'none'"],
        upgradeInsecureRequests: null,
      },
    },
    strictTransportSecurity: false,
  });
  await servePage(app);
  SwaggerModule.setup("openapi", app, () => describeApi(app), {
    ui: false,
    raw: ["json"],
    jsonDocumentUrl: "openapi.json",
  });
  return app;
}

/** The built page: the cashier's, and the customer's under an address of its own. */
async function servePage(app: NestFastifyApplication): Promise<void> {
  await app.register(fastifyStatic as never, {
    root: fileURLToPath(new URL("../../dist/page", import.meta.url)),
    cacheControl: false,
    setHeaders: (reply: { header(name: string, value: string): unknown }) => {
      // A page of an older gateway would talk to a newer one.
      reply.header("cache-control", "no-cache");
    },
  });
  const server = app.getHttpAdapter().getInstance();
  server.get("/customer", (_, reply) => (reply as unknown as PageReply).sendFile("customer.html"));
}

/** What @fastify/static adds to a reply. */
interface PageReply {
  sendFile(file: string): unknown;
}

/** The OpenAPI description of the terminal. */
export function describeApi(app: NestFastifyApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle("Tallystick merchant gateway")
    .setDescription("Takes card payments without a network and sends them to settlement when there is one.")
    .setVersion("1");
  return describeAllProblems(SwaggerModule.createDocument(app, builder.build()));
}
