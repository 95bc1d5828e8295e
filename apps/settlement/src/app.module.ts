import { Module, type DynamicModule } from "@nestjs/common";
import { APP_FILTER } from "@nestjs/core";
import { BooksModule } from "./books/books.module.ts";
import { ChainModule } from "./chain/chain.module.ts";
import { rpcProblem } from "./chain/rpc-problem.ts";
import { FoundationModule } from "./foundation/foundation.module.ts";
import { createProblemFilter } from "./foundation/http/create-problem-filter.ts";
import { IssuingModule } from "./issuing/issuing.module.ts";
import { UnknownPages } from "./operations/console/page-problems.tsx";
import { OperationsModule } from "./operations/operations.module.ts";
import { Readiness } from "./operations/readiness/readiness.ts";
import type { Platform } from "./platform.ts";
import { VouchersModule } from "./vouchers/vouchers.module.ts";
import { JobsModule } from "./jobs/jobs.module.ts";

/** Puts the storeys one upon the other; each is given those below it that it stands on. */
@Module({})
export class AppModule {
  static of(platform: Platform): DynamicModule {
    const foundation = FoundationModule.of(platform);
    const books = BooksModule.on(foundation);
    const chain = ChainModule.of(platform, foundation);
    const issuing = IssuingModule.on(chain, books, foundation);
    const vouchers = VouchersModule.on(issuing, chain, books, foundation);
    const jobs = JobsModule.on(vouchers, issuing, chain, books, foundation);
    const operations = OperationsModule.on(jobs, vouchers, issuing, chain, books, foundation);
    return {
      module: AppModule,
      imports: [operations, jobs, vouchers, issuing, chain, books, foundation],
      providers: [
        {
          ...{ provide: APP_FILTER, inject: [Readiness] },
          useFactory: ({ standing }: Readiness) => createProblemFilter([rpcProblem(standing)], standing),
        },
        // The last one that fits is asked first.
        { provide: APP_FILTER, useClass: UnknownPages },
      ],
    };
  }
}
