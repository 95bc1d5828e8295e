import type { Server } from "node:http";
import fastifyHelmet from "@fastify/helmet";
import type { LoggerService } from "@nestjs/common";
import { ModulesContainer, NestFactory } from "@nestjs/core";
import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify";
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from "@nestjs/swagger";
import { RpcError } from "@tallystick/evm";
import { serverTimes, within } from "@tallystick/program";
import { createValidationPipe } from "@tallystick/program/service";
import { AppModule } from "./app.module.ts";
import { compareWithChain } from "./chain/chain-identity.ts";
import { assertNotBehind } from "./chain/lost/copy-behind-chain.ts";
import { boundKeys } from "./chain/accounts/bound-keys.ts";
import { assertAccountsApart } from "./chain/accounts/own-accounts.ts";
import { bindInstallation } from "./foundation/database/installation.ts";
import { migrate } from "./foundation/database/migrate.ts";
import { describeOctetStreams, takeOctetStreams } from "./foundation/http/bodies/certified-octet-stream.ts";
import { judgeCallersFirst } from "./foundation/http/bodies/judge-callers-first.ts";
import { guardedRoutes } from "./foundation/http/guarded-routes.ts";
import { describeAllProblems } from "./foundation/http/api-problems.ts";
import { countRequests } from "./foundation/http/count-requests.ts";
import { answerClientError, type Doors, urlOf } from "./foundation/http/doors.ts";
import { LowerAddresses } from "./foundation/http/path-values.ts";
import { malformed, Problem } from "./foundation/http/problem.ts";
import { type CallerRequest, Callers } from "./foundation/http/callers.ts";
import { LIMITS } from "./foundation/limits/limits.ts";
import { migrations } from "./migrations.ts";
import { closePlatform, type Platform } from "./platform.ts";

/**
 * Puts the service together on a migrated database that belongs to this vault; does not listen yet.
 * Where that fails, the platform's connections are closed.
 */
export async function createApplication(
  platform: Platform,
  logger: LoggerService | false,
): Promise<NestFastifyApplication> {
  try {
    const answers = await whereReachable(compareWithChain(platform.rpc, platform.config));
    await migrate(platform.db, migrations);
    const { signers, issuer } = platform;
    await assertAccountsApart(platform.db, signers);
    const isNew = await bindInstallation(platform.db, platform.config, boundKeys(signers, issuer));
    const books = compareBooks(platform, (message) => {
      if (logger !== false) logger.log(message);
    });
    await (answers && isNew ? whileReachable(books) : whereReachable(books));
  } catch (error) {
    await closePlatform(platform);
    throw error;
  }
  const { requestTimeout, keepAliveTimeout, ...http } = serverTimes(platform.config.http);
  const adapter = new FastifyAdapter({
    ...{ bodyLimit: LIMITS.httpBodyBytes, forceCloseConnections: true },
    ...{ requestTimeout, keepAliveTimeout, http, clientErrorHandler: answerClientError },
  });
  takeOctetStreams(adapter.getInstance());
  countRequests(adapter.getInstance() as unknown as Parameters<typeof countRequests>[0], platform.doors);
  platform.doors.hang(adapter.getInstance() as unknown as Parameters<Doors["hang"]>[0]);
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.of(platform), adapter, { logger });
  await app.register(fastifyHelmet, {
    // Without a referrer a form of the service itself would come from the origin "null".
    referrerPolicy: { policy: "same-origin" },
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'unsafe-inline'"],
        scriptSrc: ["'self'"],
        connectSrc: ["'self'"],
        imgSrc: ["'self'", "data:"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        upgradeInsecureRequests: null,
      },
    },
  });
  app.useGlobalPipes(new LowerAddresses(), createValidationPipe(malformed));
  let document: OpenAPIObject | null = null;
  const callers = app.get(Callers, { strict: false });
  judgeCallersFirst(adapter.getInstance() as unknown as Parameters<typeof judgeCallersFirst>[0], {
    ...{ doors: platform.doors, callers, routes: guardedRoutes(app.get(ModulesContainer)) },
  });
  adapter.get("/openapi.json", async (request: CallerRequest, reply: { send(body: unknown): void }) => {
    if (!platform.doors.isAdministration(request)) throw new Problem("NOT_FOUND", "It is at administration's address.");
    await callers.of(request);
    // Made when somebody asks first: it takes longer than all the rest of the start.
    reply.send((document ??= openApiDocument(app)));
  });
  return app;
}

/** Where a service listens. */
export interface OpenDoors {
  readonly terminals: string;
  readonly administration: string;
}

/** Opens both doors, and answers their URLs. */
export async function openDoors(app: NestFastifyApplication, { config, doors }: Platform): Promise<OpenDoors> {
  const { host, port } = config.listen;
  await app.listen(port, host);
  return { terminals: urlOf(app.getHttpServer() as Server, host), administration: await doors.openAdministration() };
}

/**
 * A node that does not answer, or hangs, is not waited for: vouchers are taken meanwhile, and
 * ChainIdentity compares before anything is sent. Answers whether it was compared.
 */
async function whereReachable(comparison: Promise<void>): Promise<boolean> {
  return await whileReachable(within(LIMITS.startComparisonMs, comparison));
}

/**
 * A database without books signs nothing before it was compared with the chain, however long that
 * takes, as long as the node answers.
 */
async function whileReachable(comparison: Promise<unknown>): Promise<boolean> {
  try {
    return (await comparison) !== null;
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    return false;
  }
}

function compareBooks({ db, rpc, config, signers }: Platform, tell: (message: string) => void): Promise<void> {
  const { vault, token, startBlock } = config;
  return assertNotBehind({ db, rpc, vault, token, signers, startBlock, tell });
}

/** The API's description, made from the same schemas that validate requests. */
export function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle("Tallystick settlement")
    .setDescription(
      "Intake of uploads, issuing, batches and reconciliation. Errors are application/problem+json with a stable code.",
    )
    .setVersion("1")
    .addBearerAuth();
  return describeAllProblems(describeOctetStreams(SwaggerModule.createDocument(app, builder.build())));
}
