// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../../src/IVault.sol";
import {HighSignature} from "../support/HighSignature.sol";
import {HostileToken} from "../support/HostileToken.sol";
import {Fixture} from "../support/Fixture.sol";
import {Vm} from "../support/Vm.sol";

/// @title What somebody may try against the vault, and what comes of it.
abstract contract AttackSuite is Fixture {
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    function setUp() public override {
        super.setUp();
        fund(card, 1_000);
        fund(otherCard, 1_000);
    }

    function twoItems() private view returns (bytes memory) {
        bytes[] memory items = new bytes[](2);
        (items[0], items[1]) = (item(voucher(1, 10)), item(voucher(2, 10)));
        return payload(MERCHANT, card, items);
    }

    function test_attack_twoOperatorsRaceWithOnePayload() public {
        bytes memory made = twoItems();
        vm.prank(ISSUER);
        vm.assertEq(vault.settle(made), hex"03");
        vm.prank(OWNER);
        vm.assertEq(vault.settle(made), hex"00");
        vm.assertEq(earnedBy(MERCHANT), 20);
    }

    /// A copied opening can only do what the card signed; the first sender's transaction then reverts and nothing is lost.
    function test_attack_openingCopiedFromTheMempool() public {
        uint256 key = 0xf4e54;
        bytes memory message = bytes.concat("TLYO", domain(), bytes20(OWNER));
        (bytes32 r, bytes32 vs) = signBytes(key, message);
        vm.prank(MERCHANT);
        vault.open(vm.addr(key), OWNER, r, vs);
        (, , , address owner, , ) = vault.card(vm.addr(key));
        vm.assertEq(owner, OWNER);
        vm.expectRevert(abi.encodeWithSelector(IVault.AlreadyOpen.selector, vm.addr(key)));
        vault.open(vm.addr(key), OWNER, r, vs);
    }

    /// A signer who chooses s between half the order and 2^255, where the parity bit leaves it room, and computes the key from it.
    function test_attack_sJustAboveHalfTheOrder() public {
        Voucher memory v = voucher(1, 10);
        HighSignature.Forms memory by = HighSignature.over(sha256(messageOf(v)));
        openCard(by.key, OWNER);
        fund(vm.addr(by.key), 100);
        bytes memory start = bytes.concat(bytes4(v.counter), bytes6(v.amount), v.context, by.r);
        bytes[] memory items = new bytes[](1);
        items[0] = bytes.concat(start, by.high);
        vm.assertEq(vault.settle(payload(MERCHANT, vm.addr(by.key), items)), hex"00");
        // The same signature with the low s and the other parity is the card's.
        items[0] = bytes.concat(start, by.low);
        vm.assertEq(vault.settle(payload(MERCHANT, vm.addr(by.key), items)), hex"01");
    }

    function test_attack_aCardsHolderCannotTouchAnotherCardOrAnothersEarnings() public {
        vm.assertTrue(settle(voucher(1, 100)));
        Voucher memory theirs = voucher(2, 500);
        theirs.key = OTHER_CARD_KEY;
        bytes[] memory items = new bytes[](1);
        items[0] = item(theirs);
        vm.assertEq(vault.settle(payload(MERCHANT, card, items)), hex"00");
        vm.assertEq(balanceOf(card), 900);
        vm.assertEq(earnedBy(MERCHANT), 100);
        bytes memory message = messageOf(voucher(3, 1));
        (bytes32 r, bytes32 vs) = signBytes(CARD_KEY, message);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IVault.NotPayee.selector, OWNER));
        vault.release(message, r, vs);
    }

    function test_attack_tablesLongerThanThePayloadAndGroupsInsideThem() public {
        bytes memory made = twoItems();
        // The count of payees reaches into the groups, so that what follows is read from another place.
        for (uint256 count = 2; count < 400; count += 7) {
            made[64] = bytes1(uint8(count >> 8));
            made[65] = bytes1(uint8(count));
            (bool done, bytes memory answer) = address(vault).call(abi.encodeCall(IVault.settle, (made)));
            if (!done) vm.assertEq(answer, abi.encodeWithSelector(IVault.MalformedPayload.selector));
        }
        vm.assertEq(balanceOf(card), 1_000);
        vm.assertEq(vault.settle(bytes.concat(bytes32(0), bytes32(0), bytes2(0))), hex"");
    }

    /// Too little gas for a precompile must not pass for a bad signature: either everything is paid or all of it reverts.
    function test_attack_aStingyGasLimitNeverSkipsAGoodItem() public {
        bytes memory call = abi.encodeCall(IVault.settle, (twoItems()));
        uint256 paid = 0;
        uint256 id = vm.snapshotState();
        for (uint256 gas = 20_000; gas < 160_000; gas += 229) {
            vm.cool(address(vault));
            (bool done, bytes memory answer) = address(vault).call{gas: gas}(call);
            if (!done) continue;
            vm.assertEq(abi.decode(answer, (bytes)), hex"03");
            ++paid;
            vm.revertToState(id);
            id = vm.snapshotState();
        }
        vm.assertGe(paid, 1);
    }

    /// While a deposit is being pulled the token settles a voucher against it; the deposit turns out short, and all is undone.
    function test_attack_settlingAgainstADepositThatNeverArrives() public {
        HostileToken hostile = new HostileToken();
        vault = deployVault(address(hostile), SCALE);
        openCard(CARD_KEY, OWNER);
        hostile.setFee(1);
        hostile.setCallback(address(vault), abi.encodeCall(IVault.settle, (payload(voucher(1, 100)))));
        vm.expectRevert(abi.encodeWithSelector(IVault.InexactTransfer.selector, 100, 99));
        vault.fund(card, 100);
        vm.assertEq(earnedBy(MERCHANT), 0);
        vm.assertFalse(vault.isUsed(card, 1));
    }

    /// The largest counter is paid once or waits for `advance`, and means nothing for the counters about it.
    function test_attack_theLargestCounterWrapsIntoNothing() public {
        bytes[] memory items = new bytes[](4);
        items[0] = items[1] = item(voucher(type(uint32).max, 10));
        items[2] = item(voucher(0, 10));
        items[3] = item(voucher(1, 10));
        uint8 result = uint8(vault.settle(payload(MERCHANT, card, items))[0]);
        vm.assertTrue(result == 0x09 || result == 0x08);
        vm.assertEq(balanceOf(card), result == 0x09 ? 980 : 990);
        vm.assertTrue(vault.isUsed(card, type(uint32).max) == (result == 0x09));
        vm.assertFalse(vault.isUsed(card, 0));
        vm.assertFalse(vault.isUsed(card, 2));
        vm.assertFalse(settle(voucher(1, 10)));
    }

    function hostileVault() private returns (HostileToken hostile) {
        hostile = new HostileToken();
        vault = deployVault(address(hostile), SCALE);
        openCard(CARD_KEY, address(hostile));
        vault.fund(card, 1_000);
        vm.assertTrue(settle(voucher(1, 100)));
    }

    function isBefore(bytes32 first, bytes32 second) private returns (bool) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 i = 0;
        while (logs[i].topics[0] != first) ++i;
        for (; i < logs.length; ++i) if (logs[i].topics[0] == second) return true;
        return false;
    }

    /// The token is the card's owner and asks for more while it is being paid: who follows the events must learn of the new request
    /// after the old one's end, or he would take the card for one without a pending withdrawal.
    function test_attack_anOwnerWhoAsksAgainWhileHeIsPaidHidesNothing() public {
        HostileToken hostile = hostileVault();
        vm.startPrank(address(hostile));
        vault.requestWithdrawal(card, 10);
        vm.warp(block.timestamp + 16 days);
        hostile.setCallback(address(vault), abi.encodeCall(IVault.requestWithdrawal, (card, 500)));
        vm.recordLogs();
        vault.withdrawFromCard(card);
        vm.stopPrank();
        vm.assertTrue(hostile.callbackSucceeded());
        vm.assertTrue(isBefore(IVault.CardWithdrawn.selector, IVault.WithdrawalRequested.selector));
        (, , , , uint48 pending, ) = vault.card(card);
        vm.assertEq(pending, 500);
    }

    /// A settlement that the token starts while it moves stands, in the events, behind the action that it saw the effects of.
    function test_attack_settlingWhileTokensMoveKeepsEventsInOrder() public {
        HostileToken hostile = hostileVault();
        bytes[4] memory calls = [
            abi.encodeCall(IVault.fund, (card, 5)),
            abi.encodeCall(IVault.fundWithPermit, (card, 5, 0, 0, 0, 0)),
            abi.encodeCall(IVault.withdraw, (MERCHANT)),
            abi.encodeCall(IVault.refund, (card, 5))
        ];
        bytes32[4] memory events = [
            IVault.Funded.selector,
            IVault.Funded.selector,
            IVault.Withdrawn.selector,
            IVault.Refunded.selector
        ];
        for (uint32 i = 0; i < calls.length; ++i) {
            bytes memory settling = abi.encodeCall(IVault.settle, (payload(voucher(2 + i, 1))));
            hostile.setCallback(address(vault), settling);
            vm.recordLogs();
            (bool done, ) = address(vault).call(calls[i]);
            vm.assertTrue(done && hostile.callbackSucceeded() && vault.isUsed(card, 2 + i));
            vm.assertTrue(isBefore(events[i], IVault.Settled.selector));
        }
    }

    /// A token that takes a toll of the sender would take it from everybody's tokens: nothing leaves the vault so.
    function test_attack_aTollOnTheSenderNeverTakesWhatIsOthers() public {
        HostileToken hostile = hostileVault();
        vm.startPrank(address(hostile));
        vault.requestWithdrawal(card, 10);
        vm.warp(block.timestamp + 16 days);
        hostile.setToll(1);
        vm.expectRevert(abi.encodeWithSelector(IVault.InexactTransfer.selector, 100, 101));
        vault.withdraw(MERCHANT);
        vm.expectRevert(abi.encodeWithSelector(IVault.InexactTransfer.selector, 10, 11));
        vault.withdrawFromCard(card);
        vm.stopPrank();
        vm.assertEq(hostile.balanceOf(address(vault)), 1_000);
        hostile.setToll(0);
        vm.assertEq(vault.withdraw(MERCHANT), 100);
    }

    /// Sent to the vault itself, earnings would be nobody's.
    function test_attack_earningsSentToTheVaultItselfAreNotLost() public {
        vm.assertTrue(settle(voucher(1, 10)));
        vm.startPrank(MERCHANT);
        vm.expectRevert(abi.encodeWithSelector(IVault.InexactTransfer.selector, 10, 0));
        vault.withdrawTo(address(vault));
        vm.assertEq(vault.withdrawTo(OTHER_MERCHANT), 10);
        vm.stopPrank();
    }

    /// A payee that is a contract and answers nothing earns like any other, and the rest of the payload with it.
    function test_attack_payeesThatRevert() public {
        Voucher memory v = voucher(1, 10);
        v.payee = address(this);
        vm.assertTrue(settle(v));
        v = voucher(2, 10);
        v.payee = address(vault);
        vm.assertTrue(settle(v));
        vm.assertTrue(settle(voucher(3, 10)));
        vm.assertEq(vault.withdraw(MERCHANT), 10);
    }

    receive() external payable {
        revert("no");
    }
}
