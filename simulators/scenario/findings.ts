import { z } from 'zod'
import { sensedKinds, sensedSchema, sensedShapes, type Sensed } from '../../edge/messages/sensed.js'
import type { Finding } from '../vehicle/vehicle.js'
import { atStart, durationSchema, timed, type Timed } from './times.js'

/** What a good device says where the file says nothing else. */
const usual: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  temperature: { is: 'normal' },
  radiation: { is: 'normal' },
  container: { confidence: 0.98 },
  seal: { status: 'CLOSED', openedAt: null, batteryLow: false },
  weight: { stable: true, onScale: true },
  receipt: { signatureValid: true, used: false },
}

/** When a device has found it, after the vehicle came onto the entry loop. */
const usuallyAfterMs = 300

const countSchema = z.number().int().min(0).max(2_000)

/** Of a seal, when it says that it was opened. */
const momentNames = ['openedAt']

/** One finding of one device, with the usual members filled in; ear tags may be given by their number. */
export const sensedLine: z.ZodType<Timed<Sensed>, unknown> = z.unknown().transform((raw, context) => {
  const refuse = (message: string): never => {
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  }
  const given = z.looseObject({ of: z.enum(sensedKinds) }).safeParse(raw)
  if (!given.success) return refuse(`a finding is of one of ${sensedKinds.join(', ')}.`)
  const { count, ...rest } = given.data
  const { of } = rest
  const isCounted = of === 'earTags' && count !== undefined
  const named = isCounted ? { ...rest, ids: earTagsOf(countSchema.safeParse(count).data ?? 0) } : given.data
  const known = ['of', ...Object.keys(sensedShapes[of])]
  const strange = Object.keys(named).filter((name) => !known.includes(name))
  if (strange.length > 0) return refuse(`a finding of ${of} has no "${strange.join('", "')}".`)
  const parsed = timed<Sensed>(sensedSchema, momentNames).safeParse({ ...usual[of], ...named })
  if (parsed.success) return parsed.data
  for (const { path, message } of parsed.error.issues) context.addIssue({ code: 'custom', path, message })
  return z.NEVER
})

/** What a vehicle shows to the devices of the lane, and when. */
export const shownSchema: z.ZodType<Shown, unknown> = z
  .looseObject({ after: durationSchema.default(usuallyAfterMs) })
  .transform(({ after, ...sensed }, context) => {
    const parsed = sensedLine.safeParse(sensed)
    if (parsed.success) return { afterMs: after, sensed: parsed.data }
    for (const { path, message } of parsed.error.issues) context.addIssue({ code: 'custom', path, message })
    return z.NEVER
  })

export interface Shown {
  readonly afterMs: number
  readonly sensed: Timed<Sensed>
}

/** As the devices tell it in a scenario that begins at `startMs` UTC; `instead` takes the place of all that is of the same. */
export function findingsOf(shows: readonly Shown[], instead: readonly Shown[], startMs: number): Finding[] {
  const replaced = new Set(instead.map(subjectOf))
  const all = [...shows.filter((shown) => !replaced.has(subjectOf(shown))), ...instead]
  return all.map(({ afterMs, sensed }) => ({ afterMs, sensed: atStart(sensed, startMs) }))
}

/** A seal, and that none was found, are of the same. */
function subjectOf({ sensed: { value } }: Shown): string {
  return value.of === 'sealMissed' ? 'seal' : value.of
}

function earTagsOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `EAR-${String(index + 1).padStart(4, '0')}`)
}
