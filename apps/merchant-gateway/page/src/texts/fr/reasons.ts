import type { Reasons } from "../en/names.ts";

/** Why a card did not pay, in French. */
export const reasons: Reasons = {
  NO_READER: "Aucun lecteur de cartes n’est branché. Branchez-le et réessayez.",
  NO_CARD: "Aucune carte n’est sur le lecteur. Posez-la et réessayez.",
  CARD_NOT_TALLYSTICK: "Ce n’est pas une carte de paiement de ce type. Demandez une autre carte.",
  CARD_ANSWER_MALFORMED:
    "La carte a répondu quelque chose d’illisible. Réessayez une fois, puis demandez une autre carte.",
  CARD_NOT_PERSONALIZED: "Cette carte n’a pas encore été émise. Demandez une autre carte.",
  CARD_SUSPENDED: "L’émetteur a suspendu cette carte. Demandez un autre moyen de paiement.",
  CARD_TERMINATED: "L’émetteur a mis fin à cette carte. Demandez un autre moyen de paiement.",
  DOMAIN_NOT_SERVED: "Cette carte porte une monnaie que ce commerce n’accepte pas. Demandez une autre carte.",
  CARD_KEY_INVALID: "La clé de la carte n’est pas valable. N’acceptez pas cette carte.",
  ISSUER_KEY_UNKNOWN: "Ce terminal ne connaît pas l’émetteur de la carte. Demandez une autre carte.",
  ALLOWANCE_SIGNATURE_WRONG: "La signature de l’émetteur sur cette carte est fausse. N’acceptez pas cette carte.",
  CLOCK_UNCONFIRMED:
    "L’horloge du terminal n’a pas été confirmée depuis son démarrage. Connectez-le une fois au réseau.",
  CLOCK_BELOW_FLOOR: "L’horloge du terminal est en retard sur une heure qu’il a déjà vue. Réglez-la, puis réessayez.",
  CLOCK_AHEAD: "L’horloge du terminal avance. Réglez-la, puis réessayez.",
  CLOCK_BEHIND: "L’horloge du terminal retarde. Réglez-la, puis réessayez.",
  CERTIFICATE_WITHDRAWN:
    "L’émetteur a retiré le certificat de ce terminal : il ne vend plus rien. Adressez-vous à l’émetteur ; ce qui a été vendu avant reste payé et continue d’être envoyé.",
  CERTIFICATE_NOT_VALID: "Le certificat de ce terminal n’est pas valable maintenant. Appelez l’assistance du commerce.",
  ALLOWANCE_NOT_YET_VALID: "Cette carte n’est pas encore utilisable. Demandez un autre moyen de paiement.",
  ALLOWANCE_EXPIRED: "L’autorisation de cette carte a expiré. Le porteur doit la renouveler en ligne.",
  STATUS_LIST_MISSING: "Le terminal n’a pas de liste des cartes bloquées. Connectez-le une fois au réseau.",
  STATUS_LIST_TOO_OLD: "La liste des cartes bloquées est trop ancienne. Connectez le terminal au réseau.",
  CARD_NOT_IN_LIST: "Cette carte est plus récente que la liste du terminal. Connectez le terminal au réseau.",
  STATUS_SUSPENDED: "La carte est suspendue par l’émetteur. Demandez un autre moyen de paiement.",
  STATUS_REVOKED: "L’émetteur a révoqué cette carte. Demandez un autre moyen de paiement.",
  STATUS_LOST: "Cette carte a été déclarée perdue. Ne l’acceptez pas.",
  ASSURANCE_CLASS_REFUSED: "Ce commerce n’accepte pas ce type de carte sans réseau. Demandez une autre carte.",
  SOFTWARE_NOT_GUARANTEED:
    "Un paiement logiciel de cette somme n’est accepté qu’en ligne. Demandez un autre moyen de paiement.",
  CATEGORY_NOT_ALLOWED:
    "Cette carte n’est pas utilisable dans ce type de commerce. Demandez un autre moyen de paiement.",
  TERMINAL_PER_TAP:
    "Le montant dépasse ce que ce terminal peut encaisser en une fois. Demandez un autre moyen de paiement.",
  TERMINAL_UNSENT_SUM: "Ce terminal garde trop d’argent non envoyé. Connectez-le au réseau.",
  TERMINAL_UNSENT_COUNT: "Ce terminal garde trop de paiements non envoyés. Connectez-le au réseau.",
  TERMINAL_UNSENT_AGE: "Ce terminal garde un paiement qui attend depuis trop longtemps. Connectez-le au réseau.",
  TERMINAL_CARD_SUM:
    "Ce terminal garde déjà de cette carte tout ce qu’il peut. Connectez-le au réseau, ou demandez un autre moyen de paiement.",
  CARD_STATE: "La carte ne paie pas dans son état actuel. Demandez un autre moyen de paiement.",
  CARD_VALIDITY:
    "La carte dit que son autorisation n’est pas valable maintenant. Le porteur doit la renouveler en ligne.",
  CARD_CATEGORY: "La carte refuse ce type de commerce. Demandez un autre moyen de paiement.",
  CARD_PER_TAP:
    "Le montant dépasse ce que cette carte paie en une fois. Demandez un montant plus petit ou un autre moyen de paiement.",
  CARD_COUNTER_CAP:
    "La carte a fait tous les paiements qu’elle peut faire hors ligne. Le porteur doit la renouveler en ligne.",
  CARD_SPENDING_CAP:
    "Il ne reste pas assez sur la carte. Demandez un montant plus petit ou un autre moyen de paiement.",
  CARD_PIN_NEEDED:
    "La carte demande son code pour ce paiement. Laissez le porteur le saisir et posez à nouveau la carte.",
  CARD_OUT_OF_TURN: "La carte a payé ailleurs depuis sa lecture. Posez-la à nouveau sur le lecteur.",
  CARD_WRONG_CARD: "Une autre carte a été posée. Posez à nouveau la première.",
  CARD_ALLOWANCE_NOT_NEWER: "La carte a déjà cette autorisation ou une plus récente. Il n’y a rien à faire.",
  CARD_SIGNATURE_WRONG:
    "La carte refuse ce qui lui a été envoyé, car la signature est fausse. Redemandez-le à l’émetteur.",
  CARD_CERTIFICATE_NEEDED:
    "La carte ne paie que les commerces qui lui montrent leur certificat. Entrez le certificat du commerce dans ce terminal, ou demandez un autre moyen de paiement.",
  CARD_WRONG_PIN: "Le code était faux. Réessayez.",
  CARD_PIN_BLOCKED: "Le code de la carte est bloqué. Le porteur doit le faire débloquer par l’émetteur.",
  CARD_REFUSED: "La carte a refusé la commande. Réessayez une fois, puis demandez une autre carte.",
  TAP_TORN: "La carte a été retirée trop tôt. Posez à nouveau la même carte : personne ne paie deux fois.",
  TAP_UNRESOLVED: "On ne sait pas encore si la carte a payé. Posez à nouveau la même carte.",
  NOTHING_HAPPENED: "Le paiement précédent de cette carte n’a pas eu lieu. Encaissez à nouveau.",
  PAID_TOO_LATE: "Ce paiement a été lu trop tard sur la carte pour être versé. Il est annulé.",
  VOUCHER_SIGNATURE_WRONG: "La signature de la carte est fausse. Rien n’a été payé. N’acceptez pas cette carte.",
  CONTEXT_MISMATCH: "Les données du paiement ne lui appartiennent pas. Ne l’acceptez pas.",
  COUNTER_MISMATCH: "La carte a menti sur le nombre de ses paiements. N’acceptez pas cette carte.",
  SPENT_MISMATCH: "La carte a menti sur ce qu’elle a dépensé. N’acceptez pas cette carte.",
  SEQ_MISMATCH: "La carte a payé sous une autre autorisation que celle qu’elle a montrée. N’acceptez pas cette carte.",
  LINK_MISMATCH: "Les paiements de la carte ne se suivent pas. N’acceptez pas cette carte.",
  CVM_MISMATCH: "La carte affirme un contrôle de code qui n’a pas eu lieu ici. N’acceptez pas cette carte.",
  COUNTER_USED_TWICE:
    "Cette carte a donné deux fois le même numéro de paiement : elle a été copiée. Gardez la preuve et ne l’acceptez pas.",
  SIGHTING_MISMATCH: "Cette carte contredit ce que ce terminal a vu d’elle auparavant. N’acceptez pas cette carte.",
  OVER_VALIDITY: "La carte a payé hors de la durée de son autorisation. N’acceptez pas cette carte.",
  OVER_CATEGORY: "La carte a payé dans un type de commerce que son autorisation exclut. N’acceptez pas cette carte.",
  OVER_PER_TAP: "La carte a payé en une fois plus que son autorisation ne permet. N’acceptez pas cette carte.",
  OVER_NO_PIN: "La carte a payé sans le code que son autorisation exige. N’acceptez pas cette carte.",
  OVER_COUNTER: "La carte a fait plus de paiements que son autorisation ne permet. N’acceptez pas cette carte.",
  OVER_MAX_SPENT: "La carte a dépensé plus que son autorisation ne permet. N’acceptez pas cette carte.",
  NO_SERVICE: "Le service des cartes ne répond pas. Démarrez-le et réessayez.",
  READER_UNKNOWN: "Aucun lecteur de ce nom n’est branché. Branchez-le, ou choisissez un lecteur de la liste.",
  READER_IN_USE: "Un autre programme utilise ce lecteur. Fermez-le et réessayez.",
  CARD_ABSENT: "Il n’y a pas de carte sur le lecteur. Posez la carte et laissez-la.",
  CARD_MUTE:
    "La carte n’a pas répondu à temps. Retirez-la, retournez-la et reposez-la ; si elle reste muette, prenez une autre carte.",
  CARD_REMOVED: "La carte a été retirée. Posez à nouveau la même carte.",
  CARD_RESET: "Un autre programme a réinitialisé la carte. Réessayez.",
  TORN: "La réponse de la carte a été coupée. Posez à nouveau la même carte, il lui sera demandé ce qui s’est passé.",
  NOT_CONNECTED: "La connexion avec la carte est fermée. Réessayez.",
  READER_FAULT: "Le lecteur a signalé une panne. Débranchez-le, rebranchez-le et réessayez une fois.",
  JOURNAL_FORGOTTEN:
    "Le règlement a des paiements de ce terminal que son journal a perdus. N’encaissez pas avec lui : appelez votre assistance.",
  CERTIFICATE_MISSING:
    "Ce terminal n’a pas encore de certificat de l’émetteur. Enregistrez le commerce, puis entrez le certificat.",
  SALE_CANCELLED: "L’attente d’une carte est terminée. Rien n’a été payé.",
  TAP_EXPIRED: "Personne n’a su à temps si cette carte avait payé. Cela compte comme non payé.",
  TAP_CANCELLED: "Ce paiement a été annulé : rien n’a été donné pour lui. L’émetteur rend sa valeur à la carte.",
  CARD_LEFT:
    "La carte de la vente précédente est encore sur le lecteur. Rien n’a été payé. Retirez-la, puis posez la suivante.",
  SALE_REPEATED:
    "Cette carte a payé le même montant il y a un instant. Rien n’a été payé maintenant. Si c’est une autre vente, encaissez encore une fois.",
  PIN_SESSION_UNTRUSTED:
    "La carte n’a pas prouvé que le code ne parvient qu’à elle ; il n’a donc pas été envoyé. N’acceptez pas cette carte.",
};
