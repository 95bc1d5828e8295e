// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVault} from "../../src/IVault.sol";
import {MoodyDollar} from "./MoodyDollar.sol";
import {Rebuilt} from "./Rebuilt.sol";
import {TokenSignatures} from "./TokenSignatures.sol";

/// @title Who takes part in the invariants, and the vouchers that they signed and everybody may submit.
abstract contract Cast is Rebuilt {
    enum Role {
        Honest,
        Cloned,
        Hostile
    }

    struct Signed {
        uint256 key;
        address payee;
        uint32 counter;
        uint48 amount;
    }

    uint256 public constant MERCHANTS = 3;
    /// A copied card is replaced when it is convicted, so many times.
    uint256 internal constant MAX_CARDS = 7;
    uint256 internal constant PAYER_KEY = 0x9a4e4;
    address internal constant OWNER = address(0xacde1);
    address internal constant OPERATOR = address(0x09e4a);
    address internal constant THIEF = address(0x741ef);

    IVault internal immutable vault;
    MoodyDollar internal immutable token;
    uint256 internal immutable scale;

    uint256[] internal keys;
    mapping(uint256 => address) internal addressOf;
    mapping(uint256 => Role) internal roleOf;
    /// The highest counter that a key signed.
    mapping(uint256 => uint32) internal lastOf;
    Signed[] internal signedVouchers;
    uint256 private salts;
    /// Units' worth of tokens that somebody sent to the vault without asking it.
    uint256 public gifts;

    constructor(IVault vault_, MoodyDollar token_) {
        (vault, token, scale) = (vault_, token_, vault_.scale());
    }

    // ---- cards ----------------------------------------------------------------------------------------------------

    function cards() public view returns (uint256) {
        return keys.length;
    }

    function cardAt(uint256 index) public view returns (address) {
        return addressOf[keys[index]];
    }

    function merchantAt(uint256 index) public pure returns (address) {
        return address(uint160(0x5409 + index));
    }

    function openNew(Role role) internal {
        uint256 key = 0xca4d00 + keys.length;
        (bytes32 r, bytes32 vs) = sign(key, bytes.concat("TLYO", domain(), bytes20(OWNER)));
        addressOf[key] = vm.addr(key);
        vault.open(addressOf[key], OWNER, r, vs);
        keys.push(key);
        roleOf[key] = role;
    }

    // ---- vouchers -------------------------------------------------------------------------------------------------

    /// Signs and publishes a voucher.
    function publish(Signed memory v) internal {
        signedBy[addressOf[v.key]][voucherHash(v.payee, v.counter, v.amount, bytes20(0))] = true;
        knownVouchers[idOf(v)] = Known(addressOf[v.key], v.counter, v.amount);
        if (v.counter > lastOf[v.key]) lastOf[v.key] = v.counter;
        signedVouchers.push(v);
    }

    function isPayable(Signed memory v) internal view returns (bool) {
        return couldPay(addressOf[v.key], v.payee, v.counter, v.amount);
    }

    function messageOf(Signed memory v) internal view returns (bytes memory) {
        return bytes.concat("TLY1", domain(), bytes20(v.payee), bytes4(v.counter), bytes6(v.amount), bytes20(0));
    }

    function idOf(Signed memory v) internal view returns (bytes32) {
        return sha256(bytes.concat(bytes20(addressOf[v.key]), messageOf(v)));
    }

    function proofOf(uint32 counter) internal view returns (bytes memory) {
        return bytes.concat("TLYP", domain(), bytes16(0), bytes4(counter), bytes10(0), hex"07", bytes32(0));
    }

    function itemOf(Signed memory v) internal view returns (bytes memory) {
        (bytes32 r, bytes32 vs) = sign(v.key, messageOf(v));
        return bytes.concat(bytes4(v.counter), bytes6(v.amount), bytes20(0), r, vs);
    }

    function payloadOf(Signed memory v, address card) internal view returns (bytes memory) {
        return
            bytes.concat(
                bytes32(0),
                bytes32(0),
                hex"0001",
                bytes20(v.payee),
                hex"0000",
                bytes20(card),
                hex"0001",
                itemOf(v)
            );
    }

    function sign(uint256 key, bytes memory message) internal pure returns (bytes32, bytes32) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, sha256(message));
        return (r, bytes32(uint256(s) | (uint256(v - 27) << 255)));
    }

    function domain() internal view returns (bytes memory) {
        return bytes.concat(bytes8(uint64(block.chainid)), bytes20(address(vault)));
    }

    // ---- the payer's signatures for the token ---------------------------------------------------------------------

    function permitOf(uint256 value) internal view returns (TokenSignatures.Signature memory) {
        return TokenSignatures.permit(token, PAYER_KEY, address(vault), value);
    }

    function authorizationOf(
        address card,
        uint256 value
    ) internal returns (bytes32 salt, TokenSignatures.Signature memory) {
        salt = bytes32(++salts);
        bytes32 nonce = keccak256(abi.encodePacked(card, salt));
        return (salt, TokenSignatures.authorization(token, PAYER_KEY, address(vault), value, nonce));
    }
}
