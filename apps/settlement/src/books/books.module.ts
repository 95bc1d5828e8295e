import { Module, type DynamicModule } from "@nestjs/common";
import { Approvals } from "./approvals/approvals.ts";
import { AuditLogController } from "./audit-log/audit-log.controller.ts";
import { AuditLog } from "./audit-log/audit-log.ts";
import { AnchoredRoots } from "./ledger-log/anchored-roots.ts";
import { LedgerProofsController } from "./ledger-log/ledger-proofs.controller.ts";
import { LedgerProofs } from "./ledger-log/ledger-proofs.ts";
import { LedgerPostings } from "./postings/ledger-postings.ts";
import { POSTINGS } from "./postings/postings.ts";

/** The books: postings in double entry, the ledger that keeps them, and proofs from its log. */
@Module({
  controllers: [LedgerProofsController, AuditLogController],
  providers: [{ provide: POSTINGS, useClass: LedgerPostings }, AnchoredRoots, LedgerProofs, AuditLog, Approvals],
  exports: [POSTINGS, AnchoredRoots, Approvals, LedgerProofs],
})
export class BooksModule {
  static on(...below: DynamicModule[]): DynamicModule {
    return { module: BooksModule, imports: below };
  }
}
