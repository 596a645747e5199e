import { z } from 'zod'
import type { Result } from '../../../base/result.js'
import { defaultFlood, type FloodPolicy } from './flood-gate.js'
import { defaultNoise, type NoisePolicy } from './noise-meter.js'

/** Settings that bound what any reader may send, as they stand in the file. */
export const boundsFields = {
  maxReadsPerSecond: z
    .int()
    .min(1)
    .max(100_000)
    .default(defaultFlood.readsPerSecond)
    .describe('Reads above it are dropped and counted.'),
  noisyAfter: z
    .int()
    .min(1)
    .max(1_000)
    .default(defaultNoise.raiseAfter)
    .describe('Discards within 10 s that make the reader a noisy one.'),
}

/** Longest silence of a healthy reader, in milliseconds. */
export const heartbeatField = z.int().min(500).max(86_400_000).nullable().default(null)

interface BoundsInFile {
  readonly maxReadsPerSecond: number
  readonly noisyAfter: number
}

/** A configuration with its bounds as {@link Intake} takes them. */
export type WithBounds<T extends BoundsInFile> = Omit<T, keyof BoundsInFile> & {
  readonly flood: FloodPolicy
  readonly noise: NoisePolicy
}

export function withBounds<T extends BoundsInFile>(parsed: Result<T>): Result<WithBounds<T>> {
  if (!parsed.ok) return parsed
  const { maxReadsPerSecond, noisyAfter, ...rest } = parsed.value
  const flood = { ...defaultFlood, readsPerSecond: maxReadsPerSecond }
  return { ok: true, value: { ...rest, flood, noise: { ...defaultNoise, raiseAfter: noisyAfter } } }
}
