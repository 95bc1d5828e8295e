import { fileURLToPath } from "node:url";
import helmet from "@fastify/helmet";
import fastifyStatic from "@fastify/static";
import { NestFactory } from "@nestjs/core";
import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify";
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from "@nestjs/swagger";
import { boundConnections, serverTimes } from "@tallystick/program";
import { createLogger, createValidationPipe } from "@tallystick/program/service";
import type { Gateway } from "./gateway.ts";
import { GatewayModule } from "./gateway.module.ts";
import { MAX_REQUEST_BYTES } from "../limits.ts";
import { describeAllProblems } from "../http/api-problems.ts";
import { guardRequests } from "../http/doors/door-guard.ts";
import { createProblemFilter, Problem } from "../http/problem.ts";

/** Makes the terminal's HTTP server; it does not listen yet. */
export async function createApp(gateway: Gateway): Promise<NestFastifyApplication> {
  const { listen, http: bounds } = gateway.config;
  const { requestTimeout, keepAliveTimeout, ...http } = serverTimes(bounds);
  const adapter = new FastifyAdapter({ bodyLimit: MAX_REQUEST_BYTES, requestTimeout, keepAliveTimeout, http });
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
  await app.register(fastifyStatic as never, {
    root: fileURLToPath(new URL("../../public", import.meta.url)),
    decorateReply: false,
  });
  SwaggerModule.setup("openapi", app, () => describeApi(app), {
    ui: false,
    raw: ["json"],
    jsonDocumentUrl: "openapi.json",
  });
  return app;
}

/** The OpenAPI description of the terminal. */
export function describeApi(app: NestFastifyApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle("Tallystick merchant gateway")
    .setDescription("Takes card payments without a network and sends them to settlement when there is one.")
    .setVersion("1");
  return describeAllProblems(SwaggerModule.createDocument(app, builder.build()));
}
