// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The Tallystick vault: tokens behind cards, paid out against vouchers that cards signed.
/// @notice One immutable token and scale; no owner, no proxy, no pause (spec §7). Amounts are in units of `scale` token
/// base units, at most 2^48 - 1. A card signature is r and vs: s with the recovery parity in its top bit, low s (spec §7.1).
interface IVault {
    /// @notice Bytes that a card signed, with its signature.
    struct SignedMessage {
        bytes message;
        bytes32 r;
        bytes32 vs;
    }

    /// @notice A card was opened for an owner (spec §7.2).
    event Opened(address indexed card, address indexed owner);
    /// @notice Units were added to a card's balance (spec §7.2).
    event Funded(address indexed card, address indexed from, uint256 units);
    /// @notice A payload was settled. Bit i of `result`, low bit first, is item i; 1 means paid. The roots are the submitter's claims.
    /// `payload` is empty when the submitter is an account without code, because its calldata then holds it (spec §7.3).
    event Settled(
        address indexed submitter,
        bytes32 payloadHash,
        bytes32 batchRoot,
        bytes32 ledgerRoot,
        bytes result,
        bytes payload
    );
    /// @notice A merchant's earnings left the vault (spec §7.4).
    event Withdrawn(address indexed merchant, address indexed to, uint256 units);
    /// @notice A merchant gave units back to a card; `fromEarnings` of them were not yet withdrawn (spec §7.4).
    event Refunded(address indexed merchant, address indexed card, uint256 units, uint256 fromEarnings);
    /// @notice The payee gave up a voucher; its counter is used for nothing (spec §7.4).
    event Released(address indexed card, address indexed payee, uint32 counter, uint256 units);
    /// @notice Units of a voucher were given back, beside Refunded or Released: on the order of a delegate, or by the payee's own
    /// release, and then `delegate` is zero. `day` counts from 1970; the units count in the delegate's sum for it (spec §7.11).
    event Returned(
        address indexed payee,
        address indexed delegate,
        bytes32 indexed voucherId,
        uint256 units,
        uint32 day
    );
    /// @notice A payee let a delegate give back so many units a day; 0 ends it (spec §7.11).
    event DelegateSet(address indexed payee, address indexed delegate, uint256 unitsPerDay);
    /// @notice So much of a payee's earnings stays in the vault when somebody else calls `withdraw` (spec §7.4).
    event ReserveSet(address indexed payee, uint256 units);
    /// @notice The owner asked for units; they may leave from `readyAt` on, for seven days (spec §7.5).
    event WithdrawalRequested(address indexed card, uint256 units, uint256 readyAt);
    /// @notice The owner took the request back (spec §7.5).
    event WithdrawalCancelled(address indexed card);
    /// @notice A ripe request was paid to the owner (spec §7.5).
    event CardWithdrawn(address indexed card, address indexed owner, uint256 units);
    /// @notice The owner asked that a counter whose voucher is lost be used for nothing (spec §7.5).
    event VoidRequested(address indexed card, uint32 counter, uint256 readyAt);
    /// @notice A counter was voided (spec §7.5).
    event Voided(address indexed card, uint32 counter);
    /// @notice A card's counters up to `base` were written down as paid or not, so that a later one can be settled (spec §7.7).
    event Advanced(address indexed card, uint32 base);
    /// @notice Two messages of one card that an honest card never signs; the card is flagged (spec §7.6).
    event EquivocationProved(address indexed card, bytes first, bytes second);

    /// @notice The payload is cut short, has surplus bytes, an empty group or an index at or past the count of payees.
    error MalformedPayload();
    /// @notice A message is not of the form that the function needs, or of another vault.
    error MalformedMessage();
    /// @notice The signature is out of range, not low-s, or not by the card.
    error BadSignature();
    /// @notice A card, owner or recipient is the zero address.
    error ZeroAddress();
    /// @notice Zero units.
    error ZeroAmount();
    /// @notice The token's address has no code.
    error NotAToken(address token);
    /// @notice The chain lacks something that the vault needs, or its id does not fit 64 bits.
    error UnfitChain();
    /// @notice One unit must be at least one base unit and at most one whole token.
    error UnfitScale(uint256 scale, uint8 decimals);
    /// @notice The card was opened before.
    error AlreadyOpen(address card);
    /// @notice The card was never opened.
    error NotOpen(address card);
    /// @notice The card is flagged: it takes no more money.
    error Flagged(address card);
    /// @notice The sum would not fit 48 bits.
    error Overflow();
    /// @notice The vault's balance of the token did not grow, or fall, by exactly the amount (spec §7.2, §7.4).
    error InexactTransfer(uint256 expected, uint256 actual);
    /// @notice Only the card's owner may do this.
    error NotOwner(address caller);
    /// @notice Only the voucher's payee may do this.
    error NotPayee(address caller);
    /// @notice A withdrawal is pending already; cancel it first.
    error WithdrawalPending(uint256 readyAt);
    /// @notice There is no such request, it is not ripe yet, or it expired.
    error NotRipe(uint256 readyAt);
    /// @notice The counter was settled, released or voided before.
    error CounterUsed(uint32 counter);
    /// @notice The counter was not used: there is no payment to give back.
    error CounterUnused(uint32 counter);
    /// @notice The order's deadline has passed.
    error Expired(uint256 deadline);
    /// @notice The order is for more than the voucher's amount.
    error MoreThanPaid(uint256 amount);
    /// @notice As much of the voucher was given back before.
    error AlreadyReturned(uint256 units);
    /// @notice The payee's earnings in the vault are less than what is to be given back.
    error TooLittleEarned(uint256 units);
    /// @notice The signer is none of the payee's delegates.
    error NotDelegate(address signer);
    /// @notice With these units the delegate would pass its limit for the day.
    error OverDayLimit(uint256 limit, uint256 used);
    /// @notice The reversal is for another card, counter, payee or amount than the voucher.
    error OtherVoucher();
    /// @notice The proof does not show that the card signed at or above this counter.
    error NoProof();
    /// @notice The two messages do not contradict each other.
    error NoEquivocation();
    /// @notice More than two words of unpaid counters lie before this one: call `advance` first.
    error Advance(address card, uint32 counter);
    /// @notice `settle` would take this counter as things are.
    error NothingToAdvance();
    /// @notice There is nothing to withdraw.
    error NothingToWithdraw();

    /// @notice The token, permanently (spec §7).
    function token() external view returns (address);
    /// @notice Token base units in one unit, permanently (spec §1.2).
    function scale() external view returns (uint256);
    /// @notice W: seconds between an owner's request and its execution (spec §7.5).
    function DELAY() external view returns (uint256);
    /// @notice Seconds after which a ripe withdrawal counts as none (spec §7.5).
    function EXPIRY() external view returns (uint256);

    /// @notice What a card holds and may lose. `pending` and `readyAt` are 0 when no withdrawal was requested (spec §7.5, §7.7).
    function card(
        address card_
    ) external view returns (uint48 balance, uint48 paid, bool flagged, address owner, uint48 pending, uint40 readyAt);
    /// @notice Whether a counter was settled, released or voided (spec §7.7).
    function isUsed(address card_, uint32 counter) external view returns (bool);
    /// @notice What a merchant earned in all, and how much of it left or was given back (spec §7.4).
    function merchant(address merchant_) external view returns (uint128 earned, uint128 withdrawn);
    /// @notice So much of a merchant's earnings `withdraw` leaves when somebody else calls it (spec §7.4).
    function reserve(address merchant_) external view returns (uint48 units);
    /// @notice What a payee's delegate may give back in a day, and what it gave back on that day, in days since 1970 (spec §7.11).
    function delegate(
        address payee,
        address delegate_
    ) external view returns (uint48 unitsPerDay, uint48 used, uint32 day);
    /// @notice Units of a voucher that were given back, as far as the vault knows the voucher (spec §7.11).
    function returned(bytes32 voucherId) external view returns (uint48 units);
    /// @notice When a void may be executed; 0 when none was requested (spec §7.5).
    function voidReadyAt(address card_, uint32 counter) external view returns (uint40);

    /// @notice Opens a card once. The signature is the card's over TLYO (spec §3.6, §7.2).
    /// @dev Reverts with AlreadyOpen, ZeroAddress, BadSignature.
    function open(address card_, address owner, bytes32 r, bytes32 vs) external;
    /// @notice Adds units from the sender's tokens (spec §7.2).
    /// @dev Reverts with NotOpen, Flagged, ZeroAmount, Overflow, InexactTransfer.
    function fund(address card_, uint256 units) external;
    /// @notice The same with an ERC-2612 permit of the sender (spec §7.2).
    /// @dev Reverts with NotOpen, Flagged, ZeroAmount, Overflow, InexactTransfer.
    function fundWithPermit(address card_, uint256 units, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;
    /// @notice The same with an EIP-3009 authorization whose nonce is keccak256(card, salt): a copy of it can fund only this card
    /// (spec §7.2).
    /// @dev Reverts with NotOpen, Flagged, ZeroAmount, Overflow, InexactTransfer.
    function fundWithAuthorization(
        address card_,
        uint256 units,
        address from,
        bytes32 salt,
        uint256 validAfter,
        uint256 validBefore,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;
    /// @notice Pays every good voucher of a payload and skips every bad one (spec §7.3).
    /// @dev Reverts with MalformedPayload, before any state is touched; never for a bad item.
    function settle(bytes calldata payload) external returns (bytes memory result);
    /// @notice Writes down the unpaid counters before a voucher's, so that `settle` no longer skips it; no further than that
    /// voucher needs, and at most `maxWords` words of 256 counters a call (spec §7.7). `message` is M.
    /// @dev Reverts with MalformedMessage, BadSignature, NotOpen, NothingToAdvance.
    function advance(bytes calldata message, bytes32 r, bytes32 vs, uint256 maxWords) external;
    /// @notice Sends a merchant what it earned (spec §7.4).
    /// @dev Reverts with NothingToWithdraw, and with InexactTransfer when the vault's tokens fall by anything but the amount.
    function withdraw(address merchant_) external returns (uint256 units);
    /// @notice Sends the sender's earnings to another address (spec §7.4).
    /// @dev Reverts with ZeroAddress, NothingToWithdraw, and with InexactTransfer when the vault's tokens fall by anything but the amount.
    function withdrawTo(address to) external returns (uint256 units);
    /// @notice Gives units back to a card, out of the sender's earnings first (spec §7.4).
    /// @dev Reverts with NotOpen, Flagged, ZeroAmount, Overflow, InexactTransfer.
    function refund(address card_, uint256 units) external;
    /// @notice The payee gives a voucher up (spec §7.4). `message` is M.
    /// @dev Reverts with MalformedMessage, NotPayee, BadSignature, NotOpen, CounterUsed, Advance.
    function release(bytes calldata message, bytes32 r, bytes32 vs) external;
    /// @notice The sender keeps so much of its earnings in the vault when somebody else calls `withdraw` (spec §7.4).
    /// @dev Reverts with Overflow.
    function setReserve(uint256 units) external;
    /// @notice The sender lets the address of a terminal's key give back so many units a day; 0 ends it (spec §7.11). What it gave
    /// back on the day still counts.
    /// @dev Reverts with ZeroAddress, Overflow.
    function setDelegate(address delegate_, uint256 unitsPerDay) external;
    /// @notice Gives units of a payment back to its card, out of the payee's earnings: `total` less what was given back of this
    /// voucher before. `message` is M, with the card's signature; the second signature is a delegate's over TLYF (spec §3.11, §7.11).
    /// @dev Reverts with MalformedMessage, BadSignature, Expired, MoreThanPaid, AlreadyReturned, NotOpen, Flagged, Overflow,
    /// CounterUnused, TooLittleEarned, NotDelegate, OverDayLimit.
    function refundFor(
        bytes calldata message,
        bytes32 r,
        bytes32 vs,
        uint48 total,
        uint32 deadline,
        bytes32 r2,
        bytes32 vs2
    ) external;
    /// @notice Releases a voucher that a delegate reversed: `reversal` is its TLYX, `y` the other coordinate of the card key in it,
    /// and the second signature the delegate's over it (spec §3.7, §7.11).
    /// @dev Reverts with MalformedMessage, BadSignature, OtherVoucher, NotOpen, CounterUsed, Advance, NotDelegate, OverDayLimit.
    function releaseFor(
        bytes calldata message,
        bytes32 r,
        bytes32 vs,
        bytes calldata reversal,
        bytes32 y,
        bytes32 r2,
        bytes32 vs2
    ) external;
    /// @notice The owner asks for units of the balance (spec §7.5).
    /// @dev Reverts with NotOwner, ZeroAmount, Overflow, WithdrawalPending.
    function requestWithdrawal(address card_, uint256 units) external;
    /// @notice The owner takes the request back (spec §7.5).
    /// @dev Reverts with NotOwner, NotRipe where none was requested.
    function cancelWithdrawal(address card_) external;
    /// @notice Pays a ripe request to the owner: min(pending, balance) (spec §7.5).
    /// @dev Reverts with NotOwner, NotRipe, and with InexactTransfer when the vault's tokens fall by anything but the amount.
    function withdrawFromCard(address card_) external returns (uint256 units);
    /// @notice The owner asks to void a counter; `proof` is an M of a higher counter or a TLYP of at least this counter, by the card (spec §7.5).
    /// @dev Reverts with NotOwner, NoProof, MalformedMessage, BadSignature, CounterUsed, WithdrawalPending.
    function requestVoid(address card_, uint32 counter, bytes calldata proof, bytes32 r, bytes32 vs) external;
    /// @notice The owner uses a ripe counter for nothing, unless it was settled meanwhile (spec §7.5).
    /// @dev Reverts with NotOwner, CounterUsed, NotRipe, Advance.
    function executeVoid(address card_, uint32 counter) external;
    /// @notice Two different Ms with one counter (spec §7.6).
    /// @dev Reverts with MalformedMessage, BadSignature, NoEquivocation.
    function proveEquivocation(SignedMessage calldata first, SignedMessage calldata second) external;
    /// @notice Two Ms with their contexts that contradict each other in link or spent; the first has the lower counter (spec §7.6).
    /// @dev Reverts with MalformedMessage, BadSignature, NoEquivocation.
    function proveInconsistency(
        SignedMessage calldata first,
        bytes calldata firstContext,
        SignedMessage calldata second,
        bytes calldata secondContext
    ) external;
}
