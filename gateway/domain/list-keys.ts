import { checkDigitInstead, normaliseContainer } from '../../edge/domain/tag/container.js'
import { normalisePlate } from '../../edge/domain/tag/plate.js'
import {
  laneListNames,
  listKinds,
  type ControlOrder,
  type ListEntry,
  type ListName,
  type VehicleEntry,
} from '../../edge/messages/entities.js'
import { isPlatePattern } from '../../edge/messages/plate-pattern.js'
import { lineProblem, type LineProblem } from '../../edge/messages/text/line-problem.js'

/** Brings the keys of an entry to the form in which the lanes look them up. */
export function normaliseEntry(entry: ListEntry): ListEntry {
  switch (entry.kind) {
    case 'tag':
      return { ...entry, epc: normaliseTag(entry.epc) }
    case 'vehicle':
      return { ...entry, plates: normalisePlates(entry.plates) }
    case 'order':
    case 'blacklist':
      return { ...entry, subject: { ...entry.subject, key: normaliseSubject(entry.subject) } }
    default:
      return normaliseCargo(trimmed(entry))
  }
}

/** The key as it stands in the list. */
export function normaliseKey(list: ListName, key: string): string {
  if (list === 'tags') return normaliseTag(key)
  if (list === 'containers') return box(key)
  return laneListNames.some((name) => name === list) ? key : key.trim()
}

/**
 * What is wrong with a normalised entry that its schema cannot say: a name that was nothing but blanks,
 * and a container number whose check digit (ISO 6346) is another one. It is refused, not warned of: a
 * number that no camera will ever read holds the truck that has the right one. Orders and blacklist are
 * not asked: an order with a doubtful number is better than none.
 */
export function entryProblems(entry: ListEntry): LineProblem[] {
  if (entry.kind === 'order') return patternProblems(entry)
  if (unasked.includes(entry.kind)) return []
  return [
    ...textsOf(entry, '').flatMap(({ path, text }) => (text === '' ? [lineProblem(path, 'blank')] : [])),
    ...boxesOf(entry).flatMap(({ path, number }) => {
      const right = checkDigitInstead(number)
      return right === null ? [] : [wrongDigit(path, number, right)]
    }),
  ]
}

/** Part of a plate that is none as lanes read them would never be found, and nobody would hear of it. */
function patternProblems({ subject: { kind, key } }: ControlOrder): LineProblem[] {
  if (kind !== 'PLATE_PATTERN' || isPlatePattern(key)) return []
  return [lineProblem('subject.key', 'notPartOfPlate', { key })]
}

/** Plans are made by the gateway from what was asked already. */
const unasked: readonly ListEntry['kind'][] = [...laneListNames.map((list) => listKinds[list]), 'plan']

function wrongDigit(path: string, number: string, right: string): LineProblem {
  const likely = `${number.slice(0, 10)}${right}`
  return lineProblem(path, number.length === 10 ? 'noCheckDigit' : 'wrongCheckDigit', { number, likely })
}

type CargoEntry = Exclude<ListEntry, { readonly kind: 'tag' | 'vehicle' | 'order' | 'blacklist' }>

function normaliseCargo(entry: CargoEntry): ListEntry {
  switch (entry.kind) {
    case 'trip':
      return { ...entry, containers: entry.containers.map(box), routeAreas: entry.routeAreas.map(code) }
    case 'declaration': {
      const { plate, originArea } = entry
      return {
        ...entry,
        containers: entry.containers.map(box),
        originArea: originArea === null ? null : code(originArea),
        ...(plate === undefined ? {} : { plate: normalisePlate(plate) || plate }),
      }
    }
    case 'manifest':
      return {
        ...entry,
        lines: entry.lines.map((line) => ({
          ...line,
          container: line.container === null ? null : box(line.container),
        })),
      }
    case 'container': {
      const { originArea } = entry
      return {
        ...entry,
        number: box(entry.number),
        originArea: originArea === null ? null : code(originArea),
        lastPorts: entry.lastPorts.map(code),
      }
    }
    case 'area':
      return { ...entry, areaCode: code(entry.areaCode) }
    case 'terminalOrder':
    case 'seal':
    case 'fitness':
      return { ...entry, container: box(entry.container) }
    case 'release':
      return { ...entry, subject: { ...entry.subject, key: normaliseSubject(entry.subject) } }
    default:
      return entry
  }
}

interface Box {
  readonly path: string
  readonly number: string
}

function boxesOf(entry: ListEntry): Box[] {
  switch (entry.kind) {
    case 'trip':
    case 'declaration':
      return entry.containers.map((number, index) => ({ path: `containers.${index}`, number }))
    case 'manifest':
      return entry.lines.flatMap(({ container }, index) =>
        container === null ? [] : [{ path: `lines.${index}.container`, number: container }],
      )
    case 'container':
      return [{ path: 'number', number: entry.number }]
    case 'terminalOrder':
    case 'seal':
    case 'fitness':
      return [{ path: 'container', number: entry.container }]
    case 'release':
      return entry.subject.kind === 'CONTAINER' ? [{ path: 'subject.key', number: entry.subject.key }] : []
    default:
      return []
  }
}

/** Card, seal and paper numbers stand as their issuer writes them, but for the blanks around them. */
function trimmed<T>(value: T): T
function trimmed(value: unknown): unknown {
  if (typeof value === 'string') return value.trim()
  if (Array.isArray(value)) return value.map((item) => trimmed<unknown>(item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, trimmed<unknown>(item)]))
}

function textsOf(value: unknown, path: string): { path: string; text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, item]) =>
    textsOf(item, path === '' ? name : `${path}.${name}`),
  )
}

/** What has no sign of a number in it stays, so that somebody can see what it was. */
function box(text: string): string {
  return normaliseContainer(text) || text.trim()
}

/** Codes of countries, regions and ports. */
function code(text: string): string {
  return text.trim().toUpperCase()
}

const hexTag = /^[0-9a-f]+$/i

/** Hex identities in capitals; the text identities of other readers as they are. */
function normaliseTag(epc: string): string {
  const plain = epc.trim()
  return hexTag.test(plain) ? plain.toUpperCase() : plain
}

function normalisePlates(plates: VehicleEntry['plates']): VehicleEntry['plates'] {
  return plates.map((plate) => ({ ...plate, text: normalisePlate(plate.text) || plate.text }))
}

/** The name of a subject as lists have it and lanes look it up. */
export function normaliseSubject(subject: { readonly kind: string; readonly key: string }): string {
  if (subject.kind === 'PLATE') return normalisePlate(subject.key) || subject.key
  if (subject.kind === 'PLATE_PATTERN') return normalisePlate(subject.key).replace(/\*+/g, '*') || subject.key
  if (subject.kind === 'TAG') return normaliseTag(subject.key)
  if (subject.kind === 'CONTAINER') return box(subject.key)
  if (subject.kind === 'ORIGIN_AREA') return code(subject.key) || subject.key
  return subject.key.trim() || subject.key
}
