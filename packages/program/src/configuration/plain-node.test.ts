import { expect, it } from "@jest/globals";
import { plainNodeFault } from "./plain-node.ts";

const setting = "chain.private: true";
const judged = (url: string, { chainIds = [8_453n], isPrivate = false, production = false } = {}) =>
  plainNodeFault(url, { chainIds, isPrivate, production, setting }) === null;

it("takes plain http to a node on this machine, in a private network, and where its operator says that the line is", () => {
  for (const host of ["127.0.0.1", "127.9.9.9", "localhost", "[::1]", "10.0.0.9", "172.16.0.1", "172.31.255.255"])
    expect([host, judged(`http://${host}:8545/key`)]).toEqual([host, true]);
  for (const host of ["192.168.1.9", "100.64.0.1", "[fd00::9]", "[::ffff:10.0.0.9]", "0x0a000009"])
    expect([host, judged(`http://${host}:8545`)]).toEqual([host, true]);
  expect(judged("http://node.example", { isPrivate: true })).toBe(true);
});

it("refuses it to every other one, also by a name that looks like one of those, and names the setting", () => {
  for (const host of ["node", "node.example", "localhost.example", "10.0.0.9.example", "127.example", "8.8.8.8"])
    expect([host, judged(`http://${host}:8545`)]).toEqual([host, false]);
  for (const host of ["172.32.0.1", "172.15.255.255", "100.128.0.1", "192.169.0.1", "[2001:db8::1]", "169.254.169.254"])
    expect([host, judged(`http://${host}`)]).toEqual([host, false]);
  expect(judged("http://10.0.0.9@8.8.8.8/")).toBe(false);
  expect(plainNodeFault("http://node", { chainIds: [1n], isPrivate: false, setting })).toContain(setting);
});

it("is nothing where nothing has worth, unless it is called production, and never for https", () => {
  expect(judged("http://node.example", { chainIds: [31_337n, 11_155_111n] })).toBe(true);
  expect(judged("http://node.example", { chainIds: [31_337n, 1n] })).toBe(false);
  expect(judged("http://node.example", { chainIds: [31_337n], production: true })).toBe(false);
  expect(judged("https://node.example")).toBe(true);
});
