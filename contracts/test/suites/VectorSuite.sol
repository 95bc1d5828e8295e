// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CardMessages} from "../../src/CardMessages.sol";
import {IVault} from "../../src/IVault.sol";
import {TerminalMessages} from "../../src/TerminalMessages.sol";
import {Fixture} from "../support/Fixture.sol";

/// @title The bytes on which every language agrees (vectors/*.json), built here from their fields.
abstract contract VectorSuite is Fixture {
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    string private json;

    function at(uint256 index, string memory rest) private pure returns (string memory) {
        return string.concat(".valid[", vm.toString(index), "]", rest);
    }

    function load(string memory name) private returns (uint256 count) {
        json = vm.readFile(string.concat("../vectors/", name, ".json"));
        while (vm.keyExistsJson(json, at(count, ""))) ++count;
        vm.assertGe(count, 1);
    }

    function domainAt(string memory path) private view returns (bytes memory) {
        uint256 chainId = vm.parseUint(vm.parseJsonString(json, string.concat(path, ".chainId")));
        return bytes.concat(bytes8(uint64(chainId)), bytes20(vm.parseJsonAddress(json, string.concat(path, ".vault"))));
    }

    function amountAt(string memory path) private view returns (uint48) {
        return uint48(vm.parseUint(vm.parseJsonString(json, path)));
    }

    function check(uint256 index, bytes memory built) private view {
        vm.assertEq(built, vm.parseJsonBytes(json, at(index, ".hex")));
        vm.assertEq(sha256(built), vm.parseJsonBytes32(json, at(index, ".sha256")));
    }

    /// Moves to the chain and puts the library's view of `address(this)` at the vector's vault.
    function standAt(uint256 index) private returns (CardMessagesAt probe) {
        uint256 chainId = vm.parseUint(vm.parseJsonString(json, at(index, ".fields.domain.chainId")));
        address place = vm.parseJsonAddress(json, at(index, ".fields.domain.vault"));
        vm.chainId(chainId);
        vm.etch(place, address(new CardMessagesAt()).code);
        return CardMessagesAt(place);
    }

    function test_vectors_voucherMessage() public {
        uint256 count = load("voucher-message");
        for (uint256 i = 0; i < count; ++i) {
            CardMessagesAt probe = standAt(i);
            bytes memory built = probe.voucher(
                vm.parseJsonAddress(json, at(i, ".fields.payee")),
                uint32(vm.parseJsonUint(json, at(i, ".fields.counter"))),
                amountAt(at(i, ".fields.amount")),
                bytes20(vm.parseJsonAddress(json, at(i, ".fields.context")))
            );
            check(i, built);
        }
    }

    function test_vectors_opening() public {
        uint256 count = load("opening");
        for (uint256 i = 0; i < count; ++i)
            check(i, standAt(i).opening(vm.parseJsonAddress(json, at(i, ".fields.owner"))));
    }

    function test_vectors_domain() public {
        uint256 count = load("domain");
        for (uint256 i = 0; i < count; ++i) check(i, domainAt(at(i, ".fields")));
    }

    function test_vectors_voucherId() public {
        uint256 count = load("voucher-id");
        for (uint256 i = 0; i < count; ++i) {
            bytes memory message = vm.parseJsonBytes(json, at(i, ".fields.message"));
            bytes32 id = sha256(bytes.concat(bytes20(vm.parseJsonAddress(json, at(i, ".fields.card"))), message));
            check(i, bytes.concat(id));
        }
    }

    function test_vectors_stateProofIsReadForItsCounter() public {
        uint256 count = load("state-proof");
        for (uint256 i = 0; i < count; ++i) {
            bytes memory proof = vm.parseJsonBytes(json, at(i, ".hex"));
            vm.assertEq(standAt(i).proofCounter(proof), vm.parseJsonUint(json, at(i, ".fields.counter")));
        }
    }

    function test_vectors_cardSignaturesRecoverTheCard() public {
        uint256 count = load("card-signature");
        for (uint256 i = 0; i < count; ++i) {
            bytes memory compressed = vm.parseJsonBytes(json, at(i, ".fields.publicKey"));
            vm.assertEq(compressed.length, 33);
            // Whoever receives a card's signature makes s low; the parity is that of the low form (spec §3.0).
            uint256 s = uint256(vm.parseJsonBytes32(json, at(i, ".fields.s")));
            if (s > ORDER / 2) s = ORDER - s;
            uint256 parity = vm.parseJsonUint(json, at(i, ".fields.parity"));
            address signer = ecrecover(
                vm.parseJsonBytes32(json, at(i, ".fields.digest")),
                uint8(27 + parity),
                vm.parseJsonBytes32(json, at(i, ".fields.r")),
                bytes32(s)
            );
            vm.assertEq(signer, cardOfVectors());
        }
    }

    function cardOfVectors() private view returns (address) {
        return vm.parseJsonAddress(vm.readFile("../vectors/card-address.json"), ".valid[0].hex");
    }

    function test_vectors_refundOrder() public {
        uint256 count = load("refund-order");
        for (uint256 i = 0; i < count; ++i) {
            bytes memory built = standAt(i).refundOrder(
                vm.parseJsonBytes32(json, at(i, ".fields.voucherId")),
                amountAt(at(i, ".fields.total")),
                uint32(vm.parseJsonUint(json, at(i, ".fields.deadline")))
            );
            vm.assertEq(built.length, 74);
            check(i, built);
        }
    }

    /// A reversal is taken for the voucher of its request alone, with the coordinate that its card key leaves out.
    function test_vectors_reversal() public {
        uint256 count = load("reversal");
        bytes32 y = secondHalf(
            vm.parseJsonBytes(vm.readFile("../vectors/card-address.json"), ".valid[0].fields.uncompressed")
        );
        for (uint256 i = 0; i < count; ++i) {
            CardMessagesAt probe = standAt(i);
            CardMessages.Message memory m = CardMessages.Message({
                payee: vm.parseJsonAddress(json, at(i, ".fields.request.payee")),
                counter: uint32(vm.parseJsonUint(json, at(i, ".fields.request.counter"))),
                amount: amountAt(at(i, ".fields.request.amount")),
                context: bytes20(0)
            });
            probe.requireReversalOf(m, cardOfVectors(), vm.parseJsonBytes(json, at(i, ".hex")), y);
            string memory path = ".invalid[0]";
            for (uint256 k = 0; vm.keyExistsJson(json, path); ++k) {
                bytes memory bad = vm.parseJsonBytes(json, string.concat(path, ".hex"));
                vm.expectRevert();
                probe.requireReversalOf(m, cardOfVectors(), bad, y);
                path = string.concat(".invalid[", vm.toString(k + 1), "]");
            }
        }
    }

    /// The last 32 of the 65 bytes of an uncompressed key.
    function secondHalf(bytes memory key) private pure returns (bytes32 y) {
        for (uint256 i = 33; i < 65; ++i) y = (y << 8) | (bytes32(key[i]) >> 248);
    }

    function test_vectors_settlePayload() public {
        uint256 count = load("settle-payload");
        for (uint256 i = 0; i < count; ++i) {
            bytes memory built = payloadHead(i);
            for (uint256 g = 0; vm.keyExistsJson(json, at(i, groupPath(g, ""))); ++g)
                built = bytes.concat(built, payloadGroup(i, g));
            check(i, built);
        }
    }

    function groupPath(uint256 g, string memory rest) private pure returns (string memory) {
        return string.concat(".fields.groups[", vm.toString(g), "]", rest);
    }

    function payloadHead(uint256 i) private view returns (bytes memory built) {
        uint16 payees = 0;
        bytes memory list;
        for (; vm.keyExistsJson(json, at(i, string.concat(".fields.payees[", vm.toString(payees), "]"))); ++payees) {
            list = bytes.concat(
                list,
                bytes20(vm.parseJsonAddress(json, at(i, string.concat(".fields.payees[", vm.toString(payees), "]"))))
            );
        }
        bytes32 batchRoot = vm.parseJsonBytes32(json, at(i, ".fields.batchRoot"));
        return bytes.concat(batchRoot, vm.parseJsonBytes32(json, at(i, ".fields.ledgerRoot")), bytes2(payees), list);
    }

    function payloadGroup(uint256 i, uint256 g) private view returns (bytes memory) {
        bytes[] memory items = new bytes[](16);
        uint16 n = 0;
        string memory path = at(i, groupPath(g, ""));
        for (; vm.keyExistsJson(json, voucherPath(path, n, "")); ++n) items[n] = payloadItem(path, n);
        bytes memory built = bytes.concat(
            bytes2(uint16(vm.parseJsonUint(json, string.concat(path, ".payeeIndex")))),
            bytes20(vm.parseJsonAddress(json, string.concat(path, ".card"))),
            bytes2(n)
        );
        for (uint256 k = 0; k < n; ++k) built = bytes.concat(built, items[k]);
        return built;
    }

    function voucherPath(string memory path, uint256 n, string memory rest) private pure returns (string memory) {
        return string.concat(path, ".vouchers[", vm.toString(n), "]", rest);
    }

    function payloadItem(string memory path, uint256 n) private view returns (bytes memory) {
        uint256 parity = vm.parseJsonUint(json, voucherPath(path, n, ".parity"));
        return
            bytes.concat(
                bytes4(uint32(vm.parseJsonUint(json, voucherPath(path, n, ".counter")))),
                bytes6(amountAt(voucherPath(path, n, ".amount"))),
                bytes20(vm.parseJsonAddress(json, voucherPath(path, n, ".context"))),
                vm.parseJsonBytes32(json, voucherPath(path, n, ".r")),
                bytes32(uint256(vm.parseJsonBytes32(json, voucherPath(path, n, ".s"))) | (parity << 255))
            );
    }

    function test_vectors_malformedPayloadsRevert() public {
        json = vm.readFile("../vectors/settle-payload.json");
        uint256 i = 0;
        for (; vm.keyExistsJson(json, string.concat(".invalid[", vm.toString(i), "]")); ++i) {
            bytes memory bad = vm.parseJsonBytes(json, string.concat(".invalid[", vm.toString(i), "].hex"));
            vm.expectRevert(IVault.MalformedPayload.selector);
            vault.settle(bad);
        }
        vm.assertGe(i, 8);
    }
}

/// The libraries of messages as a contract, so that it can stand at the address of a vector's vault.
contract CardMessagesAt {
    function voucher(
        address payee,
        uint32 counter,
        uint48 amount,
        bytes20 context
    ) external view returns (bytes memory) {
        return CardMessages.voucher(payee, counter, amount, context);
    }

    function opening(address owner) external view returns (bytes memory) {
        return CardMessages.opening(owner);
    }

    function refundOrder(bytes32 voucherId, uint48 total, uint32 deadline) external view returns (bytes memory) {
        return TerminalMessages.refundOrder(voucherId, total, deadline);
    }

    function requireReversalOf(
        CardMessages.Message memory m,
        address card,
        bytes calldata reversal,
        bytes32 y
    ) external view {
        TerminalMessages.requireReversalOf(m, card, reversal, y);
    }

    function proofCounter(bytes calldata proof) external view returns (uint32) {
        return CardMessages.readProofCounter(proof);
    }
}
