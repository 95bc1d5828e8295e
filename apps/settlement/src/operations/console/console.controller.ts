import { Controller, Get, Header, Inject } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { Page, RequireRight } from "../../foundation/http/roles.ts";
import { consolePage } from "./console-page.ts";
import { ConsoleReader } from "./console-reader.ts";

@ApiExcludeController()
@RequireRight("read")
@Controller()
export class ConsoleController {
  constructor(@Inject(ConsoleReader) private readonly reader: ConsoleReader) {}

  @Get()
  @Header("content-type", "text/html; charset=utf-8")
  async page(): Promise<string> {
    return consolePage(await this.reader.read());
  }

  /** The same for who signed in by a browser, or is sent to do so. */
  @Get("console")
  @Page()
  @Header("content-type", "text/html; charset=utf-8")
  async console(): Promise<string> {
    return this.page();
  }
}
