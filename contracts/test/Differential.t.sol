// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../src/IVault.sol";
import {TwoVaults} from "./support/TwoVaults.sol";

/// @title Random lives of cards, good and bad, through the reference and the packed vault: same outcomes, balances and events.
contract DifferentialTest is TwoVaults {
    uint256 private constant BATCHES = 3;
    uint256 private constant MAX_GROUPS = 4;
    uint256 private constant MAX_ITEMS = 5;
    uint256 private constant MAX_RUN = 40;

    /// The counter that each card used last in a run of its payments.
    mapping(uint256 => uint32) private last;

    /// A run is three batches; the long one is `FOUNDRY_PROFILE=soak`.
    /// forge-config: default.fuzz.runs = 500
    /// forge-config: soak.fuzz.runs = 10000
    /// forge-config: mutation.fuzz.runs = 20
    function test_fuzz_differential(uint256 seed) public {
        state = seed;
        for (uint256 i = 0; i < 2; ++i) both(payeeOf(i), abi.encodeCall(IVault.setDelegate, (delegateAddress(), 600)));
        for (uint256 i = 0; i < BATCHES; ++i) {
            for (uint256 k = draw(5); k > 0; --k) action();
            batch();
            compare();
        }
    }

    /// Cards that pay on and on: long groups of counters in order, with few faults, so that the window fills and slides.
    /// forge-config: default.fuzz.runs = 60
    /// forge-config: soak.fuzz.runs = 2000
    /// forge-config: mutation.fuzz.runs = 4
    function test_fuzz_differential_runs(uint256 seed) public {
        state = seed;
        token.mint(ISSUER, 3_000_000);
        for (uint256 k = 0; k < CARDS; ++k) {
            last[k] = 0;
            both(ISSUER, abi.encodeCall(IVault.fund, (vm.addr(keyOf(k)), 40_000 + draw(40_000))));
        }
        if (draw(4) == 0) convict(draw(CARDS));
        for (uint256 i = 0; i < BATCHES; ++i) {
            Item[][] memory groups = new Item[][](1 + draw(MAX_GROUPS));
            for (uint256 g = 0; g < groups.length; ++g) groups[g] = run(draw(CARDS));
            settleBoth(groups);
            if (draw(3) == 0) action();
            compare();
        }
    }

    /// Merchants that were paid, and delegates at work: refunds, reversals, limits, reserves and withdrawals in any order.
    /// forge-config: default.fuzz.runs = 100
    /// forge-config: soak.fuzz.runs = 4000
    /// forge-config: mutation.fuzz.runs = 6
    function test_fuzz_differential_delegates(uint256 seed) public {
        state = seed;
        for (uint256 i = 0; i < 2; ++i)
            both(payeeOf(i), abi.encodeCall(IVault.setDelegate, (delegateAddress(), 300 + draw(900))));
        Item[][] memory groups = new Item[][](4);
        for (uint256 g = 0; g < groups.length; ++g) {
            uint256 k = g % CARDS;
            both(ISSUER, abi.encodeCall(IVault.fund, (vm.addr(keyOf(k)), 40_000)));
            groups[g] = run(k);
        }
        settleBoth(groups);
        if (draw(4) == 0) convict(draw(CARDS));
        for (uint256 i = 0; i < 15; ++i) {
            uint256 which = draw(8);
            if (which < 4) giveBack(draw(CARDS));
            else if (which < 6) reverse(draw(CARDS));
            else if (which == 6) appoint();
            else both(ISSUER, abi.encodeCall(IVault.withdraw, (payeeOf(draw(2)))));
        }
        compare();
    }

    // ---- actions ----------------------------------------------------------------------------------------------------

    function action() private {
        uint256 which = draw(11);
        uint256 k = draw(CARDS);
        address card_ = vm.addr(keyOf(k));
        if (which < 2)
            return both(ISSUER, abi.encodeCall(IVault.fund, (card_, draw(8) == 0 ? draw(1 << 48) : draw(5_000))));
        if (which == 2) return both(payeeOf(draw(2)), abi.encodeCall(IVault.refund, (card_, draw(300))));
        if (which == 3) return release(k);
        if (which == 4) return void(k);
        if (which == 5) return take(card_);
        if (which == 6) return appoint();
        if (which < 9) return giveBack(k);
        if (which == 9) return reverse(k);
        both(ISSUER, abi.encodeCall(IVault.withdraw, (payeeOf(draw(3)))));
    }

    function take(address card_) private {
        uint256 before = block.timestamp;
        both(OWNER, abi.encodeCall(IVault.requestWithdrawal, (card_, draw(2_000))));
        if (draw(3) == 0) both(OWNER, abi.encodeCall(IVault.cancelWithdrawal, (card_)));
        vm.warp(before + 10 days + draw(15 days));
        both(OWNER, abi.encodeCall(IVault.withdrawFromCard, (card_)));
        vm.warp(before);
    }

    /// Flags a card on both, each by messages of its own domain.
    function convict(uint256 k) private {
        for (uint256 i = 0; i < 2; ++i) {
            vault = i == 0 ? plain : packed;
            (bytes memory message, , ) = sign(Item(keyOf(k), k, MERCHANT, 1, 1, 0));
            (bytes memory other, , ) = sign(Item(keyOf(k), k, MERCHANT, 1, 2, 0));
            vault.proveEquivocation(signed(keyOf(k), message), signed(keyOf(k), other));
        }
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

    /// A payee sets its delegate's limit or its reserve; now and then a part of a day passes.
    function appoint() private {
        address payee = payeeOf(draw(2));
        uint256 kind = draw(3);
        if (kind == 0) both(payee, abi.encodeCall(IVault.setReserve, (draw(8) == 0 ? draw(1 << 50) : draw(500))));
        if (kind == 1)
            both(payee, abi.encodeCall(IVault.setDelegate, (draw(9) == 0 ? address(0) : delegateAddress(), draw(900))));
        if (kind == 2) vm.warp(block.timestamp + draw(20 hours));
    }

    function delegateAddress() private pure returns (address) {
        return vm.addr(DELEGATE_KEY);
    }

    /// An order for a voucher that was paid, mostly; of any total, now and then by somebody else or too late.
    function giveBack(uint256 k) private {
        Item memory it =
            paidItems.length > 0 && draw(5) > 0
                ? paidItems[draw(paidItems.length)]
                : Item(keyOf(k), k, payeeOf(draw(2)), counter(), uint48(draw(400)), 0);
        uint256 signer = draw(10) == 0 ? CARD_KEY : DELEGATE_KEY;
        uint48 total = draw(3) == 0 ? it.amount : uint48(draw(uint256(it.amount) + 2));
        Order memory o = Order(voucherOf(it), total, uint32(block.timestamp + draw(9)), signer);
        if (draw(12) == 0) o.deadline = uint32(block.timestamp - 1);
        (bytes memory answer, bytes memory events) = orderAt(plain, o);
        (bytes memory packedAnswer, bytes memory packedEvents) = orderAt(packed, o);
        vm.assertEq(answer, packedAnswer, "answers differ");
        vm.assertEq(events, packedEvents, "events differ");
        vm.assertEq(returnedAt(plain, o.voucher), returnedAt(packed, o.voucher));
    }

    function orderAt(IVault at_, Order memory o) private returns (bytes memory answer, bytes memory events) {
        vault = at_;
        (, answer, events) = recorded(at_, ISSUER, refundCall(o));
    }

    function returnedAt(IVault at_, Voucher memory v) private returns (uint256) {
        vault = at_;
        return vault.returned(idOf(v));
    }

    /// A reversal of a voucher, mostly of one that nobody has; now and then by somebody else or with a broken key.
    function reverse(uint256 k) private {
        Item memory it = Item(keyOf(k), k, payeeOf(draw(2)), counter(), uint48(draw(300)), 0);
        (uint256 signer, uint256 damage) = (draw(10) == 0 ? CARD_KEY : DELEGATE_KEY, draw(12));
        bytes memory answer = reverseAt(plain, it, signer, damage);
        bytes memory packedAnswer = reverseAt(packed, it, signer, damage);
        if (bytes4(packedAnswer) == IVault.Advance.selector) {
            advance(it);
            packedAnswer = reverseAt(packed, it, signer, damage);
        }
        vm.assertEq(answer, packedAnswer, "answers differ");
        vm.assertEq(returnedAt(plain, voucherOf(it)), returnedAt(packed, voucherOf(it)));
    }

    function reverseAt(
        IVault at_,
        Item memory it,
        uint256 signer,
        uint256 damage
    ) private returns (bytes memory answer) {
        vault = at_;
        Reversal memory x = reversal(voucherOf(it));
        x.signer = signer;
        if (damage == 0) x.y ^= bytes32(uint256(1));
        if (damage == 1) x.object[76] ^= 0x01;
        (, answer, ) = recorded(at_, ISSUER, releaseCall(x));
    }

    function void(uint256 k) private {
        uint32 number = counter();
        bytes4[2] memory errors;
        Item memory proof = Item(keyOf(k), k, MERCHANT, number < type(uint32).max ? number + 1 : number, 1, 0);
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

    function voidAt(address card_, uint32 number, Item memory proof) private returns (bytes4 failure) {
        (bytes memory message, bytes32 r, bytes32 vs) = sign(proof);
        vm.startPrank(OWNER);
        try vault.requestVoid(card_, number, message, r, vs) {} catch {}
        uint256 before = block.timestamp;
        vm.warp(before + 16 days);
        try vault.executeVoid(card_, number) {} catch (bytes memory reason) {
            failure = bytes4(reason);
        }
        vm.warp(before);
        vm.stopPrank();
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
        settleBoth(groups);
    }

    /// The next vouchers of a card: mostly in order and good; now and then one is left out, comes twice, late or damaged.
    function run(uint256 k) private returns (Item[] memory items) {
        items = new Item[](1 + draw(MAX_RUN));
        address payee = payeeOf(draw(3));
        for (uint256 i = 0; i < items.length; ++i) {
            uint256 kind = draw(30);
            if (kind == 0) last[k] += uint32(1 + draw(draw(10) == 0 ? 700 : 4));
            uint32 number = kind == 1 ? uint32(draw(last[k] + 1)) : ++last[k];
            if (draw(8) == 0) seen.push(number);
            uint256 damage = draw(40) == 0 ? 1 + draw(5) : 0;
            items[i] = Item(keyOf(k), k, payee, number, uint48(1 + draw(600)), damage);
        }
    }

    // ---- chance ---------------------------------------------------------------------------------------------------

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
