import { laneModes } from '../../edge/messages/down.js'
import { listNames, type ListName } from '../../edge/messages/entities.js'
import { Refusal, type RefusalCode } from '../desk/refusal.js'
import { holds, type Role } from '../domain/roles.js'
import type { LaneCommandRequest } from './schemas.js'

type Params = Readonly<Record<string, unknown>>

/** Whom a route is for: everybody who is signed in, a role, or one that depends on the address. */
export type Right = 'anyone' | Role | ((params: Params) => Role)

/**
 * Whom each route is for, by method and address. What changes something and does not stand here is refused to
 * everybody; what only reads and does not stand here is for everybody who is signed in.
 */
export const rights: Readonly<Record<string, Right>> = {
  'POST /logout': 'anyone',
  'POST /api/session/passphrase': 'anyone',
  'POST /api/session/notices': 'anyone',
  'GET /api/audit': 'auditor',
  // It holds what officers did against what the lane would have done.
  'GET /api/shadow-report': 'auditor',
  'POST /api/escalations/:escalationId/verdict': 'officer',
  'POST /api/edges/:edgeId/lanes/:lane/command': 'officer',
  'POST /api/edges/:edgeId/lanes/:lane/emergency': 'officer',
  'POST /api/emergencies/:requestId/confirm': 'supervisor',
  'POST /api/lists/:list/changes': (params) => roleForList(params['list']),
  'POST /api/lists/:list/import': (params) => roleForList(params['list']),
  'POST /api/lists/:list/imports': (params) => roleForList(params['list']),
  'POST /api/lists/:list/imports/:importId/apply': (params) => roleForList(params['list']),
  'POST /api/lists/:list/imports/:importId/discard': (params) => roleForList(params['list']),
  'POST /api/orders': 'officer',
  'POST /api/orders/:orderId/approve': 'supervisor',
  'POST /api/orders/:orderId/reject': 'supervisor',
  'POST /api/orders/:orderId/withdraw': 'officer',
  'POST /api/orders/:orderId/lift': 'officer',
  'POST /api/orders/:orderId/lift/confirm': 'officer',
  'POST /api/orders/:orderId/lift/withdraw': 'officer',
  'POST /api/lists/:list/lifts': 'officer',
  'POST /api/lists/:list/lifts/confirm': 'officer',
  'POST /api/lists/:list/lifts/withdraw': 'officer',
  'POST /api/inspections/:taskId': 'inspector',
  'POST /api/containers/:number/unlock': 'officer',
  'POST /api/alerts/:alertId/settle': 'officer',
  'POST /api/passages/:passageId/corrections': 'officer',
  'POST /api/outages': 'supervisor',
  'POST /api/outages/:outageId/end': 'supervisor',
  'POST /api/outages/:outageId/entries': 'officer',
  'POST /api/receipts': 'supervisor',
  'POST /api/edges/:edgeId/token': 'maintainer',
  'POST /api/edges/:edgeId/revoke': 'maintainer',
}

/** What a lane may release by, and what stops it; the other lists are registers. */
const listsOfSupervisors: readonly string[] = [
  'orders',
  'blacklist',
  'areas',
  'releases',
] satisfies ListName[]

function roleForList(list: unknown): Role {
  return typeof list === 'string' && listsOfSupervisors.includes(list) ? 'supervisor' : 'maintainer'
}

/**
 * What a lane is told: stopping it is everybody's who works at lanes, and so is the one vehicle in it; what
 * makes it go by itself again is a supervisor's.
 */
export function roleForCommand(what: LaneCommandRequest['what']): Role {
  switch (what.do) {
    case 'setMode':
      return what.mode === 'CLOSED' || what.mode === 'ATTENDED' ? 'officer' : 'supervisor'
    case 'holdAll':
      return what.on ? 'officer' : 'supervisor'
    case 'manualRaise':
    case 'closePassage':
      return 'officer'
  }
}

const codes: Readonly<Record<Role, RefusalCode>> = {
  officer: 'needsOfficer',
  inspector: 'needsInspector',
  supervisor: 'needsSupervisor',
  maintainer: 'needsMaintainer',
  auditor: 'needsAuditor',
}

/** Refuses whoever lacks the role, and says which one it is. Throws {@link Refusal}. */
export function demandRole(held: readonly Role[], needed: Role): void {
  if (holds(held, needed)) return
  const has = held.length === 0 ? 'no role' : held.join(', ')
  throw new Refusal(
    codes[needed],
    `this needs the role ${needed}, and you have ${has}: the gateway's configuration gives roles (people)`,
  )
}

/** Refuses whoever may not use that route. Throws {@link Refusal}. */
export function demandRight(held: readonly Role[], method: string, url: string, params: Params): void {
  const reads = method === 'GET' || method === 'HEAD'
  const name = `${method === 'HEAD' ? 'GET' : method} ${url}`
  const right = Object.hasOwn(rights, name) ? rights[name] : undefined
  if (right === undefined) {
    if (reads) return
    throw new Refusal('notAllowed', `nobody may use ${name}: gateway/api/rights.ts names no role for it`)
  }
  if (right === 'anyone') return
  demandRole(held, typeof right === 'string' ? right : right(params))
}

export interface MayState {
  readonly may: boolean
  /** Null: no role. */
  readonly needs: Role | null
}

/**
 * What somebody with these roles may do, for the console: each route by its name, with the list in it where the role
 * depends on it, and what a lane is told as `command:...`.
 */
export function rightsOf(held: readonly Role[]): Record<string, MayState> {
  const state = (needs: Role | null): MayState => ({ may: needs === null || holds(held, needs), needs })
  const routes = Object.entries(rights).flatMap(([name, right]) => {
    if (typeof right !== 'function') return [[name, state(right === 'anyone' ? null : right)] as const]
    return listNames.map((list) => [name.replace(':list', list), state(right({ list }))] as const)
  })
  const settable = laneModes.filter((mode) => mode !== 'EMERGENCY_OPEN')
  const commands = [
    ...settable.map((mode) => [`setMode:${mode}`, roleForCommand({ do: 'setMode', mode })] as const),
    ...([true, false] as const).map(
      (on) => [`holdAll:${on ? 'on' : 'off'}`, roleForCommand({ do: 'holdAll', on })] as const,
    ),
    ['manualRaise', roleForCommand({ do: 'manualRaise', passageId: '', orderIds: [] })] as const,
    ['closePassage', roleForCommand({ do: 'closePassage', passageId: '' })] as const,
  ]
  return Object.fromEntries([
    ...routes,
    ...commands.map(([name, needs]) => [`command:${name}`, state(needs)] as const),
  ])
}
