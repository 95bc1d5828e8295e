// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../src/IVault.sol";
import {PackedVault} from "../src/PackedVault.sol";
import {ReferenceVault} from "../src/ReferenceVault.sol";
import {Scene} from "./support/Scene.sol";
import {Vm} from "./support/Vm.sol";

/// @title Random lives of cards, good and bad, through the reference and the packed vault: same outcomes, balances and events.
/// Where the packed vault skips an item for ADVANCE alone, `advance` must succeed, and then the outcomes must agree.
contract DifferentialTest is Scene {
    uint256 private constant CARDS = 3;
    uint256 private constant BATCHES = 3;
    uint256 private constant MAX_GROUPS = 4;
    uint256 private constant MAX_ITEMS = 5;

    struct Item {
        uint256 key;
        uint256 card;
        address payee;
        uint32 counter;
        uint48 amount;
        uint256 damage;
    }

    IVault private plain;
    IVault private packed;
    uint256 private state;
    uint32[] private seen;

    function deployVault(address token_, uint256 scale_) internal override returns (IVault) {
        return new ReferenceVault(token_, scale_);
    }

    function setUp() public override {
        super.setUp();
        plain = vault;
        packed = new PackedVault(address(token), SCALE);
        vm.prank(ISSUER);
        token.approve(address(packed), type(uint256).max);
        vm.startPrank(SHOP);
        token.mint(SHOP, 1_000_000);
        token.approve(address(plain), type(uint256).max);
        token.approve(address(packed), type(uint256).max);
        vm.stopPrank();
        for (uint256 i = 0; i < 2; ++i) {
            vault = i == 0 ? plain : packed;
            for (uint256 k = i == 0 ? 2 : 0; k < CARDS; ++k) openCard(keyOf(k), OWNER);
        }
    }

    /// A run is three batches; the long one is `FOUNDRY_PROFILE=soak`.
    /// forge-config: default.fuzz.runs = 500
    /// forge-config: soak.fuzz.runs = 10000
    function test_fuzz_differential(uint256 seed) public {
        state = seed;
        for (uint256 i = 0; i < BATCHES; ++i) {
            for (uint256 k = draw(3); k > 0; --k) deed();
            batch();
            compare();
        }
    }

    // ---- deeds ----------------------------------------------------------------------------------------------------

    function deed() private {
        uint256 which = draw(6);
        uint256 k = draw(CARDS);
        if (which < 2)
            return
                both(
                    ISSUER,
                    abi.encodeCall(IVault.fund, (vm.addr(keyOf(k)), draw(8) == 0 ? draw(1 << 48) : draw(5_000)))
                );
        if (which == 2) return both(payeeOf(draw(2)), abi.encodeCall(IVault.refund, (vm.addr(keyOf(k)), draw(300))));
        if (which == 3) return release(k);
        if (which == 4) return void(k);
        both(ISSUER, abi.encodeCall(IVault.withdraw, (payeeOf(draw(3)))));
    }

    function both(address sender, bytes memory call) private {
        vm.prank(sender);
        (bool done, bytes memory answer) = address(plain).call(call);
        vm.prank(sender);
        (bool packedDone, bytes memory packedAnswer) = address(packed).call(call);
        vm.assertTrue(done == packedDone, "one vault refused");
        // An error of the token names the vault that called it: its kind is what must agree.
        if (done) vm.assertEq(answer, packedAnswer, "answers differ");
        else vm.assertEq(bytes32(bytes4(answer)), bytes32(bytes4(packedAnswer)));
    }

    function release(uint256 k) private {
        Item memory it = Item(keyOf(k), k, payeeOf(draw(2)), counter(), uint48(draw(500)), 0);
        bytes4 plainError = releaseAt(plain, it);
        bytes4 packedError = releaseAt(packed, it);
        if (packedError == IVault.Advance.selector) {
            advance(it);
            packedError = releaseAt(packed, it);
        }
        vm.assertEq(bytes32(plainError), bytes32(packedError));
    }

    function releaseAt(IVault at_, Item memory it) private returns (bytes4) {
        vault = at_;
        (bytes memory message, bytes32 r, bytes32 vs) = sign(it);
        vm.prank(it.payee);
        try vault.release(message, r, vs) {
            return 0;
        } catch (bytes memory reason) {
            return bytes4(reason);
        }
    }

    function void(uint256 k) private {
        uint32 number = counter();
        bytes4[2] memory errors;
        Item memory proof = Item(keyOf(k), k, SHOP, number < type(uint32).max ? number + 1 : number, 1, 0);
        for (uint256 i = 0; i < 2; ++i) {
            vault = i == 0 ? plain : packed;
            errors[i] = voidAt(vm.addr(keyOf(k)), number, proof);
            if (errors[i] == IVault.Advance.selector) {
                advance(proof);
                errors[i] = voidAt(vm.addr(keyOf(k)), number, proof);
            }
        }
        vm.assertEq(bytes32(errors[0]), bytes32(errors[1]));
    }

    function voidAt(address card_, uint32 number, Item memory proof) private returns (bytes4) {
        (bytes memory message, bytes32 r, bytes32 vs) = sign(proof);
        vm.startPrank(OWNER);
        bytes4 failure = 0;
        try vault.requestVoid(card_, number, message, r, vs) {} catch (bytes memory reason) {
            failure = bytes4(reason);
        }
        uint256 before = block.timestamp;
        vm.warp(before + 16 days);
        try vault.executeVoid(card_, number) {
            failure = 0;
        } catch (bytes memory reason) {
            failure = bytes4(reason);
        }
        vm.warp(before);
        vm.stopPrank();
        return failure;
    }

    function advance(Item memory it) private {
        vault = packed;
        it.damage = 0;
        (bytes memory message, bytes32 r, bytes32 vs) = sign(it);
        // It reverts with NothingToAdvance when the item was skipped for another reason: then the vaults disagree.
        packed.advance(message, r, vs, 64);
    }

    // ---- batches --------------------------------------------------------------------------------------------------

    function batch() private {
        Item[][] memory groups = new Item[][](1 + draw(MAX_GROUPS));
        for (uint256 g = 0; g < groups.length; ++g) {
            groups[g] = new Item[](1 + draw(MAX_ITEMS));
            (uint256 k, address payee) = (draw(CARDS), payeeOf(draw(20) == 0 ? 3 : draw(3)));
            for (uint256 i = 0; i < groups[g].length; ++i) {
                groups[g][i] = Item(keyOf(k), k, payee, counter(), amount(), draw(4) == 0 ? 1 + draw(5) : 0);
            }
        }
        bytes memory expected = plain.settle(payloadFor(plain, groups));
        while (true) {
            uint256 id = vm.snapshotState();
            bytes memory actual = packed.settle(payloadFor(packed, groups));
            (bool differs, Item memory it) = firstDifference(groups, expected, actual);
            if (!differs) break;
            vm.revertToState(id);
            advance(it);
        }
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
        if (!needsZero) payees[3] = OTHER_SHOP;
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

    function sign(Item memory it) private view returns (bytes memory message, bytes32 r, bytes32 vs) {
        message = messageOf(Voucher(it.key, it.payee, it.counter, it.amount, bytes20(uint160(it.counter))));
        (r, vs) = signBytes(it.key, message);
    }

    // ---- comparing ------------------------------------------------------------------------------------------------

    function compare() private view {
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
        }
        vm.assertEq(token.balanceOf(address(plain)), token.balanceOf(address(packed)));
    }

    function viewOf(IVault at_, bytes memory call) private view returns (bytes memory answer) {
        (, answer) = address(at_).staticcall(call);
    }

    // ---- chance ---------------------------------------------------------------------------------------------------

    function draw(uint256 below) private returns (uint256) {
        state = uint256(keccak256(abi.encode(state)));
        return state % below;
    }

    function keyOf(uint256 k) private pure returns (uint256) {
        return CARD_KEY + k;
    }

    function payeeOf(uint256 i) private pure returns (address) {
        return i == 3 ? address(0) : address(uint160(0x5400a1 + i));
    }

    /// Mostly the counters of a young card; else about the ends of windows and words, or far ahead.
    function counter() private returns (uint32 number) {
        uint256 kind = draw(10);
        if (kind < 4) number = uint32(draw(30));
        else if (kind < 6) number = uint32(100 + draw(60));
        else if (kind < 8) number = uint32(240 + draw(40));
        else number = uint32(300 + draw(2_000));
        seen.push(number);
    }

    function amount() private returns (uint48) {
        uint256 kind = draw(12);
        return
            kind == 0
                ? 0
                : kind == 1
                    ? uint48(draw(1 << 48))
                    : uint48(draw(400));
    }
}
