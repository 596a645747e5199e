import type { ControlOrder } from '../../edge/messages/entities.js'
import { lineProblem, type LineProblem } from '../../edge/messages/text/line-problem.js'

/** What the number of every secret order begins with. */
export const secretPrefix = 'S-'
/** Numbers under which people name no order of their own: of secret orders, and of those that the gateway places. */
const keptPrefixes = [secretPrefix, 'AUTO-'] as const

/** Crockford's: no sign that is taken for another when it is read out. */
const signs = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
/** Random bytes of a number; 5 bits of each make a sign. */
export const secretNumberBytes = 12

/** A number that tells nothing: neither when a secret order was placed nor how many there are. */
export function secretNumber(random: Uint8Array): string {
  return secretPrefix + Array.from(random, (byte) => signs[byte % signs.length]).join('')
}

/** Whether only secret orders, or those that the gateway places, bear such a number. */
export function isKeptNumber(orderId: string): boolean {
  const plain = plainOf(orderId)
  return keptPrefixes.some((prefix) => plain.startsWith(prefix))
}

/** Whether a number is of the kind that secret orders have. */
export function isSecretNumber(orderId: string): boolean {
  return plainOf(orderId).startsWith(secretPrefix)
}

/**
 * Why a person may not bring an order under its number into the list, by a change or a file; null: he may. Of a person
 * who sees no secret orders every kept number is refused in the same words, whether an order has it or not: so a number
 * that is taken tells him nothing. `held`: the order that has the number in the list; `waiting`: the one that was placed
 * under it and waits for approval, which would overwrite what stands there.
 */
export function numberProblem(
  order: Pick<ControlOrder, 'orderId' | 'nature'>,
  { held, waiting }: { readonly held?: WithNature | undefined; readonly waiting?: WithNature | undefined },
  seesSecrets: boolean,
): LineProblem | null {
  const problem = heldProblem(order, held, seesSecrets)
  return problem ?? (waiting ? waitingProblem(order.orderId, waiting, seesSecrets) : null)
}

/** That an order was placed under this number and waits for approval; of a secret one no more than that it is kept. */
export function waitingProblem(key: string, waiting: WithNature, seesSecrets: boolean): LineProblem {
  const isSeen = seesSecrets || waiting.nature !== 'SECRET'
  return lineProblem('orderId', isSeen ? 'waitingNumber' : 'keptNumber', { key })
}

type WithNature = Pick<ControlOrder, 'nature'>

function heldProblem(
  { orderId: key, nature }: Pick<ControlOrder, 'orderId' | 'nature'>,
  held: WithNature | undefined,
  seesSecrets: boolean,
): LineProblem | null {
  const isSeen = held !== undefined && (seesSecrets || held.nature !== 'SECRET')
  if (isSeen && held.nature === nature) return null
  const isKept = isKeptNumber(key)
  if (nature === 'SECRET' && !isKept) return lineProblem('orderId', 'secretNumber')
  if (!seesSecrets && (isKept || (held !== undefined && !isSeen)))
    return lineProblem('orderId', 'keptNumber', { key })
  if (nature === 'OPEN' && isSecretNumber(key)) return lineProblem('orderId', 'keptNumber', { key })
  return null
}

function plainOf(orderId: string): string {
  return orderId.normalize('NFKC').trim().toUpperCase()
}
