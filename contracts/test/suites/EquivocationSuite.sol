// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../../src/IVault.sol";
import {Fixture} from "../support/Fixture.sol";

/// @title A copied card convicts itself (spec §7.6).
abstract contract EquivocationSuite is Fixture {
    function contextOf(uint48 spent, bytes32 link) private pure returns (bytes memory) {
        return
            bytes.concat(
                "TLYC",
                bytes16("challenge"),
                bytes8("terminal"),
                bytes4(uint32(1)),
                bytes6(spent),
                bytes4(uint32(7)),
                hex"0c0000",
                link
            );
    }

    function withContext(uint32 counter, uint48 amount, bytes memory context) private pure returns (Voucher memory v) {
        v = voucher(counter, amount);
        v.context = bytes20(sha256(context));
    }

    function equivocation(Voucher memory a, Voucher memory b) private {
        vault.proveEquivocation(signed(a.key, messageOf(a)), signed(b.key, messageOf(b)));
    }

    function equivocationOf(Voucher memory a, Voucher memory b) external {
        equivocation(a, b);
    }

    function test_equivocation_flagsTheCardAndStopsItsFunding() public {
        fund(card, 10);
        Voucher memory other = voucher(1, 5);
        other.payee = OTHER_MERCHANT;
        equivocation(voucher(1, 5), other);
        vm.assertTrue(isFlagged(card));
        vm.prank(ISSUER);
        vm.expectRevert(abi.encodeWithSelector(IVault.Flagged.selector, card));
        vault.fund(card, 1);
        vm.prank(MERCHANT);
        vm.expectRevert(abi.encodeWithSelector(IVault.Flagged.selector, card));
        vault.refund(card, 1);
        // What it holds still pays the first of the two.
        vm.assertTrue(settle(voucher(1, 5)));
        vm.assertFalse(settle(other));
    }

    function test_equivocation_refusesOneMessageTwoCountersAndTwoCards() public {
        vm.expectRevert(IVault.NoEquivocation.selector);
        this.equivocationOf(voucher(1, 5), voucher(1, 5));
        vm.expectRevert(IVault.NoEquivocation.selector);
        this.equivocationOf(voucher(1, 5), voucher(2, 5));
        Voucher memory foreign = voucher(1, 6);
        foreign.key = OTHER_CARD_KEY;
        vm.expectRevert(IVault.BadSignature.selector);
        this.equivocationOf(voucher(1, 5), foreign);
        vm.assertFalse(isFlagged(card));
    }

    function test_equivocation_refusesMessagesOfAnotherVaultAndOtherObjects() public {
        bytes memory other = messageOf(voucher(1, 6));
        other[20] ^= 0x01;
        IVault.SignedMessage memory good = signed(CARD_KEY, messageOf(voucher(1, 5)));
        IVault.SignedMessage memory foreign = signed(CARD_KEY, other);
        IVault.SignedMessage memory opening = signed(CARD_KEY, bytes.concat("TLYO", domain(), bytes20(OWNER)));
        vm.expectRevert(IVault.MalformedMessage.selector);
        vault.proveEquivocation(good, foreign);
        vm.expectRevert(IVault.MalformedMessage.selector);
        vault.proveEquivocation(good, opening);
    }

    function inconsistency(Voucher memory a, bytes memory contextA, Voucher memory b, bytes memory contextB) private {
        vault.proveInconsistency(signed(a.key, messageOf(a)), contextA, signed(b.key, messageOf(b)), contextB);
    }

    function inconsistencyOf(
        Voucher memory a,
        bytes memory contextA,
        Voucher memory b,
        bytes memory contextB
    ) external {
        inconsistency(a, contextA, b, contextB);
    }

    function test_inconsistency_aBrokenLinkConvicts() public {
        bytes memory first = contextOf(10, bytes32(0));
        Voucher memory a = withContext(1, 10, first);
        bytes memory honest = contextOf(15, sha256(messageOf(a)));
        Voucher memory next = withContext(2, 5, honest);
        vm.expectRevert(IVault.NoEquivocation.selector);
        this.inconsistencyOf(a, first, next, honest);
        bytes memory broken = contextOf(15, bytes32(uint256(1)));
        inconsistency(a, first, withContext(2, 5, broken), broken);
        vm.assertTrue(isFlagged(card));
    }

    function test_inconsistency_neighboursMustAddUpExactly() public {
        bytes memory first = contextOf(10, bytes32(0));
        Voucher memory a = withContext(1, 10, first);
        bytes memory tooMuch = contextOf(16, sha256(messageOf(a)));
        inconsistency(a, first, withContext(2, 5, tooMuch), tooMuch);
        vm.assertTrue(isFlagged(card));
    }

    function test_inconsistency_distantOnesMustHaveSpentAtLeastOneUnitEach() public {
        bytes memory first = contextOf(10, bytes32(0));
        Voucher memory a = withContext(1, 10, first);
        // Counters 2 and 3 lie between and spent at least one unit each: 10 + 5 + 2.
        bytes memory least = contextOf(17, bytes32(uint256(9)));
        Voucher memory distant = withContext(4, 5, least);
        vm.expectRevert(IVault.NoEquivocation.selector);
        this.inconsistencyOf(a, first, distant, least);
        bytes memory less = contextOf(16, bytes32(uint256(9)));
        inconsistency(a, first, withContext(4, 5, less), less);
        vm.assertTrue(isFlagged(card));
    }

    function test_inconsistency_refusesAForeignContextAndAWrongOrder() public {
        bytes memory first = contextOf(10, bytes32(0));
        Voucher memory a = withContext(1, 10, first);
        bytes memory second = contextOf(99, bytes32(0));
        Voucher memory b = withContext(2, 5, second);
        vm.expectRevert(IVault.MalformedMessage.selector);
        this.inconsistencyOf(a, second, b, second);
        vm.expectRevert(IVault.NoEquivocation.selector);
        this.inconsistencyOf(b, second, a, first);
    }

    function test_inconsistency_needsBothMessagesOfOneCard() public {
        bytes memory first = contextOf(10, bytes32(0));
        bytes memory broken = contextOf(15, bytes32(uint256(1)));
        Voucher memory a = withContext(1, 10, first);
        Voucher memory b = withContext(2, 5, broken);
        b.key = OTHER_CARD_KEY;
        vm.expectRevert(IVault.BadSignature.selector);
        this.inconsistencyOf(a, first, b, broken);
        (a.key, b.key) = (b.key, a.key);
        vm.expectRevert(IVault.BadSignature.selector);
        this.inconsistencyOf(a, first, b, broken);
        vm.assertFalse(isFlagged(card));
        vm.assertFalse(isFlagged(otherCard));
    }

    /// Contexts of another length or tag are none, though the message carries their hash.
    function test_inconsistency_refusesContextsOfAnotherForm() public {
        bytes memory first = contextOf(10, bytes32(0));
        bytes memory broken = contextOf(15, bytes32(uint256(1)));
        bytes memory tagged = bytes.concat(broken);
        tagged[3] = "D";
        bytes[3] memory others = [bytes.concat(broken, hex"00"), tagged, bytes("")];
        Voucher memory good = withContext(1, 10, first);
        Voucher memory later = withContext(2, 5, broken);
        for (uint256 i = 0; i < others.length; ++i) {
            Voucher memory bad = withContext(2, 5, others[i]);
            vm.expectRevert(IVault.MalformedMessage.selector);
            this.inconsistencyOf(good, first, bad, others[i]);
            bad.counter = 1;
            vm.expectRevert(IVault.MalformedMessage.selector);
            this.inconsistencyOf(bad, others[i], later, broken);
        }
    }

    /// M is 82 bytes with its tag, wherever a message is asked for.
    function test_messages_ofAnotherFormAreRefusedEverywhere() public {
        bytes memory good = messageOf(voucher(1, 5));
        bytes memory tagged = bytes.concat(good);
        tagged[3] = "2";
        bytes memory cut = new bytes(81);
        for (uint256 i = 0; i < 81; ++i) cut[i] = good[i];
        bytes[4] memory others = [bytes.concat(good, hex"00"), tagged, cut, bytes("")];
        for (uint256 i = 0; i < others.length; ++i) {
            IVault.SignedMessage memory bad = signed(CARD_KEY, others[i]);
            bytes[4] memory calls = [
                abi.encodeCall(IVault.release, (bad.message, bad.r, bad.vs)),
                abi.encodeCall(IVault.advance, (bad.message, bad.r, bad.vs, 1)),
                abi.encodeCall(IVault.proveEquivocation, (bad, signed(CARD_KEY, good))),
                abi.encodeCall(IVault.proveEquivocation, (signed(CARD_KEY, good), bad))
            ];
            for (uint256 k = 0; k < calls.length; ++k) {
                vm.prank(MERCHANT);
                (bool done, bytes memory answer) = address(vault).call(calls[k]);
                vm.assertFalse(done);
                vm.assertEq(answer, abi.encodeWithSelector(IVault.MalformedMessage.selector));
            }
        }
    }

    /// Anyone may convict, before the card was opened too; the evidence stands in the event.
    function test_equivocation_emitsTheEvidence() public {
        bytes memory first = messageOf(voucher(1, 5));
        bytes memory second = messageOf(voucher(1, 6));
        vm.expectEmit();
        emit IVault.EquivocationProved(card, first, second);
        vault.proveEquivocation(signed(CARD_KEY, first), signed(CARD_KEY, second));
    }
}
