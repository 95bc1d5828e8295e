import type { Faults } from "../en/names.ts";

/** What keeps the terminal from selling, what needs attention, and why a call was refused, in Spanish. */
export const faults: Faults = {
  DISK_LOW: "Queda poco espacio en el disco de este terminal. Libere espacio pronto.",
  JOURNAL_NOT_WRITABLE:
    "El disco de este terminal está lleno o no admite escritura. Libere espacio; hasta entonces no se puede cobrar.",
  PAYEE_UNCONFIRMED:
    "Nadie ha dicho que la primera cantidad mínima llegó a su monedero. Búsquela y dígalo en Mi dinero.",
  PAYOUTS_STOPPED: "El token no se mueve hacia usted por ahora. Siga cobrando y pregunte al emisor cuándo se moverá.",
  UPLOADS_SET_ASIDE:
    "Algunos envíos no se aceptaron como estaban y van en partes más pequeñas. Si sigue así, llame a su soporte.",
  VOID_REQUESTED:
    "Dueños de tarjetas dicen que algunos pagos de este terminal se perdieron. Envíelos a la liquidación o reclámelos.",
  VOUCHERS_VOIDED:
    "La cadena no pagará algunos pagos de este terminal porque los dueños de las tarjetas los anularon. Envíelos a la liquidación.",
  VOUCHERS_UNREPORTED:
    "Nadie ha comunicado el final de pagos que ya son casi demasiado antiguos. Envíelos ahora a la liquidación.",
  RELEASED_UNORDERED:
    "Pagos que este terminal aceptó se cedieron en la cadena sin él. Averigüe quién tiene la clave del beneficiario.",
  VOUCHERS_DISPUTED:
    "La liquidación rechazó algunos pagos de este terminal. Llame a su soporte; el terminal los conserva.",
  LIST_AGEING: "La lista de tarjetas bloqueadas pronto será demasiado antigua. Conecte el terminal a la red.",
  UNSENT_AGEING: "Un pago lleva mucho tiempo sin enviarse. Conecte el terminal a la red.",
  UNSENT_SUM_NEAR: "Hay sin enviar casi tanto como este terminal puede guardar. Conéctelo a la red.",
  UNSENT_COUNT_NEAR: "Hay casi tantos pagos sin enviar como este terminal puede guardar. Conéctelo a la red.",
  CERTIFICATE_ENDING:
    "El certificado de este terminal termina pronto. Pide el siguiente por sí mismo: conéctelo a la red y avise al emisor si esto no desaparece.",
  MORE_THAN_LEFT: "Se devolvería más de lo que se pagó. No se ordenó nada.",
  ORDER_EXPIRED: "La bóveda no lo aceptó a tiempo, varias veces. Devuélvalo de nuevo.",
  SHORT_OF_FUNDS: "En la cuenta del comercio hay demasiado poco para devolver esto. Ingrese más e inténtelo de nuevo.",
  REFUSED_BY_VAULT: "La bóveda lo rechaza por ahora. Inténtelo más tarde.",
  LINE_NO_NETWORK: "Este dispositivo no tiene red. Revise el cable o la red inalámbrica.",
  LINE_NAME_NOT_FOUND: "No se encontró en la red el nombre de la liquidación. Revise la red de este dispositivo.",
  LINE_CONNECTION_REFUSED: "El equipo de la liquidación no acepta conexiones. Puede estar parado un momento.",
  LINE_CONNECTION_RESET: "Se cortó la conexión con la liquidación. No se pierde nada; se intenta de nuevo.",
  LINE_TIMED_OUT: "La liquidación no responde a tiempo. Si sigue así, pruebe otra red.",
  LINE_LOGIN_PAGE:
    "Una página de la red pide iniciar sesión. Abra un navegador en esta red e iníciela, o use otra red.",
  LINE_OTHER_ANSWERED: "Respondió otra cosa que la liquidación. Pregunte a quien lleva la red.",
  LINE_BODY_TOO_LARGE: "Algo en el camino no deja pasar ni un solo pago. Pregunte a quien lleva la red.",
  LINE_CERTIFICATE_NOT_YET_VALID:
    "Según este reloj, el certificado de la liquidación aún no es válido. Ponga en hora este dispositivo.",
  LINE_CERTIFICATE_EXPIRED:
    "Según este reloj, el certificado de la liquidación ya no es válido. Revise el reloj de este dispositivo.",
  LINE_CERTIFICATE_UNKNOWN:
    "Nadie en quien confíe este dispositivo firmó el certificado de la liquidación. No lo salte: pruebe otra red.",
  LINE_CERTIFICATE_WRONG_NAME:
    "El certificado mostrado como de la liquidación es de otro nombre. Inicie sesión donde lo pida la red.",
  LINE_TLS_FAILED: "No se pudo abrir una conexión cifrada con la liquidación. Pruebe otra red.",
  SETTLEMENT_UNREACHABLE: "La liquidación no responde. No se pierde nada.",
  SETTLEMENT_REFUSED: "La liquidación rechazó lo enviado. Llame a su soporte; el terminal lo conserva.",
  SETTLEMENT_ANSWER_UNREADABLE: "La liquidación respondió algo ilegible. Se intenta de nuevo.",
  NO_SETTLEMENT: "Este terminal no tiene liquidación a la que enviar.",
  MALFORMED_REQUEST: "El terminal no entendió la página. Cárguela de nuevo.",
  AMOUNT_REFUSED: "Este importe no se puede cobrar.",
  CURRENCY_NOT_SERVED: "Este terminal no acepta esa moneda.",
  UNAUTHENTICATED: "Este terminal pide una contraseña. Cargue de nuevo la página e introdúzcala.",
  NOT_FOUND: "El terminal no conoce esto.",
  SALE_UNKNOWN: "El terminal no conoce esa venta.",
  TAP_UNKNOWN: "El terminal no conoce ese pago.",
  TAP_IN_PROGRESS: "El terminal ya espera una tarjeta. Termine eso primero.",
  SALE_AMOUNT_DIFFERS: "Esta venta empezó con otro importe. Empiece una nueva.",
  SALE_DIFFERS: "Esta venta se conoce con otras condiciones. Empiece una nueva.",
  SALE_PAID: "Esta venta ya está pagada. No se cobra nada más por ella.",
  SALE_REVERSED: "Esta venta se anuló. Empiece una nueva.",
  SALE_NOT_PAID: "No se pidió a ninguna tarjeta que pagara esta venta. No hay nada que devolver.",
  SALE_IN_PROGRESS: "Se espera una tarjeta para esta venta. Párela primero.",
  TAP_NOT_OPEN: "No hay nada que anular.",
  TAP_FINAL: "Este pago es definitivo. Devuelva el dinero con una devolución.",
  CHAIN_NOT_CONFIGURED: "Este terminal no puede devolver lo ya enviado. Hágalo donde está la clave del beneficiario.",
  NOT_PAYEE_KEY: "La clave configurada no es la del beneficiario. No se devolvió nada.",
  PAYING_KEY_UNREADABLE: "No se puede leer la clave configurada. No se envió nada.",
  WRONG_CHAIN: "El nodo configurado es de otra cadena. No se envió nada.",
  RPC_UNREACHABLE: "El nodo de la cadena no responde. No se envió nada. Inténtelo más tarde.",
  NO_GAS: "La cuenta que envía tiene muy poco para pagar la comisión de la red. Ingrese algo en ella.",
  REVERTED: "La cadena rechazó la transacción. No se movió nada. Llame a su soporte.",
  FEES_TOO_HIGH: "Las comisiones de la red superan lo que este terminal puede pagar. Inténtelo más tarde.",
  REPORT_OUT_OF_TURN: "El día se cerró entretanto. Cuente de nuevo.",
  REFUND_ABOVE_PAYMENT: "Se devolvería más de lo pagado, contando devoluciones anteriores.",
  REFUND_DIFFERS: "Esta devolución se conoce con otro importe.",
  REFUND_WHOLE_ONLY: "Este pago solo se puede devolver entero.",
  ALREADY_REFUNDED: "Este pago ya se devolvió.",
  WRONG_TOKENS: "Este dispositivo envió demasiadas contraseñas erróneas. Espere un minuto.",
  STREAMS_FULL: "Hay demasiadas páginas de este terminal abiertas. Cierre una.",
  NOT_READY: "El terminal no puede cobrar ahora.",
  INTERNAL: "Falló algo que no debía fallar. Inténtelo de nuevo: repetir una venta nunca cobra dos veces.",
  NO_ANSWER: "El terminal no responde.",
  NOT_A_GATEWAY: "Respondió otra cosa que el terminal. Revise la dirección.",
  LANE_UNKNOWN: "Este terminal no tiene una caja con ese nombre. Revise la dirección de la página.",
  PAIRING_NEEDED: "Este dispositivo aún no está vinculado al terminal.",
  PERSON_NEEDED: "Inicie sesión primero.",
  ROLE_TOO_LOW: "Su función no permite hacer esto. Pida ayuda a un encargado o al propietario.",
  PIN_WRONG: "El PIN era incorrecto. Inténtelo otra vez.",
  PIN_LOCKED: "Demasiados PIN erróneos. Espere antes del próximo intento.",
  PAIRING_CODE_WRONG: "El código era incorrecto o ya no vale. Léalo otra vez en la caja.",
};
