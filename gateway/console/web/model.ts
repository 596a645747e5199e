import type {
  EdgeState,
  EscalationState,
  GatewayState,
  LiveEvent,
  PassageState,
  VerdictRequest,
} from '../../api/schemas.js'

/**
 * Everything the page knows, as one value, and the one function that changes it. It reads no clock:
 * each event brings the browser's monotonic time with it. What the world should do stands in effects.
 */
export interface Model {
  /** `asking` until the gateway first said whether this browser is signed in. */
  readonly access: 'asking' | 'signedIn' | 'signedOut'
  /** Whether the live feed stands. Data may be old although it stands: see `heardMonoMs`. */
  readonly feed: 'connecting' | 'live' | 'cut'
  readonly state: GatewayState | null
  /** Browser's monotonic time of the last word from the gateway; null: none yet. */
  readonly heardMonoMs: number | null
  /** The gateway's wall clock minus the browser's monotonic one, so that a wrong clock at the desk does no harm. */
  readonly gatewayOffsetMs: number
  /** Each edge's wall clock minus the gateway's, by edge id. */
  readonly edgeOffsetsMs: Readonly<Record<string, number>>
  /** Answers given on this page, by escalation id. */
  readonly answers: Readonly<Record<string, GivenAnswer>>
  /** Newest escalation that appeared while the page was open, to be read out. */
  readonly announced: EscalationState | null
  /** Version of the gateway that this page came from; another one means that the page is out of date. */
  readonly pageVersion: string | null
}

export type VerdictAnswer = VerdictRequest['answer']

/** What this page did about one escalation, and how far it came. */
export interface GivenAnswer {
  readonly answer: VerdictAnswer
  /** Version of the escalation that the person saw. */
  readonly version: number
  readonly is: 'sending' | 'taken' | 'failed'
  /** Key of the catalogue, set when failed. */
  readonly error: string | null
}

export type PageEvent =
  | {
      readonly on: 'live'
      readonly event: LiveEvent
      readonly monoMs: number
      /** When it was asked for, where it did not come by itself; absent: it comes from the feed, in its order. */
      readonly askedMonoMs?: number
    }
  | { readonly on: 'feedOpened' }
  | { readonly on: 'feedCut' }
  | { readonly on: 'signedOut' }
  | {
      readonly on: 'answer'
      readonly escalationId: string
      readonly answer: VerdictAnswer
      readonly reason: string
      readonly orderIds: readonly string[]
    }
  | { readonly on: 'answerTaken'; readonly escalationId: string; readonly escalation: EscalationState | null }
  | { readonly on: 'answerFailed'; readonly escalationId: string; readonly error: string }

export type PageEffect = {
  readonly do: 'sendVerdict'
  readonly escalationId: string
  readonly request: VerdictRequest
}

/** As many as the gateway sends in a snapshot; a page left open for weeks must not grow. */
export const escalationsMax = 200
export const passagesMax = 100

export const initialModel: Model = {
  access: 'asking',
  feed: 'connecting',
  state: null,
  heardMonoMs: null,
  gatewayOffsetMs: 0,
  edgeOffsetsMs: {},
  answers: {},
  announced: null,
  pageVersion: null,
}

interface Change {
  readonly model: Model
  readonly effects: readonly PageEffect[]
}

/** The next model, and what is to be done. An event that means nothing now changes nothing. */
export function update(model: Model, event: PageEvent): Change {
  switch (event.on) {
    case 'live':
      // While an answer was on its way the feed told what is newer: what was asked would show the lanes as they were, and as fresh.
      if (event.askedMonoMs !== undefined && (model.heardMonoMs ?? -Infinity) > event.askedMonoMs)
        return only(model)
      return only(hear(model, event.event, event.monoMs))
    case 'feedOpened':
      return only({ ...model, feed: 'live' })
    case 'feedCut':
      return only({ ...model, feed: 'cut' })
    case 'signedOut':
      return only({ ...initialModel, access: 'signedOut' })
    case 'answer':
      return giveAnswer(model, event)
    case 'answerTaken': {
      const known = event.escalation
      const heard = known && model.state ? withEscalation(model, model.state, known) : model
      return only(settleAnswer(heard, event.escalationId, { is: 'taken', error: null }))
    }
    case 'answerFailed':
      return only(settleAnswer(model, event.escalationId, { is: 'failed', error: event.error }))
  }
}

function only(model: Model): Change {
  return { model, effects: [] }
}

function hear(model: Model, event: LiveEvent, monoMs: number): Model {
  if (event.is === 'snapshot') return hearSnapshot(model, event.state, monoMs)
  const { state } = model
  // A change without a snapshot has nothing to change; the snapshot that is on its way holds it.
  if (!state) return model
  const heard: Model = { ...model, heardMonoMs: monoMs }
  switch (event.is) {
    case 'edge':
      return hearEdge(heard, state, event.edge, monoMs)
    case 'escalation':
      return withEscalation(heard, state, event.escalation)
    case 'passage':
      return { ...heard, state: { ...state, passages: mergePassage(state.passages, event.passage) } }
    case 'list': {
      const others = state.lists.filter((list) => list.list !== event.list.list)
      return { ...heard, state: { ...state, lists: [...others, event.list] } }
    }
    case 'emergencies':
      return { ...heard, state: { ...state, emergencies: event.emergencies } }
    case 'faults':
      return { ...heard, state: { ...state, faults: event.faults } }
    default:
      // A newer gateway may say more than this page knows; it still is a sign of life.
      return heard
  }
}

function hearSnapshot(model: Model, state: GatewayState, monoMs: number): Model {
  const gatewayOffsetMs = state.at - monoMs
  const newOpen = model.state
    ? state.escalations.find(
        (now) =>
          now.state === 'OPEN' &&
          !model.state?.escalations.some((was) => was.escalationId === now.escalationId),
      )
    : undefined
  const edgeOffsetsMs: Record<string, number> = {}
  for (const edge of state.edges) {
    const was = model.edgeOffsetsMs[edge.edgeId]
    const offset = edgeOffset(model, edge, state.at)
    if (offset !== undefined) edgeOffsetsMs[edge.edgeId] = offset
    else if (was !== undefined) edgeOffsetsMs[edge.edgeId] = was
  }
  const answers = Object.fromEntries(
    Object.entries(model.answers).filter(([id, given]) => {
      const now = state.escalations.find((one) => one.escalationId === id)
      return given.is === 'sending' || (now !== undefined && !isAnsweredBy(now, given))
    }),
  )
  return {
    ...model,
    access: 'signedIn',
    state,
    heardMonoMs: monoMs,
    gatewayOffsetMs,
    edgeOffsetsMs,
    answers,
    announced: newOpen ?? model.announced,
    pageVersion: model.pageVersion ?? state.gatewayVersion,
  }
}

function hearEdge(model: Model, state: GatewayState, edge: EdgeState, monoMs: number): Model {
  // The gateway cannot have heard an edge in the future: its clock is at least there.
  const gatewayOffsetMs = Math.max(model.gatewayOffsetMs, (edge.lastSeenAt ?? -Infinity) - monoMs)
  const offset = edgeOffset(model, edge, gatewayOffsetMs + monoMs)
  const others = state.edges.filter((one) => one.edgeId !== edge.edgeId)
  return {
    ...model,
    gatewayOffsetMs,
    edgeOffsetsMs:
      offset === undefined ? model.edgeOffsetsMs : { ...model.edgeOffsetsMs, [edge.edgeId]: offset },
    state: {
      ...state,
      edges: [...others, edge].sort((a, b) => (a.edgeId < b.edgeId ? -1 : 1)),
    },
  }
}

/** Undefined where nothing new of the edge's clock was heard: an old report would make the edge look slow. */
function edgeOffset(model: Model, edge: EdgeState, gatewayNowMs: number): number | undefined {
  if (!edge.health) return undefined
  const before = model.state?.edges.find((one) => one.edgeId === edge.edgeId)?.health
  if (before && before.at === edge.health.at) return undefined
  const heardAtMs = before ? gatewayNowMs : (edge.lastSeenAt ?? gatewayNowMs)
  return edge.health.at - heardAtMs
}

function withEscalation(model: Model, state: GatewayState, escalation: EscalationState): Model {
  const was = state.escalations.find((one) => one.escalationId === escalation.escalationId)
  if (was && was.version > escalation.version) return model
  const others = state.escalations.filter((one) => one !== was)
  const escalations = [escalation, ...others].sort((a, b) => b.openedAt - a.openedAt).slice(0, escalationsMax)
  const given = model.answers[escalation.escalationId]
  const answers =
    given && isAnsweredBy(escalation, given) ? without(model.answers, escalation.escalationId) : model.answers
  return {
    ...model,
    state: { ...state, escalations },
    answers,
    announced: !was && escalation.state === 'OPEN' ? escalation : model.announced,
  }
}

/**
 * Whether the escalation itself now tells what became of the answer. A failure stays on the page as
 * long as the case is not closed: the person has to read why.
 */
function isAnsweredBy(escalation: EscalationState, given: GivenAnswer): boolean {
  if (given.is === 'failed') return escalation.state === 'CLOSED'
  return given.is === 'taken' && escalation.version > given.version
}

function mergePassage(passages: readonly PassageState[], passage: PassageState): PassageState[] {
  const others = passages.filter((one) => one.passageId !== passage.passageId)
  return [passage, ...others].sort((a, b) => b.openedAt - a.openedAt).slice(0, passagesMax)
}

/**
 * Sends at most one answer at a time, and none for an escalation that has one on its way: a second
 * press of the button, however fast, finds the first already noted.
 */
function giveAnswer(model: Model, event: Extract<PageEvent, { on: 'answer' }>): Change {
  const escalation = model.state?.escalations.find((one) => one.escalationId === event.escalationId)
  const given = model.answers[event.escalationId]
  if (!escalation || escalation.state !== 'OPEN') return only(model)
  if (given && given.is !== 'failed') return only(model)
  const draft = { reason: event.reason, orderIds: event.orderIds }
  if (event.answer === 'release' && missingForRelease(escalation, draft) !== null) return only(model)
  const { version } = escalation
  return {
    model: {
      ...model,
      answers: {
        ...model.answers,
        [event.escalationId]: { answer: event.answer, version, is: 'sending', error: null },
      },
    },
    effects: [
      {
        do: 'sendVerdict',
        escalationId: event.escalationId,
        request: {
          answer: event.answer,
          version,
          reason: event.reason.trim(),
          orderIds: event.orderIds.map((id) => id.trim()).filter((id) => id !== ''),
        },
      },
    ],
  }
}

function settleAnswer(model: Model, escalationId: string, how: Pick<GivenAnswer, 'is' | 'error'>): Model {
  const given = model.answers[escalationId]
  if (!given) return model
  const now = model.state?.escalations.find((one) => one.escalationId === escalationId)
  // What the gateway has said since then says more than the answer to our request.
  if (how.is === 'taken' && now && now.version > given.version)
    return { ...model, answers: without(model.answers, escalationId) }
  return { ...model, answers: { ...model.answers, [escalationId]: { ...given, ...how } } }
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([one]) => one !== key))
}

/** What an officer typed for one escalation. */
export interface Draft {
  readonly reason: string
  readonly orderIds: readonly string[]
}

/** Released so, the vehicle is disinfected first: nothing is said for its going without. */
export function isDisinfectedFirst({ outcome }: Pick<EscalationState, 'outcome'>, draft: Draft): boolean {
  const isBare = draft.reason.trim() === '' && draft.orderIds.every((id) => id.trim() === '')
  return outcome === 'disinfect' && isBare
}

/**
 * What a release still lacks: under an INTERCEPT a reason, and the number of every order typed in,
 * so that nobody waves through an intercepted vehicle by habit. Null: nothing.
 */
export function missingForRelease(
  escalation: Pick<EscalationState, 'interceptOrderIds' | 'outcome'>,
  draft: Draft,
): 'reason' | 'orders' | null {
  if (escalation.interceptOrderIds.length === 0 || isDisinfectedFirst(escalation, draft)) return null
  const typed = new Set(draft.orderIds.map((id) => id.trim()))
  if (!escalation.interceptOrderIds.every((id) => typed.has(id))) return 'orders'
  return draft.reason.trim() === '' ? 'reason' : null
}
