// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../../src/IVault.sol";
import {Fixture} from "../support/Fixture.sol";

/// @title The form of a payload (spec §7.3, §7.10): whatever is not exactly of it reverts as malformed and leaves everything as it was,
/// however good the items around the fault are.
abstract contract PayloadSuite is Fixture {
    /// Bytes of the payload that `whole` makes: roots and count, two payees, a group of two items and one of one.
    uint256 private constant TABLE = 66 + 2 * 20;
    uint256 private constant SECOND_GROUP = TABLE + 24 + 2 * 94;
    uint256 private constant LENGTH = SECOND_GROUP + 24 + 94;
    /// More than any of these payloads may cost to refuse, with the copy of it that the call makes.
    uint256 private constant REFUSAL_GAS = 60_000;

    function setUp() public override {
        super.setUp();
        fund(card, 1_000);
        fund(otherCard, 1_000);
    }

    // ---- a good payload, and what is compared ---------------------------------------------------------------------

    function twoPayees() private pure returns (bytes memory) {
        address[] memory payees = new address[](2);
        (payees[0], payees[1]) = (MERCHANT, OTHER_MERCHANT);
        return head(payees);
    }

    function firstGroup() private view returns (bytes memory) {
        bytes[] memory items = new bytes[](2);
        (items[0], items[1]) = (item(voucher(1, 10)), item(voucher(2, 20)));
        return group(0, card, items);
    }

    function secondGroup() private view returns (bytes memory) {
        Voucher memory v = voucher(1, 30);
        (v.key, v.payee) = (OTHER_CARD_KEY, OTHER_MERCHANT);
        bytes[] memory items = new bytes[](1);
        items[0] = item(v);
        return group(1, otherCard, items);
    }

    function whole() private view returns (bytes memory made) {
        made = bytes.concat(twoPayees(), firstGroup(), secondGroup());
        vm.assertEq(made.length, LENGTH);
    }

    function groupHead(uint16 index, uint16 n) private view returns (bytes memory) {
        return bytes.concat(bytes2(index), bytes20(card), bytes2(n));
    }

    /// Everything that the vault answers about these cards and merchants, its tokens, and the packed vault's words.
    function everything() private view returns (bytes32 digest) {
        address[2] memory cards = [card, otherCard];
        address[3] memory payees = [MERCHANT, OTHER_MERCHANT, address(0)];
        digest = bytes32(token.balanceOf(address(vault)));
        for (uint256 i = 0; i < cards.length; ++i) {
            digest = mixed(digest, abi.encodeCall(IVault.card, (cards[i])));
            for (uint32 k = 0; k < 5; ++k) digest = mixed(digest, abi.encodeCall(IVault.isUsed, (cards[i], k)));
            digest = keccak256(bytes.concat(digest, vm.load(address(vault), bytes32(uint256(uint160(cards[i]))))));
        }
        for (uint256 i = 0; i < payees.length; ++i)
            digest = mixed(digest, abi.encodeCall(IVault.merchant, (payees[i])));
    }

    function mixed(bytes32 digest, bytes memory call) private view returns (bytes32) {
        (bool done, bytes memory answer) = address(vault).staticcall(call);
        vm.assertTrue(done);
        return keccak256(bytes.concat(digest, answer));
    }

    function refuses(bytes memory bad) private {
        refusesCall(abi.encodeCall(IVault.settle, (bad)), "a malformed payload was taken");
    }

    function refusesCall(bytes memory call, string memory reason) private {
        bytes32 before = everything();
        (bool done, bytes memory answer) = address(vault).call(call);
        vm.assertFalse(done);
        vm.assertEq(answer, abi.encodeWithSelector(IVault.MalformedPayload.selector), reason);
        vm.assertEq(before, everything());
    }

    /// After all refusals the good items are as payable as before.
    function paysWhole() private {
        vm.assertEq(vault.settle(whole()), hex"07");
        vm.assertEq(earnedBy(MERCHANT), 30);
        vm.assertEq(earnedBy(OTHER_MERCHANT), 30);
        vm.assertEq(balanceOf(card) + balanceOf(otherCard), 2_000 - 60);
    }

    function cut(bytes memory data, uint256 length) private pure returns (bytes memory part) {
        part = new bytes(length);
        for (uint256 i = 0; i < length; ++i) part[i] = data[i];
    }

    function withBytes(bytes memory data, uint256 at, bytes memory other) private pure returns (bytes memory made) {
        made = bytes.concat(data);
        for (uint256 i = 0; i < other.length; ++i) made[at + i] = other[i];
    }

    // ---- too short, too long --------------------------------------------------------------------------------------

    /// Where a prefix ends with the table or with a group it is a payload of its own.
    function endsWithAPart(uint256 length) private pure returns (bool) {
        return length == TABLE || length == SECOND_GROUP || length == LENGTH;
    }

    function test_payload_everyPrefixIsRefusedButThoseThatEndWithAGroup() public {
        bytes memory made = whole();
        for (uint256 length = 0; length < LENGTH; ++length) {
            if (!endsWithAPart(length)) refuses(cut(made, length));
        }
        paysWhole();
    }

    /// The length says less than the calldata holds: what lies behind the end is not part of the payload.
    function test_payload_bytesBehindItsLengthAreNotRead() public {
        bytes memory call = abi.encodeCall(IVault.settle, (whole()));
        for (uint256 length = 0; length < LENGTH; ++length) {
            if (endsWithAPart(length)) continue;
            refusesCall(withBytes(call, 4 + 32, abi.encode(length)), "bytes behind the payload were read");
        }
        paysWhole();
    }

    function test_payload_aPrefixThatEndsWithAGroupPaysItsGroupsOnly() public {
        bytes memory call = withBytes(abi.encodeCall(IVault.settle, (whole())), 4 + 32, abi.encode(SECOND_GROUP));
        (bool done, bytes memory answer) = address(vault).call(call);
        vm.assertTrue(done);
        vm.assertEq(abi.decode(answer, (bytes)), hex"03");
        vm.assertEq(balanceOf(otherCard), 1_000);
        vm.assertEq(vault.settle(cut(whole(), TABLE)), hex"");
    }

    function test_payload_surplusBytesAreRefused() public {
        bytes memory made = whole();
        for (uint256 surplus = 1; surplus <= 120; ++surplus) {
            // 24 zeros are a group of no item, which is refused all the same.
            refuses(bytes.concat(made, new bytes(surplus)));
        }
        bytes memory noise = bytes.concat(keccak256("a"), keccak256("b"), keccak256("c"), keccak256("d"));
        for (uint256 surplus = 1; surplus <= noise.length; ++surplus) refuses(bytes.concat(made, cut(noise, surplus)));
        paysWhole();
    }

    /// The payload may stand anywhere in the calldata; surplus calldata before and behind it means nothing.
    function test_payload_standsWhereItsOffsetSays() public {
        bytes memory made = whole();
        bytes memory call = bytes.concat(
            abi.encodeWithSelector(IVault.settle.selector, uint256(0x60)),
            keccak256("before"),
            keccak256("more"),
            abi.encode(made.length),
            made,
            keccak256("behind")
        );
        (bool done, bytes memory answer) = address(vault).call(call);
        vm.assertTrue(done);
        vm.assertEq(abi.decode(answer, (bytes)), hex"07");
    }

    // ---- groups ---------------------------------------------------------------------------------------------------

    function test_payload_anEmptyGroupIsRefusedWhereverItStands() public {
        bytes memory empty = groupHead(0, 0);
        refuses(bytes.concat(twoPayees(), empty));
        refuses(bytes.concat(twoPayees(), empty, firstGroup(), secondGroup()));
        refuses(bytes.concat(twoPayees(), firstGroup(), empty, secondGroup()));
        refuses(bytes.concat(twoPayees(), firstGroup(), secondGroup(), empty));
        refuses(bytes.concat(twoPayees(), empty, empty, firstGroup()));
        // Of an unknown card, and with bytes behind it that would be an item.
        refuses(bytes.concat(twoPayees(), firstGroup(), bytes2(0), bytes20(uint160(0xdead)), bytes2(0)));
        refuses(bytes.concat(twoPayees(), firstGroup(), empty, item(voucher(3, 5))));
        paysWhole();
    }

    function test_payload_anIndexAtOrPastTheCountIsRefusedWhereverItStands() public {
        bytes[] memory items = new bytes[](1);
        items[0] = item(voucher(3, 5));
        uint16[5] memory indices = [2, 3, 255, 256, type(uint16).max];
        for (uint256 i = 0; i < indices.length; ++i) {
            bytes memory bad = group(indices[i], card, items);
            refuses(bytes.concat(twoPayees(), bad, firstGroup(), secondGroup()));
            refuses(bytes.concat(twoPayees(), firstGroup(), bad, secondGroup()));
            refuses(bytes.concat(twoPayees(), firstGroup(), secondGroup(), bad));
            refuses(bytes.concat(twoPayees(), firstGroup(), groupHead(indices[i], 0)));
        }
        // With no payee at all every index is too large.
        refuses(bytes.concat(bytes32(0), bytes32(0), bytes2(0), group(0, card, items)));
        paysWhole();
    }

    function test_payload_moreItemsThanFollowAreRefused() public {
        bytes memory made = whole();
        uint256[2] memory heads = [TABLE, SECOND_GROUP];
        uint16[2] memory held = [uint16(2), 1];
        for (uint256 g = 0; g < 2; ++g) {
            for (uint16 more = 1; more < 6; ++more) {
                refuses(withBytes(made, heads[g] + 22, abi.encodePacked(held[g] + more)));
            }
            refuses(withBytes(made, heads[g] + 22, hex"ffff"));
            refuses(withBytes(made, heads[g] + 22, hex"8000"));
        }
        // Fewer than follow: the rest is read as a group's head, and does not come out.
        refuses(withBytes(made, TABLE + 22, hex"0001"));
        paysWhole();
    }

    function test_payload_aCountThatDoesNotFitIsRefused() public {
        bytes memory made = whole();
        for (uint256 count = 0; count <= 40; ++count) {
            if (count != 2) refuses(withBytes(made, 64, abi.encodePacked(uint16(count))));
        }
        refuses(withBytes(made, 64, hex"ffff"));
        refuses(bytes.concat(bytes32(0), bytes32(0), hex"0001"));
        refuses(bytes.concat(bytes32(0), bytes32(0), hex"ffff", bytes20(MERCHANT)));
        paysWhole();
    }

    /// The table may reach over groups: what it covers is payees, and only what follows is groups.
    function test_payload_aTableOverAGroupLeavesOnlyWhatFollows() public {
        // 40 + 212 bytes are no whole number of payees; with 8 bytes between they are 13.
        bytes memory made = bytes.concat(twoPayees(), firstGroup(), new bytes(8), secondGroup());
        made[65] = bytes1(uint8((40 + 24 + 188 + 8) / 20));
        vm.assertEq(vault.settle(made), hex"01");
        vm.assertEq(balanceOf(card), 1_000);
        vm.assertEq(earnedBy(OTHER_MERCHANT), 30);
    }

    /// A head that asks for 65,535 items or payees costs no more to refuse than one that asks for two.
    function test_payload_aHugeCountIsRefusedCheaply() public {
        bytes[4] memory bad = [
            bytes.concat(twoPayees(), groupHead(0, type(uint16).max)),
            bytes.concat(twoPayees(), groupHead(0, type(uint16).max), item(voucher(3, 5))),
            bytes.concat(bytes32(0), bytes32(0), hex"ffff"),
            withBytes(whole(), 64, hex"ffff")
        ];
        for (uint256 i = 0; i < bad.length; ++i) {
            refuses(bad[i]);
            uint256 before = gasleft();
            (bool done, ) = address(vault).call(abi.encodeCall(IVault.settle, (bad[i])));
            vm.assertLe(before - gasleft(), REFUSAL_GAS);
            vm.assertFalse(done);
        }
    }

    // ---- by chance ------------------------------------------------------------------------------------------------

    /// The clause in its plainest words, to be held against the vault.
    function isWellFormed(bytes memory data) private pure returns (bool) {
        if (data.length < 66) return false;
        uint256 payees = number(data, 64);
        uint256 at = 66 + 20 * payees;
        while (at + 24 <= data.length) {
            if (number(data, at) >= payees || number(data, at + 22) == 0) return false;
            at += 24 + 94 * number(data, at + 22);
        }
        return at == data.length;
    }

    function number(bytes memory data, uint256 at) private pure returns (uint256) {
        return (uint256(uint8(data[at])) << 8) | uint8(data[at + 1]);
    }

    /// One of the numbers of the form is changed, or bytes are lost or gained: refused exactly when the form is broken.
    function test_fuzz_payload_isRefusedExactlyWhenItsFormIsBroken(uint8 place, uint16 value, uint16 length) public {
        bytes memory made = bytes.concat(whole(), firstGroup());
        uint256[7] memory places = [
            uint256(64),
            TABLE,
            TABLE + 22,
            SECOND_GROUP,
            SECOND_GROUP + 22,
            LENGTH,
            LENGTH + 22
        ];
        if (place % 8 < 7) made = withBytes(made, places[place % 8], abi.encodePacked(value % 5));
        if (place & 64 != 0) made = cut(made, length % made.length);
        else if (place & 128 != 0) made = bytes.concat(made, new bytes(length % 200));
        if (!isWellFormed(made)) return refuses(made);
        bytes memory result = vault.settle(made);
        vm.assertLe(result.length, 1);
        vm.assertEq(balanceOf(card) + balanceOf(otherCard) + earnedBy(MERCHANT) + earnedBy(OTHER_MERCHANT), 2_000);
    }

    // ---- the bitmap -----------------------------------------------------------------------------------------------

    /// Good and bad items on both sides of the ends of bytes and words, in groups of every size up to 40.
    function test_payload_theBitmapNamesEachItemInLongPayloads() public {
        token.mint(ISSUER, 1_000_000);
        fund(card, 100_000);
        bytes memory made = twoPayees();
        bytes memory expected = new bytes(103);
        uint32 at = 0;
        for (uint256 n = 1; n <= 40; ++n) {
            bytes[] memory items = new bytes[](n);
            for (uint256 i = 0; i < n; ++i) {
                items[i] = item(voucher(at + 1, 1));
                bool bad = at % 13 == 7 || at == 0 || at == 255 || at == 256 || i + 1 == n;
                if (bad) items[i][93] ^= 0x01;
                else expected[at / 8] |= bytes1(uint8(1 << (at % 8)));
                ++at;
            }
            made = bytes.concat(made, group(0, card, items));
        }
        vm.assertEq(uint256(at), 820);
        vm.assertEq(vault.settle(made), expected);
    }
}
