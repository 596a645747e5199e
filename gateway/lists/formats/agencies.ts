import { z } from 'zod'
import type { Problem } from '../../../edge/base/result.js'
import { tagStates, type TagEntry } from '../../../edge/messages/entities.js'
import { lineProblem, type LineProblem } from '../../../edge/messages/text/line-problem.js'

const agencyId = z.string().regex(/^\d{4}$/, 'four digits')
const shortName = z.string().regex(/^[A-Z]{2}$/, 'two capital letters')
const code = z.string().regex(/^[0-9A-Z]$/, 'one digit or capital letter')
const returnCode = z.string().regex(/^\d{2}$/, 'two digits')

/** The tags that one agency issued: how its serial numbers stand on them. */
export const tollAgencySchema = z.strictObject({
  agencyId: agencyId.describe('As NIOP and IAG write it: whose tags these are.'),
  homeAgencyId: agencyId
    .optional()
    .describe('Who keeps their accounts and sends the files; default: the agency itself.'),
  shortName: shortName.optional().describe('As CTOC writes it.'),
  epcPrefix: z
    .string()
    .regex(/^[0-9A-F]{0,56}$/, 'hexadecimal digits in capitals, at most 56')
    .describe('What stands on every tag of it before the serial number.'),
  serialAs: z.enum(['hex', 'decimal']).default('hex').describe('How the serial number stands on the tag.'),
  serialDigits: z.number().int().min(1).max(24).default(8).describe('Filled with zeros from the left.'),
  serialFrom: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
  serialTo: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(Number.MAX_SAFE_INTEGER),
  states: z
    .record(code, z.enum(tagStates))
    .default({})
    .describe('By status code of the files. Default: valid is ACTIVE, every other is SUSPENDED.'),
})
export type TollAgency = z.infer<typeof tollAgencySchema>

/** What an acknowledgement says of a file. `detail`: some lines were refused. */
export const ackOutcomes = ['good', 'name', 'header', 'count', 'format', 'detail'] as const
export type AckOutcome = (typeof ackOutcomes)[number]

const returnCodes = z.partialRecord(z.enum(ackOutcomes), returnCode).default({})

/** Files of tag lists that are exchanged with other toll agencies. */
export const tollingSchema = z.strictObject({
  agencyId: agencyId.describe('Under which the others know this site.'),
  hubId: agencyId.optional().describe('Of this site, in NIOP.'),
  shortName: shortName.optional().describe('Of this site, in CTOC.'),
  agencies: z.array(tollAgencySchema).max(1_000).default([]),
  returnCodes: z
    .strictObject({ niop: returnCodes, itag: returnCodes, ctoc: returnCodes })
    .prefault({})
    .describe('Codes of acknowledgements that were agreed otherwise.'),
})
export type TollingConfig = z.infer<typeof tollingSchema>

/** The home agency of a tag agency. */
export function homeOf(agency: TollAgency): string {
  return agency.homeAgencyId ?? agency.agencyId
}

/** What the schema cannot say: agencies named twice, and two whose tags could be the same. */
export function tollingProblems(config: TollingConfig, at: string): Problem[] {
  const problems: Problem[] = []
  config.agencies.forEach((agency, index) => {
    const path = `${at}.agencies.${index}`
    if (agency.serialFrom > agency.serialTo)
      problems.push({ path: `${path}.serialTo`, message: 'lies before serialFrom.' })
    for (const other of config.agencies.slice(0, index)) {
      if (other.agencyId === agency.agencyId)
        problems.push({ path: `${path}.agencyId`, message: `${agency.agencyId} is named twice.` })
      else if (isAmbiguous(agency, other))
        problems.push({
          path: `${path}.epcPrefix`,
          message: `a tag of ${agency.agencyId} could be one of ${other.agencyId}.`,
          remedy: 'Give prefixes or numbers of digits that tell them apart.',
        })
    }
  })
  return problems
}

function isAmbiguous(one: TollAgency, other: TollAgency): boolean {
  const sameLength = one.epcPrefix.length + one.serialDigits === other.epcPrefix.length + other.serialDigits
  const oneWithin = one.epcPrefix.startsWith(other.epcPrefix) || other.epcPrefix.startsWith(one.epcPrefix)
  return sameLength && oneWithin
}

/** The EPC of a tag, or what is wrong with its serial number, which stands at `path` of a record as `text`. */
export function epcOf(
  agency: TollAgency,
  serial: number,
  { path, text }: { readonly path: string; readonly text: string },
): { readonly epc: string } | { readonly wrong: LineProblem } {
  const { serialFrom: from, serialTo: to } = agency
  if (serial < from || serial > to)
    return { wrong: lineProblem(path, 'serialOutside', { serial: text, from, to }) }
  const digits = serial.toString(agency.serialAs === 'hex' ? 16 : 10).toUpperCase()
  if (digits.length > agency.serialDigits)
    return { wrong: lineProblem(path, 'serialTooLong', { serial: text, digits: agency.serialDigits }) }
  return { epc: agency.epcPrefix + digits.padStart(agency.serialDigits, '0') }
}

/** The serial number on a tag of that agency; null: it is not one of its tags. */
export function serialOf(agency: TollAgency, epc: string): number | null {
  const { epcPrefix, serialDigits, serialAs } = agency
  if (epc.length !== epcPrefix.length + serialDigits || !epc.startsWith(epcPrefix)) return null
  const digits = epc.slice(epcPrefix.length)
  if (!(serialAs === 'hex' ? /^[0-9A-F]+$/ : /^\d+$/).test(digits)) return null
  const serial = Number.parseInt(digits, serialAs === 'hex' ? 16 : 10)
  return serial >= agency.serialFrom && serial <= agency.serialTo ? serial : null
}

/** A tag of a file as the list takes it. Such a file names no vehicle: the tag stands for it. */
export function tagOf(agency: TollAgency, serial: number, epc: string, state: TagEntry['state']): TagEntry {
  return { kind: 'tag', epc, state, vehicleId: `TOLL-${agency.agencyId}-${serial}` }
}

/** The state for a status code of a file. What nobody said is good is not. */
export function stateOf(agency: TollAgency, status: string, valid: string): TagEntry['state'] {
  return agency.states[status] ?? (status === valid ? 'ACTIVE' : 'SUSPENDED')
}

/** The status code for a state: the first that the configuration gives it, else valid or not. */
export function statusOf(
  agency: TollAgency,
  state: TagEntry['state'],
  codes: { readonly valid: string; readonly not: string },
): string {
  const said = Object.entries(agency.states).find(([, one]) => one === state)
  if (said) return said[0]
  return state === 'ACTIVE' ? codes.valid : codes.not
}
