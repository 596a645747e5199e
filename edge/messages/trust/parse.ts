import type { z } from 'zod'
import { refusal, type TrustRefusal } from './refusal.js'

export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: TrustRefusal }

/**
 * Bytes as one of the records, or why not: the length first, so that nothing is built from what is too long. What is
 * judged afterwards is exactly what came out here: members that no schema knows are refused, not passed over. Never throws.
 */
export function parseRecord<T>(
  schema: z.ZodType<T>,
  bytes: Uint8Array | string,
  maxBytes: number,
): Parsed<T> {
  const length = typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length
  if (length > maxBytes) return refused('tooLarge', `${length} bytes, ${maxBytes} are allowed`)
  try {
    const text = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8')
    const parsed = schema.safeParse(JSON.parse(text))
    if (parsed.success) return { ok: true, value: parsed.data }
    const first = parsed.error.issues[0]
    return refused('malformed', `${first?.path.map(String).join('.') ?? ''}: ${first?.message ?? 'wrong'}`)
  } catch {
    return refused('malformed', 'it is not JSON')
  }
}

function refused(reason: 'tooLarge' | 'malformed', detail: string): Parsed<never> {
  return { ok: false, refusal: refusal(reason, 'message', detail.slice(0, 300)) }
}
