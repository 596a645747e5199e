import { z } from 'zod'
import type { Downlink } from '../interfaces/uplink.js'
import {
  ackSchema,
  commandSchema,
  listDeltaSchema,
  listHeadSchema,
  listWireVersion,
  verdictSchema,
} from '../messages/down.js'
import { messageMaxBytes, wireVersion } from '../messages/envelope.js'
import { parseTopic, type Topic } from '../messages/topics.js'

/** A message that cannot be taken: why, for the log, and to whom the refusal can be answered, if it says so. */
export interface BadMessage {
  readonly why: 'malformed' | 'unknownVersion'
  readonly detail: string
  readonly answerTo: string | null
}

export type Inbound =
  { readonly ok: true; readonly downlink: Downlink } | { readonly ok: false; readonly bad: BadMessage }

/** A delta's entries make it larger than an event: 500 of them still fit. */
const deltaMaxBytes = 8 * messageMaxBytes

/** What names the sender's wish in any version of the wire. */
const identified = z.object({
  v: z.unknown(),
  verdictId: z.string().max(64).optional(),
  commandId: z.string().max(64).optional(),
})

/** Takes a message of the broker apart. Never throws; foreign topics and other nonsense are bad messages. */
export function parseInbound(
  topicText: string,
  payload: Uint8Array,
  retained: boolean,
  mine: { readonly site: string; readonly edgeId: string },
): Inbound {
  const topic = parseTopic(topicText)
  const isMine = topic?.to === 'listHead' || (topic?.to !== 'trust' && topic?.edge === mine.edgeId)
  if (!topic || topic.to === 'trust' || topic.site !== mine.site || !isMine) {
    return refuse('malformed', `topic ${topicText.slice(0, 120)} is not ours`, null)
  }
  const maxBytes = topic.to === 'down' && topic.kind === 'list' ? deltaMaxBytes : messageMaxBytes
  if (payload.length > maxBytes)
    return refuse('malformed', `${payload.length} bytes, ${maxBytes} are allowed`, null)
  let raw: unknown
  try {
    raw = JSON.parse(Buffer.from(payload).toString('utf8'))
  } catch {
    return refuse('malformed', 'not JSON', null)
  }
  const known = identified.safeParse(raw)
  const answerTo = (known.success && (known.data.verdictId ?? known.data.commandId)) || null
  if (known.success && known.data.v !== versionOf(topic))
    return refuse('unknownVersion', `version ${String(known.data.v)}`, answerTo)
  return parseAs(topic, raw, retained, answerTo)
}

/** Lists have a version of the wire of their own. */
function versionOf(topic: Topic): number {
  const isList = topic.to === 'listHead' || (topic.to === 'down' && topic.kind === 'list')
  return isList ? listWireVersion : wireVersion
}

function parseAs(
  topic: Exclude<Topic, { readonly to: 'trust' }>,
  raw: unknown,
  retained: boolean,
  answerTo: string | null,
): Inbound {
  const as = <T>(schema: z.ZodType<T>, wrap: (value: T) => Downlink): Inbound => {
    const parsed = schema.safeParse(raw)
    if (parsed.success) return { ok: true, downlink: wrap(parsed.data) }
    const first = parsed.error.issues[0]
    return refuse('malformed', `${first?.path.join('.') ?? ''}: ${first?.message ?? 'wrong'}`, answerTo)
  }
  if (topic.to === 'listHead') {
    const found = as(listHeadSchema, (head) => ({ is: 'listHead', head }))
    return found.ok && found.downlink.is === 'listHead' && found.downlink.head.list !== topic.list
      ? refuse('malformed', `the head of ${found.downlink.head.list} on the topic of ${topic.list}`, null)
      : found
  }
  if (topic.to === 'up') return refuse('malformed', 'our own topic', null)
  switch (topic.kind) {
    case 'ack':
      return as(ackSchema, (ack) => ({ is: 'ack', ack }))
    case 'verdict':
      return as(verdictSchema, (verdict) => ({ is: 'verdict', verdict, retained }))
    case 'command':
      return as(commandSchema, (command) => ({ is: 'command', command, retained }))
    case 'list':
      return as(listDeltaSchema, (delta) => ({ is: 'delta', delta }))
  }
}

function refuse(why: BadMessage['why'], detail: string, answerTo: string | null): Inbound {
  return { ok: false, bad: { why, detail, answerTo } }
}
