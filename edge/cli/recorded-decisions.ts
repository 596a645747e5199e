import { createReadStream, statSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { LanekeeperError, messageOf } from '../base/error.js'
import { describeProblems } from '../base/result.js'
import { parseDecidedBody, type DecidedBody } from '../domain/decision/replay.js'
import type { ReportedEvent } from '../domain/decision/shadow-report.js'
import { readRecordedJournal } from '../store/read-only.js'

/** One event of a record; a `decided` one with what it carries. */
export interface RecordedEvent {
  /** Where it stands: for a person who looks it up. */
  readonly at: string
  readonly passageId: string | null
  readonly decided: DecidedBody | null
}

/** No event is larger than the wire takes. */
const lineMaxChars = 4_000_000

/**
 * The events of a data directory of an edge, or of a file with one event a line (`npm run simulate --
 * --record FILE`), oldest first.
 *
 * @throws LanekeeperError where an event is not what was recorded, or a line is none
 */
export async function* recordedEvents(source: string): AsyncGenerator<RecordedEvent> {
  if (isFile(source)) {
    yield* eventsOfFile(source)
    return
  }
  for await (const { sequence, passageId, type, body } of readRecordedJournal(source)) {
    yield recordedEvent(`event ${sequence}`, { passageId, type, body })
  }
}

/** Events of a data directory or of a file with one event a line, as they were recorded, oldest first. */
export async function* recordedAsTold(source: string): AsyncGenerator<ReportedEvent> {
  if (!isFile(source)) {
    yield* readRecordedJournal(source)
    return
  }
  const lines = createInterface({ input: createReadStream(source, 'utf8'), crlfDelay: Infinity })
  let no = 0
  for await (const line of lines) {
    no += 1
    if (line.trim() === '') continue
    if (line.length > lineMaxChars) throw unreadable(`line ${no}`, 'it is too long')
    const { passageId, type, body, occurredAt, lane } = eventIn(line, no)
    yield { passageId, type, body, occurredAt: occurredAt ?? wallMsIn(body), lane: lane ?? null }
  }
}

/** A line of decisions alone has the time at which it was judged. */
function wallMsIn(body: Readonly<Record<string, unknown>>): number {
  const inputs = isRecord(body['inputs']) ? body['inputs'] : {}
  const now = isRecord(inputs['now']) ? inputs['now'] : {}
  return typeof now['wallMs'] === 'number' ? now['wallMs'] : 0
}

interface Readable {
  readonly passageId: string | null
  readonly type: string
  readonly body: Readonly<Record<string, unknown>>
  readonly occurredAt?: number
  readonly lane?: string
}

function isFile(source: string): boolean {
  return statSync(source, { throwIfNoEntry: false })?.isFile() === true
}

async function* eventsOfFile(file: string): AsyncGenerator<RecordedEvent> {
  const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity })
  let no = 0
  for await (const line of lines) {
    no += 1
    if (line.trim() === '') continue
    if (line.length > lineMaxChars) throw unreadable(`line ${no}`, 'it is too long')
    yield recordedEvent(`line ${no}`, eventIn(line, no))
  }
}

function eventIn(line: string, no: number): Readable {
  let event: unknown
  try {
    event = JSON.parse(line)
  } catch (error) {
    throw unreadable(`line ${no}`, messageOf(error))
  }
  if (!isRecord(event) || typeof event['type'] !== 'string' || !isRecord(event['body']))
    throw unreadable(`line ${no}`, 'it is no event')
  const { passageId, type, body, occurredAt, lane } = event
  return {
    passageId: typeof passageId === 'string' ? passageId : null,
    ...{ type, body },
    ...(typeof occurredAt === 'number' ? { occurredAt } : {}),
    ...(typeof lane === 'string' ? { lane } : {}),
  }
}

function recordedEvent(at: string, { passageId, type, body }: Readable): RecordedEvent {
  if (type !== 'decided') return { at, passageId, decided: null }
  const parsed = parseDecidedBody(body)
  if (!parsed.ok) throw unreadable(at, describeProblems(parsed.problems))
  return { at, passageId, decided: parsed.value }
}

function unreadable(at: string, why: string): LanekeeperError {
  return new LanekeeperError('replay.notReadable', `${at}: ${why}`)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
