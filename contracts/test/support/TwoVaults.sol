// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../../src/IVault.sol";
import {PackedVault} from "../../src/PackedVault.sol";
import {ReferenceVault} from "../../src/ReferenceVault.sol";
import {DelegateMessages} from "./DelegateMessages.sol";
import {Vm} from "./Vm.sol";

/// @title The reference and the packed vault side by side: one action is done to both and must have one outcome, one record and one
/// effect. Where the packed vault skips an item for ADVANCE alone, `advance` must succeed, and then the outcomes must agree.
abstract contract TwoVaults is DelegateMessages {
    uint256 internal constant CARDS = 3;

    struct Item {
        uint256 key;
        uint256 card;
        address payee;
        uint32 counter;
        uint48 amount;
        uint256 damage;
    }

    IVault internal plain;
    IVault internal packed;
    uint256 internal state;
    uint32[] internal seen;
    /// What both paid; its vouchers can be given back.
    Item[] internal paidItems;

    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new ReferenceVault(token_, scale_);
    }

    function setUp() public virtual override {
        super.setUp();
        plain = vault;
        packed = new PackedVault(address(token), SCALE);
        vm.prank(ISSUER);
        token.approve(address(packed), type(uint256).max);
        vm.startPrank(MERCHANT);
        token.mint(MERCHANT, 1_000_000);
        token.approve(address(plain), type(uint256).max);
        token.approve(address(packed), type(uint256).max);
        vm.stopPrank();
        for (uint256 i = 0; i < 2; ++i) {
            vault = i == 0 ? plain : packed;
            for (uint256 k = i == 0 ? 2 : 0; k < CARDS; ++k) openCard(keyOf(k), OWNER);
        }
    }

    // ---- actions ----------------------------------------------------------------------------------------------------

    function both(address sender, bytes memory call) internal {
        (bool done, bytes memory answer, bytes memory events) = recorded(plain, sender, call);
        (bool packedDone, bytes memory packedAnswer, bytes memory packedEvents) = recorded(packed, sender, call);
        vm.assertTrue(done == packedDone, "one vault refused");
        // An error of the token names the vault that called it: its kind is what must agree.
        if (done) vm.assertEq(answer, packedAnswer, "answers differ");
        else vm.assertEq(bytes32(bytes4(answer)), bytes32(bytes4(packedAnswer)));
        vm.assertEq(events, packedEvents, "events differ");
    }

    /// Calls a vault; answers what it answered and the events that it emitted itself.
    function recorded(
        IVault at_,
        address sender,
        bytes memory call
    ) internal returns (bool, bytes memory, bytes memory) {
        vm.recordLogs();
        vm.prank(sender);
        (bool done, bytes memory answer) = address(at_).call(call);
        return (done, answer, eventsOf(address(at_)));
    }

    function eventsOf(address emitter) private returns (bytes memory events) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter != emitter) continue;
            // A voucher's id holds the vault's address.
            if (logs[i].topics[0] == IVault.Returned.selector) logs[i].topics[3] = 0;
            // The payloads of the two vaults differ in their signatures, so of a settlement the rest is compared.
            bytes memory data = logs[i].topics[0] == IVault.Settled.selector ? comparable(logs[i].data) : logs[i].data;
            events = bytes.concat(events, abi.encode(logs[i].topics, data));
        }
    }

    /// Roots and result of a settlement; its hash must be that of the payload which it shows.
    function comparable(bytes memory data) private pure returns (bytes memory) {
        (bytes32 hash, bytes32 batchRoot, bytes32 ledgerRoot, bytes memory result, bytes memory shown) = abi.decode(
            data,
            (bytes32, bytes32, bytes32, bytes, bytes)
        );
        vm.assertEq(hash, keccak256(shown));
        return abi.encode(batchRoot, ledgerRoot, result);
    }

    function advance(Item memory it) internal {
        vault = packed;
        it.damage = 0;
        (bytes memory message, bytes32 r, bytes32 vs) = sign(it);
        // It reverts with NothingToAdvance when the item was skipped for another reason: then the vaults disagree.
        packed.advance(message, r, vs, 64);
    }

    // ---- batches --------------------------------------------------------------------------------------------------

    /// Settles the same groups on both.
    function settleBoth(Item[][] memory groups) internal returns (bytes memory expected) {
        bytes memory events;
        (expected, events) = settleOn(plain, groups);
        while (true) {
            uint256 id = vm.snapshotState();
            (bytes memory actual, bytes memory packedEvents) = settleOn(packed, groups);
            (bool differs, Item memory it) = firstDifference(groups, expected, actual);
            if (!differs) {
                vm.assertEq(events, packedEvents, "events differ");
                vm.assertEq(expected, actual);
                keepPaid(groups, actual);
                break;
            }
            vm.revertToState(id);
            advance(it);
        }
    }

    function keepPaid(Item[][] memory groups, bytes memory result) private {
        uint256 index = 0;
        for (uint256 g = 0; g < groups.length; ++g) {
            for (uint256 i = 0; i < groups[g].length; ++i) {
                if ((uint8(result[index / 8]) >> (index % 8)) & 1 == 1) paidItems.push(groups[g][i]);
                ++index;
            }
        }
    }

    function settleOn(IVault at_, Item[][] memory groups) private returns (bytes memory result, bytes memory events) {
        bool done;
        bytes memory answer;
        (done, answer, events) = recorded(at_, ISSUER, abi.encodeCall(IVault.settle, (payloadFor(at_, groups))));
        vm.assertTrue(done, "settle refused a payload");
        result = abi.decode(answer, (bytes));
    }

    function firstDifference(
        Item[][] memory groups,
        bytes memory expected,
        bytes memory actual
    ) private pure returns (bool, Item memory it) {
        vm.assertEq(expected.length, actual.length);
        uint256 index = 0;
        for (uint256 g = 0; g < groups.length; ++g) {
            for (uint256 i = 0; i < groups[g].length; ++i) {
                uint8 mask = uint8(1 << (index % 8));
                if ((uint8(expected[index / 8]) ^ uint8(actual[index / 8])) & mask != 0) {
                    vm.assertTrue(
                        uint8(expected[index / 8]) & mask != 0,
                        "the packed vault paid what the reference skips"
                    );
                    return (true, groups[g][i]);
                }
                ++index;
            }
        }
        return (false, it);
    }

    function payloadFor(IVault at_, Item[][] memory groups) private returns (bytes memory made) {
        vault = at_;
        address[] memory payees = new address[](4);
        for (uint256 i = 0; i < 4; ++i) payees[i] = payeeOf(i);
        bool needsZero = false;
        for (uint256 g = 0; g < groups.length; ++g) if (groups[g][0].payee == address(0)) needsZero = true;
        // Most payloads name no zero payee, so that the hot loop is what runs.
        if (!needsZero) payees[3] = OTHER_MERCHANT;
        made = head(payees);
        for (uint256 g = 0; g < groups.length; ++g) {
            bytes[] memory items = new bytes[](groups[g].length);
            for (uint256 i = 0; i < items.length; ++i) items[i] = itemBytes(groups[g][i]);
            made = bytes.concat(made, group(indexOf(payees, groups[g][0].payee), vm.addr(groups[g][0].key), items));
        }
    }

    function indexOf(address[] memory payees, address payee) private pure returns (uint16 index) {
        while (payees[index] != payee) ++index;
    }

    function itemBytes(Item memory it) private view returns (bytes memory made) {
        (, bytes32 r, bytes32 vs) = sign(it);
        made = bytes.concat(bytes4(it.counter), bytes6(it.amount), bytes20(uint160(it.counter)), r, vs);
        if (it.damage == 1) made[93] ^= 0x01;
        if (it.damage == 2) made[62] ^= 0x80;
        if (it.damage == 3) made[9] ^= 0x01;
        if (it.damage == 4) for (uint256 i = 30; i < 62; ++i) made[i] = 0xff;
        if (it.damage == 5) for (uint256 i = 62; i < 94; ++i) made[i] = 0;
    }

    function voucherOf(Item memory it) internal pure returns (Voucher memory) {
        return Voucher(it.key, it.payee, it.counter, it.amount, bytes20(uint160(it.counter)));
    }

    function sign(Item memory it) internal view returns (bytes memory message, bytes32 r, bytes32 vs) {
        message = messageOf(voucherOf(it));
        (r, vs) = signBytes(it.key, message);
    }

    // ---- comparing ------------------------------------------------------------------------------------------------

    function compare() internal view {
        for (uint256 k = 0; k < CARDS; ++k) {
            address card_ = vm.addr(keyOf(k));
            vm.assertEq(
                viewOf(plain, abi.encodeCall(IVault.card, (card_))),
                viewOf(packed, abi.encodeCall(IVault.card, (card_)))
            );
            for (uint256 i = 0; i < seen.length; ++i) {
                vm.assertTrue(plain.isUsed(card_, seen[i]) == packed.isUsed(card_, seen[i]), "used counters differ");
            }
        }
        for (uint256 i = 0; i < 4; ++i) {
            bytes memory call = abi.encodeCall(IVault.merchant, (payeeOf(i)));
            vm.assertEq(viewOf(plain, call), viewOf(packed, call));
            call = abi.encodeCall(IVault.delegate, (payeeOf(i), vm.addr(DELEGATE_KEY)));
            vm.assertEq(viewOf(plain, call), viewOf(packed, call));
            vm.assertEq(plain.reserve(payeeOf(i)), packed.reserve(payeeOf(i)));
        }
        vm.assertEq(token.balanceOf(address(plain)), token.balanceOf(address(packed)));
    }

    function viewOf(IVault at_, bytes memory call) private view returns (bytes memory answer) {
        (, answer) = address(at_).staticcall(call);
    }

    // ---- chance ---------------------------------------------------------------------------------------------------

    function draw(uint256 below) internal returns (uint256) {
        state = uint256(keccak256(abi.encode(state)));
        return state % below;
    }

    function keyOf(uint256 k) internal pure returns (uint256) {
        return CARD_KEY + k;
    }

    function payeeOf(uint256 i) internal pure returns (address) {
        return i == 3 ? address(0) : address(uint160(0x5400a1 + i));
    }
}
