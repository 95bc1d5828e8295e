import type { ServerResponse } from "node:http";
import { Controller, Get, Inject, Param, Res } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { Problem } from "../../foundation/http/problem.ts";
import { type Actor, CallActor, ForBrowsers, RequireRight } from "../../foundation/http/roles.ts";
import { ASSET_SECONDS } from "./limits.ts";
import { LiveUpdates } from "./live-updates.ts";
import { scriptAsset, styleAsset } from "./view/assets.ts";

/** The part of Fastify's reply that a file, or a stream, is written to. */
interface Reply {
  header(name: string, value: string): Reply;
  send(body: string): unknown;
  hijack(): void;
  readonly raw: ServerResponse;
}

/** What pages load besides themselves: style, script, and word of changes. */
@ApiExcludeController()
@Controller("console")
export class ConsoleFilesController {
  constructor(@Inject(LiveUpdates) private readonly live: LiveUpdates) {}

  /** Tells nothing of the service, and is kept by browsers for good. */
  @Get("assets/:name")
  @ForBrowsers()
  file(@Param("name") name: string, @Res() reply: Reply): void {
    const asset = [styleAsset, scriptAsset].find(({ path }) => path.endsWith(`/${name}`));
    if (asset === undefined) throw new Problem("NOT_FOUND", "Load the page again: its files have other names now.");
    reply
      .header("content-type", asset.type)
      .header("cache-control", `public, max-age=${ASSET_SECONDS}, immutable`)
      .header("x-content-type-options", "nosniff")
      .send(asset.text);
  }

  @Get("events")
  @RequireRight("read")
  events(@CallActor() { name, role }: Actor, @Res() reply: Reply): void {
    if (!this.live.add(reply.raw, name ?? `role:${role}`))
      throw new Problem("LIMIT_REACHED", "Too many pages listen; load it again by hand.");
    reply.hijack();
  }
}
