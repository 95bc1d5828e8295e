// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Cast} from "../Cast.sol";

/// @title What the actions of the invariants share: how each is counted and its events taken in, and what it chooses from.
/// @notice A action chooses what can be done as things are; it never reverts unless the vault errs.
abstract contract Actions is Cast {
    enum Action {
        Fund,
        FundWithPermit,
        FundWithAuthorization,
        Gift,
        Pay,
        PayByTheClone,
        Spray,
        Settle,
        Race,
        PayLater,
        Steal,
        Advance,
        Withdraw,
        WithdrawTo,
        Refund,
        Release,
        RequestWithdrawal,
        CancelWithdrawal,
        WithdrawFromCard,
        RequestVoid,
        ExecuteVoid,
        Convict,
        FundWithAFee,
        WithdrawWhileBlocked,
        Reenter,
        Appoint,
        KeepReserve,
        RefundFor,
        ReleaseFor,
        MisuseDelegate
    }

    mapping(Action => uint256) public tried;
    mapping(Action => uint256) public done;
    /// The payload of the settlement under way, for events that do not show it.
    bytes internal sent;
    modifier action(Action which) {
        ++tried[which];
        vm.recordLogs();
        _;
        absorb(address(vault), sent);
        (actingOwner, actingMerchant) = (address(0), address(0));
    }

    // ---- what the actions choose from -------------------------------------------------------------------------------

    /// The copied card that was opened last.
    function clone() internal view returns (uint256 key) {
        for (uint256 i = 0; i < keys.length; ++i) if (roleOf[keys[i]] == Role.Cloned) key = keys[i];
    }

    /// forge records the events of calls that reverted too; on a chain they never were.
    function forget() internal {
        vm.getRecordedLogs();
    }

    function merchantIndex(address merchant) internal pure returns (uint256) {
        return uint160(merchant) - uint160(merchantAt(0));
    }

    function unflagged(uint256 which) internal view returns (address card) {
        uint256 index = which % keys.length;
        while (cardStates[cardAt(index)].flagged) index = (index + 1) % keys.length;
        return cardAt(index);
    }

    function earningsOf(address merchant) internal view returns (uint256) {
        return merchantStates[merchant].earned - merchantStates[merchant].withdrawn;
    }

    /// A merchant that has earned something which anybody may pay out to it.
    function earner(uint256 payee) internal returns (address) {
        for (uint256 i = 0; i < MERCHANTS; ++i) {
            address merchant = merchantAt(((payee % MERCHANTS) + i) % MERCHANTS);
            if (earningsOf(merchant) > reserves[merchant]) return merchant;
        }
        address merchant = earn(payee);
        keep(merchant, 0);
        return merchant;
    }

    /// A merchant sets its reserve.
    function keep(address merchant, uint256 units) internal {
        address before = actingMerchant;
        actingMerchant = merchant;
        vm.prank(merchant);
        vault.setReserve(units);
        absorb(address(vault), "");
        actingMerchant = before;
    }

    /// The honest card is funded, pays a merchant, and the merchant is paid.
    function earn(uint256 payee) internal returns (address merchant) {
        merchant = merchantAt(payee % MERCHANTS);
        fundNow(addressOf[keys[0]], 7);
        Signed memory v = Signed(keys[0], merchant, lastOf[keys[0]] + 1, 7);
        publish(v);
        payNow(v);
    }

    function fundNow(address card, uint256 units) internal {
        token.mint(address(this), units * scale);
        vault.fund(card, units);
        absorb(address(vault), "");
    }

    /// Settles what must be payable; where the vault skips it, `advance` must be what it needs.
    function payNow(Signed memory v) internal {
        bytes memory payload = payloadOf(v, addressOf[v.key]);
        if (vault.settle(payload)[0] == 0x00) {
            (bytes32 r, bytes32 vs) = sign(v.key, messageOf(v));
            vault.advance(messageOf(v), r, vs, 64);
            vm.assertEq(vault.settle(payload), hex"01");
        }
        absorb(address(vault), "");
    }

    /// Up to three groups of published vouchers of one card to one payee, as they lie; now and then one is damaged.
    function batch(uint256 seed, uint256 damage) internal view returns (bytes memory payload, bool[] memory broken) {
        payload = bytes.concat(bytes32(seed), bytes32(0), bytes2(uint16(MERCHANTS)));
        for (uint256 i = 0; i < MERCHANTS; ++i) payload = bytes.concat(payload, bytes20(merchantAt(i)));
        broken = new bool[](12);
        uint256 count = 0;
        for (uint256 g = 0; g < 1 + (seed % 3); ++g) {
            // Mostly young ones.
            uint256 pool = signedVouchers.length;
            uint256 back = (seed >> (8 + 16 * g)) % (seed & 64 == 0 && pool > 12 ? 12 : pool);
            uint256 first = pool - 1 - back;
            uint256 until = first + 1;
            while (until < pool && until < first + 4 && alike(signedVouchers[until], signedVouchers[first])) ++until;
            payload = bytes.concat(payload, groupHead(signedVouchers[first], until - first));
            for (; first < until; ++first) {
                bytes memory item = itemOf(signedVouchers[first]);
                if ((damage >> (16 * count)) & 7 == 1) {
                    item[(damage >> (16 * count + 3)) % 94] ^= 0x10;
                    broken[count] = true;
                }
                payload = bytes.concat(payload, item);
                ++count;
            }
        }
    }

    function alike(Signed memory a, Signed memory b) internal pure returns (bool) {
        return a.key == b.key && a.payee == b.payee;
    }

    function groupHead(Signed memory v, uint256 n) internal view returns (bytes memory) {
        return bytes.concat(bytes2(uint16(merchantIndex(v.payee))), bytes20(addressOf[v.key]), bytes2(uint16(n)));
    }

    /// From a contract, so that the event shows the payload, or from an account whose calldata must be looked at.
    function submit(bytes memory payload, bool asAccount) internal returns (bytes memory) {
        if (asAccount) {
            sent = payload;
            vm.prank(OPERATOR, OPERATOR);
        }
        return vault.settle(payload);
    }

    function paidAt(bytes memory result, uint256 index) internal pure returns (bool) {
        return index / 8 < result.length && (uint8(result[index / 8]) >> (index % 8)) & 1 == 1;
    }
}
