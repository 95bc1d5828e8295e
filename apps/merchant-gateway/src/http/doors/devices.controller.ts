import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Req, Res } from "@nestjs/common";
import { ApiOperation, ApiTags } from "@nestjs/swagger";
import { callerOf } from "@tallystick/program";
import type { z } from "zod";
import { GATEWAY_CONFIG, type GatewayConfig } from "../../config/gateway-config.ts";
import { Access } from "../../doors/access.ts";
import type { Caller } from "../../doors/caller.ts";
import { Pairing } from "../../doors/pairing.ts";
import { People } from "../../doors/people.ts";
import { ApiProblems } from "../api-problems.ts";
import { Answers } from "../describe.ts";
import { Asking } from "./asking.ts";
import { deviceCookie } from "./device-cookie.ts";
import type { GuardedRequest } from "./door-guard.ts";
import { deviceListSchema, pairedSchema, pairingRequestSchema } from "./door-wire.ts";

type DeviceList = z.output<typeof deviceListSchema>;

/** The part of Fastify's reply that is written to. */
interface Reply {
  header(name: string, value: string): unknown;
}

/** Devices: paired by a code of the box, listed, revoked. */
@ApiTags("doors")
@Controller("v1")
export class DevicesController {
  constructor(
    @Inject(Pairing) private readonly pairing: Pairing,
    @Inject(People) private readonly people: People,
    @Inject(Access) private readonly access: Access,
    @Inject(GATEWAY_CONFIG) private readonly config: Pick<GatewayConfig, "listen" | "tls">,
  ) {}

  @Post("pairing")
  @HttpCode(200)
  @ApiProblems("PAIRING_CODE_WRONG", "PAIRING_SLOWED", "DEVICES_FULL")
  @ApiOperation({
    operationId: "pairDevice",
    summary: "Pair this device",
    description:
      "With a code that the box shows (`tallystick-gateway pair`), which pairs one device within ten minutes. A browser gets a cookie, a program its key.",
  })
  @Answers(pairedSchema, "The device, and its key this once")
  pair(
    @Req() request: GuardedRequest,
    @Res({ passthrough: true }) reply: Reply,
    @Body({ schema: pairingRequestSchema }) { code, name }: z.output<typeof pairingRequestSchema>,
  ): z.output<typeof pairedSchema> {
    const { device, key } = this.pairing.pair({ code, name, address: callerOf(request, this.config.listen) });
    reply.header("set-cookie", deviceCookie(key, this.config.tls !== null));
    return { device, key };
  }

  @Get("devices")
  @ApiProblems()
  @ApiOperation({ operationId: "listDevices", summary: "Paired devices", description: "The newest first." })
  @Answers(deviceListSchema, "Devices that are paired now")
  list(@Asking() caller: Caller | null): DeviceList {
    this.access.assertMay(caller, "devices");
    return this.listed();
  }

  @Delete("devices/:id")
  @ApiProblems("DEVICE_UNKNOWN")
  @ApiOperation({
    operationId: "revokeDevice",
    summary: "Revoke a device",
    description: "Its key is worth nothing from now on; it may be paired again.",
  })
  @Answers(deviceListSchema, "The devices that are left")
  revoke(@Asking() caller: Caller | null, @Param("id") id: string): DeviceList {
    this.access.begin(caller, "devices", id);
    this.pairing.revoke(id);
    return this.listed();
  }

  private listed(): DeviceList {
    return {
      devices: this.pairing.all().map((device) => ({ ...device, person: this.people.on({ kind: "page", device }) })),
    };
  }
}
