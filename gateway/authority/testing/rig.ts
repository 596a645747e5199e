import path from 'node:path'
import type { Test } from 'tap'
import { systemClock, type Clock } from '../../../edge/base/clock.js'
import { silentLogger } from '../../../edge/base/log.js'
import { parseToken, type EnrolmentToken } from '../../../edge/messages/enrol.js'
import { EdgeServer } from '../../api/edge-server.js'
import { Database } from '../../store/database.js'
import { migrate } from '../../store/migrations.js'
import { Authority } from '../authority.js'
import { Enrolment } from '../enrolment.js'

export const day = 86_400_000

export interface Rig {
  readonly authority: Authority
  readonly database: Database
  readonly enrolment: Enrolment
  readonly server: EdgeServer
  readonly url: string
  readonly ended: string[]
  readonly revoked: Map<string, boolean>
  token(edgeId?: string): Promise<EnrolmentToken>
}

/** A token as a person reads it from the screen. */
export function tokenOf(text: string): EnrolmentToken {
  const parsed = parseToken(text)
  if (!parsed.ok) throw new Error('no token')
  return parsed.value
}

/** The clock of the machine, moved: timers run as usual. */
export function shifted(byMs: () => number): Clock {
  return {
    now: () => ({ ...systemClock.now(), wallMs: systemClock.now().wallMs + byMs() }),
    after: (name, delayMs, run) => systemClock.after(name, delayMs, run),
  }
}

/** Authority, store and listener of a gateway below `dir`, without the rest of it. */
export async function openRig(
  t: Test,
  dir: string,
  given: {
    clock?: Clock
    names?: readonly string[]
    root?: Uint8Array
    certificateForMs?: number
    certificatesMax?: number
  } = {},
): Promise<Rig> {
  const { clock = systemClock, names = ['127.0.0.1', 'localhost'] } = given
  const authority = await Authority.open({
    keyFile: path.join(dir, 'authority', 'authority.key'),
    certFile: path.join(dir, 'authority', 'authority.pem'),
    site: 'site-1',
    // Of last year, so that tests can have certificates that are long in force.
    nowMs: systemClock.now().wallMs - 400 * day,
  })
  const database = await Database.open({
    file: path.join(dir, 'gateway.db'),
    log: silentLogger,
    prepare: migrate,
    reload: () => Promise.resolve(),
  })
  const ended: string[] = []
  const revoked = new Map<string, boolean>()
  const enrolment = new Enrolment({
    authority,
    database,
    clock,
    log: silentLogger,
    edgeIds: ['edge-1', 'edge-2'],
    certificateForMs: given.certificateForMs ?? 90 * day,
    tokenForMs: 3_600_000,
    ...(given.certificatesMax !== undefined && { certificatesMax: given.certificatesMax }),
    ...(given.root && { rootRecord: () => given.root }),
    onEnded: (edgeId) => {
      ended.push(edgeId)
      server?.endSessions(edgeId)
    },
    onRevoked: (edgeId, is) => revoked.set(edgeId, is),
  })
  await database.read((sql) => enrolment.load(sql))
  let server: EdgeServer | undefined = undefined
  const opened = await EdgeServer.open({
    listen: { host: '127.0.0.1', port: 0 },
    authority,
    own: await authority.forServer(names, systemClock.now().wallMs),
    enrolment,
    clock,
    log: silentLogger,
    routes: () => undefined,
  })
  server = opened
  t.teardown(async () => {
    await opened.close()
    await database.close()
  })
  return {
    authority,
    database,
    enrolment,
    server: opened,
    url: `https://127.0.0.1:${opened.port}`,
    ended,
    revoked,
    token: async (edgeId = 'edge-1') => tokenOf((await enrolment.newToken(edgeId, 'li')).token),
  }
}
