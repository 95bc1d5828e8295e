// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Vm} from "./support/Vm.sol";

/// @title Holds docs/reference/vault-checklist.md against the specification and the tests: every section is in it, and every test that
/// it names is there.
contract ChecklistTest {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    string private constant CHECKLIST = "../docs/reference/vault-checklist.md";
    string private constant SPECIFICATION = "../docs/spec/7-vault.md";
    uint256 private constant LEAST_NAMES = 80;

    mapping(bytes32 => bool) private functions;
    mapping(bytes32 => bool) private named;

    function startsWith(string memory text, bytes memory prefix) private pure returns (bool) {
        bytes memory data = bytes(text);
        if (data.length < prefix.length) return false;
        for (uint256 i = 0; i < prefix.length; ++i) if (data[i] != prefix[i]) return false;
        return true;
    }

    function isTest(string memory name) private pure returns (bool) {
        return startsWith(name, "test_") || startsWith(name, "invariant_");
    }

    function collectFunctions() private {
        Vm.DirEntry[] memory entries = vm.readDir("./test", 3);
        for (uint256 i = 0; i < entries.length; ++i) {
            if (entries[i].isDir) continue;
            string[] memory parts = vm.split(vm.readFile(entries[i].path), "function ");
            for (uint256 k = 1; k < parts.length; ++k) {
                if (isTest(parts[k])) functions[keccak256(bytes(vm.split(parts[k], "(")[0]))] = true;
            }
        }
    }

    function test_checklist_namesOnlyTestsThatAreThere() public {
        collectFunctions();
        // Every other part stands between backticks.
        string[] memory parts = vm.split(vm.readFile(CHECKLIST), "`");
        uint256 names = 0;
        for (uint256 i = 1; i < parts.length; i += 2) {
            if (startsWith(parts[i], "packages/vault/"))
                vm.assertTrue(vm.exists(string.concat("../", parts[i])), parts[i]);
            if (!isTest(parts[i])) continue;
            vm.assertTrue(functions[keccak256(bytes(parts[i]))], parts[i]);
            ++names;
        }
        vm.assertGe(names, LEAST_NAMES);
    }

    /// The other way round: no test of the vault stands outside the checklist, but those of vectors, gas and this file.
    function test_checklist_namesEveryTest() public {
        string[] memory parts = vm.split(vm.readFile(CHECKLIST), "`");
        for (uint256 i = 1; i < parts.length; i += 2) named[keccak256(bytes(parts[i]))] = true;
        Vm.DirEntry[] memory entries = vm.readDir("./test", 3);
        for (uint256 i = 0; i < entries.length; ++i) {
            if (entries[i].isDir) continue;
            parts = vm.split(vm.readFile(entries[i].path), "function ");
            for (uint256 k = 1; k < parts.length; ++k) {
                if (!isTest(parts[k]) || startsWith(parts[k], "test_vectors_") || startsWith(parts[k], "test_gas_"))
                    continue;
                if (startsWith(parts[k], "test_checklist_")) continue;
                string memory name = vm.split(parts[k], "(")[0];
                vm.assertTrue(named[keccak256(bytes(name))], string.concat("not in the checklist: ", name));
            }
        }
    }

    function test_checklist_hasEverySectionOfTheSpecification() public {
        string[] memory lines = vm.split(vm.readFile(CHECKLIST), "\n");
        for (uint256 i = 0; i < lines.length; ++i) named[keccak256(bytes(lines[i]))] = true;
        lines = vm.split(vm.readFile(SPECIFICATION), "\n");
        uint256 sections = 0;
        for (uint256 i = 0; i < lines.length; ++i) {
            if (!startsWith(lines[i], unicode"## §7.")) continue;
            vm.assertTrue(named[keccak256(bytes(lines[i]))], lines[i]);
            ++sections;
        }
        vm.assertGe(sections, 10);
    }

    /// No owner, no proxy, no pause: the deployed vault has the functions of its interface, and no other.
    function test_checklist_theVaultHasTheFunctionsOfItsInterfaceAlone() public {
        string[] memory ours = methods("PackedVault");
        string[] memory wanted = methods("IVault");
        vm.assertEq(ours.length, wanted.length);
        for (uint256 i = 0; i < wanted.length; ++i) named[keccak256(bytes(wanted[i]))] = true;
        for (uint256 i = 0; i < ours.length; ++i) vm.assertTrue(named[keccak256(bytes(ours[i]))], ours[i]);
    }

    function methods(string memory name) private view returns (string[] memory) {
        string memory path = string.concat("./out/", name, ".sol/", name, ".json");
        return vm.parseJsonKeys(vm.readFile(path), ".methodIdentifiers");
    }
}
