// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CardMessages} from "../src/CardMessages.sol";
import {Vm} from "./support/Vm.sol";

/// @title The vault's check of a signature against every r ‖ s of Wycheproof (vectors/outside/).
contract WycheproofTest {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    uint256 private constant CASES = 252;
    uint256 private constant VALID = 167;

    struct Case {
        uint256 tcId;
        address key;
        bytes32 digest;
        bytes32 r;
        uint256 s;
        bool valid;
        /// Valid, but the point's x is the order or more: no parity names the key (spec §3.0).
        bool beyondOrder;
    }

    /// With s made low, as whoever hands a signature in makes it, exactly one parity names the key where the case is valid
    /// and none where it is not; with a high s none ever does.
    function test_everyCaseNamesTheKeyExactlyWhereItIsValid() public view {
        string[] memory lines = vm.split(vm.readFile("../vectors/outside/ecdsa-wycheproof-p1363.json"), "\n");
        uint256 cases;
        uint256 valid;
        for (uint256 i = 0; i < lines.length; ++i) {
            if (vm.split(lines[i], '"tcId"').length != 2) continue;
            ++cases;
            // Without the comma behind it, a line is a JSON object.
            string memory line = string.concat(vm.split(lines[i], "}")[0], "}");
            if (vm.parseJsonBytes(line, ".sig").length != 64) {
                // The vault's form has 64 bytes; Wycheproof takes no other either.
                vm.assertEq(bytes(vm.parseJsonString(line, ".result")), "invalid");
                continue;
            }
            Case memory one = read(line);
            if (one.valid) ++valid;
            judge(one);
        }
        vm.assertEq(cases, CASES);
        vm.assertEq(valid, VALID);
    }

    function judge(Case memory one) private pure {
        bool high = one.s > ORDER / 2 && one.s < ORDER;
        bool named = one.valid && !one.beyondOrder;
        vm.assertEq(namings(one, high ? ORDER - one.s : one.s), named ? 1 : 0, vm.toString(one.tcId));
        // The form has no room for an s of 2^255 or more.
        if (high && one.s < 1 << 255) vm.assertEq(namings(one, one.s), 0, vm.toString(one.tcId));
    }

    /// How many of the two parities name the key. Out of range stands for no signature: its top bit would be read as parity.
    function namings(Case memory one, uint256 s) private pure returns (uint256 count) {
        if (s >= 1 << 255) return 0;
        for (uint256 parity = 0; parity < 2; ++parity)
            if (CardMessages.signerOf(one.digest, one.r, bytes32(s | (parity << 255))) == one.key) ++count;
    }

    function read(string memory line) private pure returns (Case memory) {
        bytes memory point = vm.parseJsonBytes(line, ".publicKey");
        bytes memory signature = vm.parseJsonBytes(line, ".sig");
        vm.assertEq(point.length, 65);
        bytes32 key;
        bytes32 r;
        uint256 s;
        assembly ("memory-safe") {
            // The address of a key is that of its 64 bytes behind the 04.
            key := keccak256(add(point, 33), 64)
            r := mload(add(signature, 32))
            s := mload(add(signature, 64))
        }
        uint256 tcId = vm.parseJsonUint(line, ".tcId");
        return
            Case({
                tcId: tcId,
                key: address(uint160(uint256(key))),
                digest: sha256(vm.parseJsonBytes(line, ".msg")),
                r: r,
                s: s,
                valid: keccak256(bytes(vm.parseJsonString(line, ".result"))) == keccak256("valid"),
                beyondOrder: tcId == 115 || tcId == 247
            });
    }
}
