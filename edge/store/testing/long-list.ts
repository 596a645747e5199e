import type { ControlOrder } from '../../messages/entities.js'
import { order } from './list.contract.js'

const pattern = { action: 'NOTIFY', subject: { kind: 'PLATE_PATTERN', key: '' } } as const

/** Order `n` of a long list; now and then with an escape, another script, part of a plate, an end. */
function longOrder(n: number): ControlOrder {
  const plain = order(`O${n}`, `E${n}`, n % 3 === 0 ? `布控 "${n}"` : `look ${n}`)
  if (plain.kind !== 'order') throw new Error('no order')
  if (n % 1_000 === 7) return { ...plain, ...pattern, subject: { ...pattern.subject, key: `粤B${n}*` } }
  return n % 5 === 0 ? { ...plain, validTo: 1_900_000_000_000 + n } : plain
}

/** Long enough for a thread of its own. */
export const longList: readonly ControlOrder[] = Array.from({ length: 20_200 }, (_, n) => longOrder(n))

export const changedList: readonly ControlOrder[] = longList.map((one, n) =>
  n < 12_000 ? { ...one, reason: 'again' } : one,
)

export const askedKeys = [
  ...[0, 3, 7, 9_999, 20_007, 20_199].map((n) => longOrder(n).subject),
  { kind: 'PLATE', key: '粤B7007X' },
  { kind: 'TAG', key: 'none' },
] as const
