import type { BlacklistEntry, ControlOrder } from '../../messages/entities.js'
import type { Lift } from '../../messages/trust/lift.js'
import type { RowTexts } from './row-arena.js'

/** Words that come again and again (agencies, actions, officers) stand once, in a table of this size at most. */
const wordsMax = 4_096

/** A word of the table, or the word itself where the table is full. */
type Word = number | string

/** The words of one list; they only grow, so the whole list has new ones when it is replaced. */
export class Words {
  readonly #numbers = new Map<string, number>()
  readonly #words: string[] = []

  constructor(words: readonly string[] = []) {
    for (const word of words) this.numberOf(word)
  }

  /** In their order: the same words once more have the same numbers. */
  all(): readonly string[] {
    return this.#words
  }

  numberOf<T extends string>(word: T): number | T {
    const known = this.#numbers.get(word)
    if (known !== undefined) return known
    if (this.#words.length >= wordsMax) return word
    this.#numbers.set(word, this.#words.length)
    return this.#words.push(word) - 1
  }

  /** As it stands in the text of a row. */
  textOf(word: string): string {
    const coded = this.numberOf(word)
    return typeof coded === 'number' ? `${coded}` : JSON.stringify(coded)
  }

  /** The very type the word had when it went in. */
  wordOf<T extends string>(word: number | T): T {
    return (typeof word === 'number' ? this.#words[word] : word) as T
  }
}

/** How one kind of entry becomes one short text and its reason: parsed again only when it is hit, which is rare. */
export interface Packing<T> {
  readonly idOf: (entry: T) => string
  readonly pack: (entry: T, words: Words) => RowTexts
  readonly unpack: (row: RowTexts, words: Words) => T
  /** The same row from canonical JSON, without making an entry of it first; null: not so simple an entry. */
  readonly packText: (text: string, words: Words) => PackedText | null
}

/** What a row is found by, and the row. */
export interface PackedText {
  readonly id: string
  readonly kind: string
  readonly key: string
  readonly row: RowTexts
}

type Coded<T extends string> = number | T

/** A text whose JSON has nothing escaped and is ASCII: all but a few are. */
const plain = '"([ !#-\\[\\]-~]*)"'
const named = '"([A-Z_]+)"'
/** Of the reason that nothing in it is escaped. */
const unescaped = '"([^"\\\\\\x00-\\x1f]*)"'
const number = '(-?\\d+)'
const subjectPattern = `"subject":{"key":${plain},"kind":${named}},"validFrom":${number}(?:,"validTo":${number})?}`
const orderPattern = new RegExp(
  `^{"action":${named},"agency":${named},"issuedBy":${plain},"kind":"order","level":${number},"maxHits":${number},` +
    `"nature":${named},"orderId":${plain},"reason":${unescaped},${subjectPattern}$`,
)
const blacklistPattern = new RegExp(
  `^{"agency":${named},"entryId":${plain},"kind":"blacklist","level":${named},"reason":${unescaped},${subjectPattern}$`,
)
type OrderRow = [
  id: string,
  kind: Coded<ControlOrder['subject']['kind']>,
  key: string,
  agency: Coded<ControlOrder['agency']>,
  action: Coded<ControlOrder['action']>,
  nature: Coded<ControlOrder['nature']>,
  level: number,
  validFrom: number,
  validTo: number | null,
  maxHits: number,
  issuedBy: Word,
  /** 1: patternMayIntercept. A row ends with the last member that it needs. */
  patternMayIntercept?: 0 | 1,
  lift?: Lift,
]

export const orderPacking: Packing<ControlOrder> = {
  idOf: (order) => order.orderId,
  packText: (text, words) => {
    const found = orderPattern.exec(text)
    if (!found) return null
    const [, action = '', agency = '', issuedBy = '', level, maxHits, nature = '', id = '', reason = ''] =
      found
    const [key = '', kind = '', validFrom, validTo = 'null'] = found.slice(9)
    const of = `"${id}",${words.textOf(kind)},"${key}",${words.textOf(agency)},${words.textOf(action)}`
    const row = `[${of},${words.textOf(nature)},${level},${validFrom},${validTo},${maxHits},${words.textOf(issuedBy)}]`
    return { id, kind, key, row: { text: row, reason } }
  },
  pack: (order, words) => {
    const { subject, validTo = null } = order
    const row: OrderRow = [
      order.orderId,
      words.numberOf(subject.kind),
      subject.key,
      words.numberOf(order.agency),
      words.numberOf(order.action),
      words.numberOf(order.nature),
      order.level,
      order.validFrom,
      validTo,
      order.maxHits,
      words.numberOf(order.issuedBy),
    ]
    if (order.patternMayIntercept || order.lift) row.push(order.patternMayIntercept ? 1 : 0)
    if (order.lift) row.push(order.lift)
    return { text: asciiJson(row), reason: order.reason }
  },
  unpack: ({ text, reason }, words) => {
    const [
      orderId,
      kind,
      key,
      agency,
      action,
      nature,
      level,
      validFrom,
      validTo,
      maxHits,
      issuedBy,
      patternMayIntercept,
      lift,
    ]: OrderRow = JSON.parse(text)
    return {
      kind: 'order',
      orderId,
      agency: words.wordOf(agency),
      subject: { kind: words.wordOf(kind), key },
      action: words.wordOf(action),
      nature: words.wordOf(nature),
      level,
      reason,
      validFrom,
      ...(validTo === null ? {} : { validTo }),
      maxHits,
      issuedBy: words.wordOf(issuedBy),
      ...(patternMayIntercept === 1 ? { patternMayIntercept: true } : {}),
      ...(lift === undefined ? {} : { lift }),
    }
  },
}

type BlacklistRow = [
  id: string,
  kind: Coded<BlacklistEntry['subject']['kind']>,
  key: string,
  level: Coded<BlacklistEntry['level']>,
  agency: Coded<BlacklistEntry['agency']>,
  validFrom: number,
  validTo: number | null,
  lift?: Lift,
]

export const blacklistPacking: Packing<BlacklistEntry> = {
  idOf: (entry) => entry.entryId,
  packText: (text, words) => {
    const found = blacklistPattern.exec(text)
    if (!found) return null
    const [
      ,
      agency = '',
      id = '',
      level = '',
      reason = '',
      key = '',
      kind = '',
      validFrom,
      validTo = 'null',
    ] = found
    const of = `"${id}",${words.textOf(kind)},"${key}",${words.textOf(level)},${words.textOf(agency)}`
    return { id, kind, key, row: { text: `[${of},${validFrom},${validTo}]`, reason } }
  },
  pack: (entry, words) => {
    const { subject, validFrom, validTo = null } = entry
    const row: BlacklistRow = [
      entry.entryId,
      words.numberOf(subject.kind),
      subject.key,
      words.numberOf(entry.level),
      words.numberOf(entry.agency),
      validFrom,
      validTo,
    ]
    if (entry.lift) row.push(entry.lift)
    return { text: asciiJson(row), reason: entry.reason }
  },
  unpack: ({ text, reason }, words) => {
    const [entryId, kind, key, level, agency, validFrom, validTo, lift]: BlacklistRow = JSON.parse(text)
    return {
      kind: 'blacklist',
      entryId,
      subject: { kind: words.wordOf(kind), key },
      level: words.wordOf(level),
      agency: words.wordOf(agency),
      reason,
      validFrom,
      ...(validTo === null ? {} : { validTo }),
      ...(lift === undefined ? {} : { lift }),
    }
  },
}

const notAscii = /[^\x20-\x7e]/

/** Non-ASCII signs are escaped: one of them would make every character of the text two bytes. */
function asciiJson(row: unknown): string {
  const text = JSON.stringify(row)
  if (!notAscii.test(text)) return text
  return text.replace(/[^\x20-\x7e]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
