import type { Faults } from "../en/names.ts";

/** What keeps the terminal from selling, what needs attention, and why a call was refused, in French. */
export const faults: Faults = {
  DISK_LOW: "Il reste peu de place sur le disque de ce terminal. Libérez-en bientôt.",
  JOURNAL_NOT_WRITABLE:
    "Le disque de ce terminal est plein ou refuse l’écriture. Libérez de la place ; d’ici là, impossible d’encaisser.",
  PAYEE_UNCONFIRMED:
    "Personne n’a dit que le premier petit montant est arrivé dans votre portefeuille. Cherchez-le et dites-le dans Mon argent.",
  PAYOUTS_STOPPED:
    "Le jeton ne vous parvient pas pour le moment. Continuez d’encaisser et demandez à l’émetteur quand il circulera.",
  UPLOADS_SET_ASIDE:
    "Certains envois n’ont pas pu être pris tels quels et partent en plus petits. Si cela dure, appelez votre assistance.",
  VOID_REQUESTED:
    "Des propriétaires de cartes disent que des paiements de ce terminal sont perdus. Envoyez-les au règlement, ou réclamez-les.",
  VOUCHERS_VOIDED:
    "La chaîne ne paiera pas certains paiements de ce terminal, car les propriétaires des cartes les ont fait annuler. Envoyez-les au règlement.",
  VOUCHERS_UNREPORTED:
    "Personne n’a annoncé la fin de paiements presque trop anciens. Envoyez-les maintenant au règlement.",
  RELEASED_UNORDERED:
    "Des paiements acceptés par ce terminal ont été abandonnés sur la chaîne sans lui. Cherchez qui tient la clé du bénéficiaire.",
  VOUCHERS_DISPUTED:
    "Le règlement a refusé des paiements de ce terminal. Appelez votre assistance ; le terminal les garde.",
  LIST_AGEING: "La liste des cartes bloquées sera bientôt trop ancienne. Connectez le terminal au réseau.",
  UNSENT_AGEING: "Un paiement attend depuis longtemps d’être envoyé. Connectez le terminal au réseau.",
  UNSENT_SUM_NEAR: "Presque tout ce que ce terminal peut garder est non envoyé. Connectez-le au réseau.",
  UNSENT_COUNT_NEAR:
    "Il y a presque autant de paiements non envoyés que ce terminal peut en garder. Connectez-le au réseau.",
  CERTIFICATE_ENDING:
    "Le certificat de ce terminal finit bientôt. Il demande le suivant de lui-même : connectez-le, et prévenez l’émetteur si cela reste affiché.",
  MORE_THAN_LEFT: "On rendrait plus que ce qui a été payé. Rien n’a été ordonné.",
  ORDER_EXPIRED: "Le coffre ne l’a pas accepté à temps, plusieurs fois. Remboursez de nouveau.",
  SHORT_OF_FUNDS: "Il y a trop peu sur le compte du commerçant pour rendre cela. Approvisionnez-le, puis réessayez.",
  REFUSED_BY_VAULT: "Le coffre le refuse pour le moment. Réessayez plus tard.",
  LINE_NO_NETWORK: "Cet appareil n’a pas de réseau. Vérifiez son câble ou son réseau sans fil.",
  LINE_NAME_NOT_FOUND: "Le nom du règlement est introuvable sur le réseau. Vérifiez le réseau de cet appareil.",
  LINE_CONNECTION_REFUSED: "L’ordinateur du règlement n’accepte pas de connexion. Il est peut-être arrêté un moment.",
  LINE_CONNECTION_RESET: "La connexion avec le règlement s’est coupée. Rien n’est perdu ; on réessaie.",
  LINE_TIMED_OUT: "Le règlement ne répond pas à temps. Si cela dure, essayez un autre réseau.",
  LINE_LOGIN_PAGE:
    "Une page du réseau demande une connexion. Ouvrez un navigateur sur ce réseau et connectez-vous, ou prenez un autre réseau.",
  LINE_OTHER_ANSWERED: "Autre chose que le règlement a répondu. Demandez à qui gère le réseau.",
  LINE_BODY_TOO_LARGE:
    "Quelque chose en chemin ne laisse pas passer même un seul paiement. Demandez à qui gère le réseau.",
  LINE_CERTIFICATE_NOT_YET_VALID:
    "Selon cette horloge, le certificat du règlement n’est pas encore valable. Réglez l’horloge de cet appareil.",
  LINE_CERTIFICATE_EXPIRED:
    "Selon cette horloge, le certificat du règlement n’est plus valable. Vérifiez l’horloge de cet appareil.",
  LINE_CERTIFICATE_UNKNOWN:
    "Personne en qui cet appareil a confiance n’a signé le certificat du règlement. Ne passez pas outre : essayez un autre réseau.",
  LINE_CERTIFICATE_WRONG_NAME:
    "Le certificat montré comme celui du règlement porte un autre nom. Connectez-vous là où le réseau le demande.",
  LINE_TLS_FAILED: "Aucune connexion chiffrée avec le règlement n’a pu s’établir. Essayez un autre réseau.",
  SETTLEMENT_UNREACHABLE: "Le règlement ne répond pas. Rien n’est perdu.",
  SETTLEMENT_REFUSED: "Le règlement a refusé l’envoi. Appelez votre assistance ; le terminal le garde.",
  SETTLEMENT_ANSWER_UNREADABLE: "Le règlement a répondu quelque chose d’illisible. On réessaie.",
  NO_SETTLEMENT: "Ce terminal n’a pas de règlement à qui envoyer.",
  MALFORMED_REQUEST: "Le terminal n’a pas compris la page. Rechargez-la.",
  AMOUNT_REFUSED: "Ce montant ne peut pas être encaissé.",
  CURRENCY_NOT_SERVED: "Ce terminal n’accepte pas cette monnaie.",
  UNAUTHENTICATED: "Ce terminal demande un mot de passe. Rechargez la page et saisissez-le.",
  NOT_FOUND: "Le terminal ne connaît pas cela.",
  SALE_UNKNOWN: "Le terminal ne connaît pas cette vente.",
  TAP_UNKNOWN: "Le terminal ne connaît pas ce paiement.",
  TAP_IN_PROGRESS: "Le terminal attend déjà une carte. Terminez cela d’abord.",
  SALE_AMOUNT_DIFFERS: "Cette vente a commencé avec un autre montant. Commencez-en une nouvelle.",
  SALE_DIFFERS: "Cette vente est connue avec d’autres conditions. Commencez-en une nouvelle.",
  SALE_PAID: "Cette vente est déjà payée. Rien de plus n’est encaissé.",
  SALE_REVERSED: "Cette vente a été annulée. Commencez-en une nouvelle.",
  SALE_NOT_PAID: "Aucune carte n’a été sollicitée pour cette vente. Il n’y a rien à rendre.",
  SALE_IN_PROGRESS: "Une carte est attendue pour cette vente. Arrêtez-la d’abord.",
  TAP_NOT_OPEN: "Il n’y a rien à annuler.",
  TAP_FINAL: "Ce paiement est définitif. Rendez l’argent par un remboursement.",
  CHAIN_NOT_CONFIGURED:
    "Ce terminal ne peut pas rendre ce qui est déjà envoyé. Faites-le là où se trouve la clé du bénéficiaire.",
  NOT_PAYEE_KEY: "La clé configurée n’est pas celle du bénéficiaire. Rien n’a été rendu.",
  PAYING_KEY_UNREADABLE: "La clé configurée est illisible. Rien n’a été envoyé.",
  WRONG_CHAIN: "Le nœud configuré est d’une autre chaîne. Rien n’a été envoyé.",
  RPC_UNREACHABLE: "Le nœud de la chaîne ne répond pas. Rien n’a été envoyé. Réessayez plus tard.",
  NO_GAS: "Le compte qui envoie a trop peu pour payer les frais du réseau. Approvisionnez-le.",
  REVERTED: "La chaîne a refusé la transaction. Rien n’a bougé. Appelez votre assistance.",
  FEES_TOO_HIGH: "Les frais du réseau dépassent ce que ce terminal peut payer. Réessayez plus tard.",
  REPORT_OUT_OF_TURN: "La journée a été clôturée entre-temps. Recomptez.",
  REFUND_ABOVE_PAYMENT: "On rendrait plus que ce qui a été payé, remboursements précédents compris.",
  REFUND_DIFFERS: "Ce remboursement est connu avec un autre montant.",
  REFUND_WHOLE_ONLY: "Ce paiement ne peut être rendu qu’en entier.",
  ALREADY_REFUNDED: "Ce paiement a déjà été rendu.",
  WRONG_TOKENS: "Trop de mauvais mots de passe sont venus de cet appareil. Attendez une minute.",
  STREAMS_FULL: "Trop de pages de ce terminal sont ouvertes. Fermez-en une.",
  NOT_READY: "Le terminal ne peut pas encaisser maintenant.",
  INTERNAL: "Quelque chose a échoué qui n’aurait pas dû. Réessayez : répéter une vente n’encaisse jamais deux fois.",
  NO_ANSWER: "Le terminal ne répond pas.",
  NOT_A_GATEWAY: "Autre chose que le terminal a répondu. Vérifiez l’adresse.",
  LANE_UNKNOWN: "Ce terminal n’a pas de caisse de ce nom. Vérifiez l’adresse de la page.",
  PAIRING_NEEDED: "Cet appareil n’est pas encore associé au terminal.",
  PERSON_NEEDED: "Connectez-vous d’abord.",
  ROLE_TOO_LOW: "Votre rôle ne le permet pas. Demandez à un responsable ou au propriétaire.",
  PIN_WRONG: "Le code était faux. Essayez encore.",
  PIN_LOCKED: "Trop de codes faux. Attendez avant le prochain essai.",
  PAIRING_CODE_WRONG: "Le code était faux, ou n’est plus valable. Relisez-le sur le boîtier.",
};
