import assert from "node:assert/strict";
import { bytesToHex } from "../../iso7816/bytes.ts";
import type { ConformanceCase } from "./environment.ts";
import { SELECT, COMMAND, WAIT, isReady, expectCode, untilCommands, untilNamed } from "./support.ts";

/** A service that ends and comes back. */
export const serviceCases: readonly ConformanceCase[] = [
  {
    name: "reports a service that ends during a command, and goes on when it is back",
    needs: "service",
    run: async (environment) => {
      const { service } = environment;
      assert.ok(service !== null);
      const provider = environment.createProvider();
      const reader = provider.reader(environment.readers[0]);
      await reader.waitForRemoval(WAIT);
      const card = await environment.insert(0, "mute");
      await reader.waitForCard(WAIT);
      const connection = await reader.connect();
      const outcome = expectCode(["NO_SERVICE", "TORN"], connection.transmit(COMMAND));
      await untilCommands(card, 1);
      await service.kill();
      await outcome;
      await card.remove();
      await service.start();
      const again = await environment.insert(0, "echo");
      await reader.waitForCard(WAIT);
      await connection.reset({ ...WAIT, ready: isReady });
      assert.equal(bytesToHex(await connection.transmit(COMMAND)), "801000009000");
      await provider.close();
      await again.remove();
    },
  },
  {
    name: "survives the end and the return of the service",
    needs: "service",
    run: async (environment) => {
      const { service } = environment;
      assert.ok(service !== null);
      const provider = environment.createProvider();
      const reader = provider.reader(environment.readers[0]);
      await reader.waitForRemoval(WAIT);
      const card = await environment.insert(0, "echo");
      await reader.waitForCard(WAIT);
      const connection = await reader.connect();
      assert.ok(await isReady(connection.transmit));
      await service.kill();
      await expectCode("NO_SERVICE", connection.transmit(SELECT));
      await expectCode("NO_SERVICE", reader.status());
      await expectCode("NO_SERVICE", reader.connect());
      await expectCode("NO_SERVICE", provider.list());
      await card.remove();
      await service.start();
      const again = await environment.insert(0, "echo");
      await reader.waitForCard(WAIT);
      await connection.reset({ ...WAIT, ready: isReady });
      assert.ok(await isReady(connection.transmit));
      await connection.disconnect();
      const fresh = await reader.connect();
      assert.ok(await isReady(fresh.transmit));
      await provider.close();
      await again.remove();
    },
  },
  {
    name: "sees a reader unplugged and another one plugged in, and takes the first again when it is back",
    needs: "service",
    run: async (environment) => {
      const { service } = environment;
      assert.ok(service !== null);
      const provider = environment.createProvider();
      const [name] = environment.readers;
      const reader = provider.reader(name);
      await reader.waitForRemoval(WAIT);
      await service.kill();
      await service.start("Another");
      const names = await untilNamed(provider, "Another");
      await expectCode("READER_UNKNOWN", reader.status());
      await expectCode("READER_UNKNOWN", reader.connect());
      await expectCode("CARD_ABSENT", provider.reader(names[0] ?? "").connect());
      await service.kill();
      await service.start();
      const card = await environment.insert(0, "echo");
      await reader.waitForCard(WAIT);
      const connection = await reader.connect();
      assert.ok(await isReady(connection.transmit));
      await provider.close();
      await card.remove();
    },
  },
];
