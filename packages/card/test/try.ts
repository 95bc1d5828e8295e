import { startCardhost, freePort, makeWorkFolder } from "@tallystick/stack";
import { createVpcdProvider } from "@tallystick/apdu/vpcd";
import { openScp03, createKeySet, exchangeOk, selectDefaultCommand, installCommand, deleteCommand, bytesFromHex, bytesToHex, encodeCommand, exchange, readRegistry } from "@tallystick/apdu";
import { randomBytes } from "node:crypto";
import { select, selectInstanceCommand } from "@tallystick/card";
const port = await freePort();
const folder = makeWorkFolder("diff");
const t0 = performance.now();
const host = await startCardhost({ port, state: folder.path + "/card", listen: true });
console.log("up", performance.now()-t0);
const provider = createVpcdProvider([{ name: "c", host: "127.0.0.1", port }]);
const con = await provider.reader("c").connect();
const keys = createKeySet({ version: 255, enc: bytesFromHex("404142434445464748494A4B4C4D4E4F"), mac: bytesFromHex("404142434445464748494A4B4C4D4E4F"), dek: bytesFromHex("404142434445464748494A4B4C4D4E4F") });
const AID = bytesFromHex("F054414C4C590001"), PKG = bytesFromHex("F054414C4C5900");
for (let i = 0; i < 3; i++) {
  const t = performance.now();
  await exchangeOk(con.transmit, "SELECT", selectDefaultCommand());
  const s = await openScp03(con.transmit, { keys, hostChallenge: randomBytes(8), securityLevel: 0x13 });
  console.log(bytesToHex((await exchange(s.transmit, deleteCommand(AID))).data), (await exchange(s.transmit, installCommand({ packageAid: PKG, moduleAid: AID, instanceAid: AID }))).sw.toString(16));
  console.log((await select(con.transmit)).ok, performance.now() - t);
}
const t = performance.now();
for (let i = 0; i < 200; i++) await con.transmit(encodeCommand(selectInstanceCommand()));
console.log("per apdu", (performance.now() - t) / 200);
console.log(bytesToHex(await con.transmit(bytesFromHex("00A4040008F054414C4C59000900"))), bytesToHex(await con.transmit(bytesFromHex("80CADF0200"))));
for (const h of ["81100000","00100000","90100000","C0100000","80110000","8010000001AA","80CADF01","801200001000","80120000FFAA"]) try { console.log(h, bytesToHex(await con.transmit(bytesFromHex(h)))); } catch (e) { console.log(h, e.code) }
await con.disconnect(); await provider.close(); await host.stop(); folder.remove();
