// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../../src/IVault.sol";
import {TestDollar} from "../../src/testing/TestDollar.sol";
import {Vm} from "./Vm.sol";

/// @title A vault with an issuer, two cards and two merchants, and the bytes that they sign, built anew from the specification.
abstract contract Fixture {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    uint256 internal constant CARD_KEY = 0xca4d1;
    uint256 internal constant OTHER_CARD_KEY = 0xca4d2;
    uint256 internal constant SCALE = 1;
    address internal constant ISSUER = address(0x1550e4);
    address internal constant OWNER = address(0x0137e4);
    address internal constant MERCHANT = address(0x5400a1);
    address internal constant OTHER_MERCHANT = address(0x5400a2);

    TestDollar internal token;
    IVault internal vault;
    address internal card;
    address internal otherCard;

    struct Voucher {
        uint256 key;
        address payee;
        uint32 counter;
        uint48 amount;
        bytes20 context;
    }

    /// @dev Each vault under test says how it is deployed; all of them pass the same tests.
    function deployVault(address token_, uint256 scale_) internal virtual returns (IVault);

    function setUp() public virtual {
        vm.warp(1_790_000_000);
        token = new TestDollar();
        vault = deployVault(address(token), SCALE);
        card = vm.addr(CARD_KEY);
        otherCard = vm.addr(OTHER_CARD_KEY);
        token.mint(ISSUER, 1_000_000_000);
        vm.prank(ISSUER);
        token.approve(address(vault), type(uint256).max);
        openCard(CARD_KEY, OWNER);
        openCard(OTHER_CARD_KEY, OWNER);
    }

    // ---- what cards sign ------------------------------------------------------------------------------------------

    function domain() internal view returns (bytes memory) {
        return bytes.concat(bytes8(uint64(block.chainid)), bytes20(address(vault)));
    }

    function messageOf(Voucher memory v) internal view returns (bytes memory) {
        return bytes.concat("TLY1", domain(), bytes20(v.payee), bytes4(v.counter), bytes6(v.amount), v.context);
    }

    function signBytes(uint256 key, bytes memory message) internal pure returns (bytes32 r, bytes32 vs) {
        (uint8 v, bytes32 r_, bytes32 s) = vm.sign(key, sha256(message));
        return (r_, bytes32(uint256(s) | (uint256(v - 27) << 255)));
    }

    function signed(uint256 key, bytes memory message) internal pure returns (IVault.SignedMessage memory) {
        (bytes32 r, bytes32 vs) = signBytes(key, message);
        return IVault.SignedMessage({message: message, r: r, vs: vs});
    }

    function openCard(uint256 key, address owner) internal {
        (bytes32 r, bytes32 vs) = signBytes(key, bytes.concat("TLYO", domain(), bytes20(owner)));
        vault.open(vm.addr(key), owner, r, vs);
    }

    function fund(address card_, uint256 units) internal {
        vm.prank(ISSUER);
        vault.fund(card_, units);
    }

    // ---- payloads -------------------------------------------------------------------------------------------------

    function voucher(uint32 counter, uint48 amount) internal pure returns (Voucher memory) {
        return
            Voucher({
                key: CARD_KEY,
                payee: MERCHANT,
                counter: counter,
                amount: amount,
                context: bytes20(uint160(counter))
            });
    }

    function item(Voucher memory v) internal view returns (bytes memory) {
        (bytes32 r, bytes32 vs) = signBytes(v.key, messageOf(v));
        return bytes.concat(bytes4(v.counter), bytes6(v.amount), v.context, r, vs);
    }

    function group(uint16 payeeIndex, address card_, bytes[] memory items) internal pure returns (bytes memory bytes_) {
        bytes_ = bytes.concat(bytes2(payeeIndex), bytes20(card_), bytes2(uint16(items.length)));
        for (uint256 i = 0; i < items.length; ++i) bytes_ = bytes.concat(bytes_, items[i]);
    }

    function head(address[] memory payees) internal pure returns (bytes memory bytes_) {
        bytes_ = bytes.concat(bytes32(uint256(1)), bytes32(uint256(2)), bytes2(uint16(payees.length)));
        for (uint256 i = 0; i < payees.length; ++i) bytes_ = bytes.concat(bytes_, bytes20(payees[i]));
    }

    /// One payee, one card, the items as they are.
    function payload(address payee, address card_, bytes[] memory items) internal pure returns (bytes memory) {
        address[] memory payees = new address[](1);
        payees[0] = payee;
        return bytes.concat(head(payees), group(0, card_, items));
    }

    function payload(Voucher memory v) internal view returns (bytes memory) {
        bytes[] memory items = new bytes[](1);
        items[0] = item(v);
        return payload(v.payee, vm.addr(v.key), items);
    }

    function settle(Voucher memory v) internal returns (bool paid) {
        return vault.settle(payload(v))[0] == 0x01;
    }

    // ---- what is looked at ----------------------------------------------------------------------------------------

    function balanceOf(address card_) internal view returns (uint256 balance) {
        (balance, , , , , ) = vault.card(card_);
    }

    function paidOf(address card_) internal view returns (uint256 paid) {
        (, paid, , , , ) = vault.card(card_);
    }

    function isFlagged(address card_) internal view returns (bool flagged) {
        (, , flagged, , , ) = vault.card(card_);
    }

    function earnedBy(address merchant) internal view returns (uint256 earned) {
        (earned, ) = vault.merchant(merchant);
    }
}
