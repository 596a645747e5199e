import path from 'node:path'
import type { Clock } from '../edge/base/clock.js'
import { LanekeeperError } from '../edge/base/error.js'
import type { Logger } from '../edge/base/log.js'
import { describeProblems } from '../edge/base/result.js'
import { edgeRoutes } from './api/edge-routes.js'
import { enrolmentRoutes } from './api/enrolment-routes.js'
import { agencyOf, ordersTakeTwo, rolesOf } from './domain/roles.js'
import { LiveFeed } from './api/live.js'
import { openRoutes } from './api/open-routes.js'
import { explainRoutes } from './api/explain-routes.js'
import { modeRoutes } from './api/mode-routes.js'
import { operatorRoutes } from './api/operator-routes.js'
import type { GatewayState } from './api/schemas.js'
import { HttpServer } from './api/server.js'
import { Sessions } from './api/sessions.js'
import { openPeople } from './people/open.js'
import type { PassphraseCost } from './people/passphrase.js'
import { listView, passageView, shownEscalations, shownPassages } from './api/views.js'
import { checkGatewayFiles, type GatewayConfig } from './config.js'
import { Desk } from './desk/desk.js'
import { Edges } from './desk/edges.js'
import { Emergencies } from './desk/emergencies.js'
import { FaultBoard } from './desk/fault-board.js'
import { Switchboard } from './desk/switchboard.js'
import { Inbox } from './inbox/inbox.js'
import { figuresOf } from './figures.js'
import { openPredecision } from './predecision/open.js'
import { openBehindLanes } from './tasks/open.js'
import { predecisionRoutes } from './api/predecision-routes.js'
import { shadowRoutes } from './api/shadow-routes.js'
import { listFileRoutes } from './api/list-file-routes.js'
import { listClassRoutes } from './api/list-class-routes.js'
import { listHistoryRoutes } from './api/list-history-routes.js'
import { Imports } from './lists/imports.js'
import { orderRoutes } from './api/order-routes.js'
import { liftRoutes } from './api/lift-routes.js'
import { Lists } from './lists/lists.js'
import { openOrders } from './lists/open-orders.js'
import { openHolds, openLifts } from './lists/open-holds.js'
import { refuseAroundApproval } from './lists/orders.js'
import { openEdgeSide } from './edge-side.js'
import { openTrust } from './trust/open.js'
import type { TrustPublisher } from './trust/publisher.js'
import { packageRoot } from './package-root.js'
import type { Database, Sql } from './store/database.js'
import { openStore } from './store/open.js'
import { applyRetention } from './store/retention.js'

export interface Gateway {
  /** Where the HTTP API and the console are, without a trailing slash. */
  readonly httpUrl: string
  /** Where edges connect, and where they enrol and fetch lists. */
  readonly mqttUrl: string
  readonly edgeUrl: string
  /** A new link that signs one person in, once, for the configured time. Not for logs that others read. */
  operatorLink(operator?: string): string
  /** Who signs in by the printed link has a passphrase: no link needs to lie in a log. */
  operatorHasPassphrase(): boolean
  /** A new one-time token for a box, as `lanekeeper gateway token` makes it. */
  enrolmentToken(edgeId: string): Promise<string>
  /** Figures of the gateway by name, as `/metrics` shows them. */
  figures(): Readonly<Record<string, number>>
  /** Stops taking in, finishes what was begun, and closes the store. Safe to call twice. */
  close(): Promise<void>
}

export interface GatewayGiven {
  readonly clock: Clock
  readonly log: Logger
  /** What a try of a passphrase costs; absent: the full cost, and nobody but a test that signs in often wants less. */
  readonly passphraseCost?: PassphraseCost
}

const retentionEveryMs = 3_600_000
const liveClientsMax = 64

/**
 * Builds the gateway and starts it. Throws a `LanekeeperError` that names every problem when files,
 * secrets, ports or the store do not allow it; nothing stays open then.
 */
export async function startGateway(config: GatewayConfig, given: GatewayGiven): Promise<Gateway> {
  const problems = checkGatewayFiles(config)
  if (problems.length > 0) throw new LanekeeperError('gateway.files', describeProblems(problems))
  const closers: (() => Promise<void> | void)[] = []
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close()
  }
  try {
    return await compose(config, given, closers, closeAll)
  } catch (error) {
    await closeAll()
    throw error
  }
}

async function compose(
  config: GatewayConfig,
  given: GatewayGiven,
  closers: (() => Promise<void> | void)[],
  closeAll: () => Promise<void>,
): Promise<Gateway> {
  const { clock, log } = given
  const { version, dir } = packageRoot()
  const edgeIds = config.edges.map(({ edgeId }) => edgeId)
  const reloads: ((sql: Sql) => Promise<void>)[] = []
  const { database, memory } = await openStore(config, log, reloads)
  closers.push(() => database.close())

  const switchboard = new Switchboard({ memory, clock, log })
  const faults = new FaultBoard({ clock, log, onChange: (source) => switchboard.faultChanged(source) })
  closers.push(() => faults.close())
  const isConnected = (edgeId: string) => switchboard.isConnected(edgeId)
  const edges = new Edges({ site: config.site, edgeIds, clock, memory, faults, isConnected })
  let trust: TrustPublisher | undefined = undefined
  const holds = openHolds(config, {
    ...{ clock, log, memory, trust: () => trust },
    onFault: (change) => faults.change(change),
    enrolment: () => edgeSide.enrolment.states(),
  })
  const guardHolds = holds?.guard
  const seesSecrets = (person: string) => config.secretOrderReaders.includes(person)
  const lists = new Lists({
    ...{ database, memory, clock, log, guardHolds, seesSecrets },
    refuseAround: ordersTakeTwo(config.people) ? refuseAroundApproval : undefined,
    onVersion: (head, delta) => {
      trust?.changed()
      holds?.look()
      switchboard.listChanged(head, delta)
      predecision?.changed(head.list)
    },
  })
  const predecision = openPredecision(config, { database, lists, clock, log })
  closers.push(() => lists.close())
  const { tolling } = config
  const imports = await Imports.open({
    ...{ database, memory, clock, log, tolling, folder: path.join(config.dataDir, 'imports') },
    ...{ ordersTakeTwo: ordersTakeTwo(config.people), guardHolds, seesSecrets },
    onWritten: (heads) => {
      lists.written(heads)
    },
  })
  closers.push(() => imports.close())
  const placed = openOrders(config, { database, lists, clock, log, delegation: () => trust?.delegation() })
  closers.push(() => placed.close())
  const behind = openBehindLanes(config, {
    ...{ database, lists, clock, log, isConnected },
    edgeIds: () => edgeIds,
    onPassages: (passages) => {
      for (const passage of passages) {
        memory.setPassage(passage)
        live.tell({ is: 'passage', passage: passageView(passage) })
      }
    },
  })
  closers.push(() => {
    behind.close()
  })
  const inbox = new Inbox({
    database,
    memory,
    clock,
    log,
    placeOrders: (sql, orders) => lists.placeOrders(sql, orders),
    consume: (sql, crossings) => lists.consume(sql, crossings),
    followUp: (sql, asked) => behind.tasks.followUp(sql, asked),
    noteHits: (sql, hits) => placed.hits.note(sql, hits),
    onCommitted: (committed) => switchboard.committed(committed),
    onFault: (change) => faults.change(change),
    onNotice: ({ code, source, detail }) => faults.notice(code, source, detail),
  })
  closers.push(() => inbox.settled())
  const desk = new Desk({
    database,
    memory,
    clock,
    log,
    policy: { higherLevelMs: config.higherLevelMs, wordGraceMs: 2_000 },
    verdictForMs: config.verdictForMs,
    isConnected,
    send: (edgeId, kind, message) => switchboard.send(edgeId, kind, message),
    onEscalation: (escalation) => switchboard.escalationChanged(escalation),
  })
  closers.push(() => desk.close())
  await lists.prepare(config.initialLists)
  closers.push(() => predecision?.close())
  void predecision?.run()

  const emergencies = new Emergencies({
    ...{ database, clock, desk },
    onChange: (waiting) => live.tell({ is: 'emergencies', emergencies: [...waiting] }),
  })
  const snapshot = (operator: string): GatewayState => ({
    site: config.site,
    gatewayVersion: version,
    at: clock.now().wallMs,
    operator,
    edges: edges.states(),
    escalations: shownEscalations(memory, clock.now().wallMs),
    passages: shownPassages(memory),
    lists: memory.heads().map(listView),
    faults: faults.own(),
    emergencies: emergencies.waiting(),
  })
  const live = new LiveFeed({ clock, maxClients: liveClientsMax, snapshot })
  const sessions = await Sessions.open({
    database,
    clock,
    idleMs: config.session.idleMs,
    absoluteMs: config.session.absoluteMs,
    linkForMs: config.operatorLinkForMs,
  })
  const { people, links } = await openPeople(config, {
    ...{ database, clock, log, sessions, url: () => http.url, passphraseCost: given.passphraseCost },
  })
  reloads.push(async (sql) => {
    await people.load(sql)
  })
  closers.push(() => links.close())

  const edgeSide = await openEdgeSide(config, {
    ...{ database, clock, log, inbox, switchboard, faults },
    rootRecord: () => trust?.rootRecord(),
    onAsksForTrust: (edgeId) => trust?.greet(edgeId),
  })
  const { broker, enrolment } = edgeSide
  reloads.push((sql) => enrolment.load(sql))
  closers.push(() => edgeSide.close())
  trust = await openTrust(config, {
    ...{ clock, log, memory, broker, faults },
    onAuthority: () => holds?.look(),
  })
  closers.push(() => trust?.close())
  switchboard.start({ broker, edges, desk, lists, live, database, faults })
  closers.push(() => switchboard.close())
  trust?.start()
  desk.start()
  placed.start()
  behind.start()
  closers.push(startRetention(config, { clock, log, database, lists }))
  const stopHolds = holds?.start({ database, lists })
  closers.push(() => stopHolds?.())

  const figures = () =>
    figuresOf({ people, edgeSide, ...behind.counters, inbox, broker, switchboard, live, memory, faults })
  const http = await HttpServer.open({
    config: config.http,
    log,
    sessions,
    version,
    rolesOf: (name) => rolesOf(config.people, config.operator, name),
    routes: async (app, server) => {
      operatorRoutes(app, {
        database,
        memory,
        desk,
        lists,
        live,
        edgeIds: () => edgeIds,
        snapshot,
        maySee: (hash) => sessions.touch(hash),
        secretOrderReaders: config.secretOrderReaders,
      })
      const { secretOrderReaders } = config
      orderRoutes(app, { ...placed, secretOrderReaders, sign: holds?.signing.sign })
      liftRoutes(app, openLifts(config, { database, lists, clock }, holds))
      listClassRoutes(app, { database, memory })
      listHistoryRoutes(app, { database, secretOrderReaders })
      listFileRoutes(app, { lists, imports, memory, clock, tolling, secretOrderReaders })
      modeRoutes(app, { database, emergencies, edgeIds: () => edgeIds })
      enrolmentRoutes(app, { enrolment })
      predecisionRoutes(app, { database, clock })
      shadowRoutes(app, { database, clock, secretOrderReaders })
      behind.routes(app)
      explainRoutes(app, { database, memory, secretOrderReaders: config.secretOrderReaders })
      const consoleDir = config.consoleDir ?? path.join(dir, 'dist', 'gateway', 'console', 'web')
      await openRoutes(app, {
        http: server,
        sessions,
        people,
        agencyOf: (name) => agencyOf(config.people, name),
        version,
        consoleDir,
        figures,
        isHealthy: () => faults.of('store').length === 0,
      })
    },
  })
  closers.push(() => http.close())
  links.start()
  closers.push(() => live.close())

  const edgeUrl = await edgeSide.listen((app) =>
    edgeRoutes(app, { lists, memory, rootsFrom: (from) => trust?.rootsFrom(from) ?? [] }),
  )

  return {
    httpUrl: http.url,
    mqttUrl: edgeSide.mqttUrl,
    edgeUrl,
    enrolmentToken: async (edgeId) => (await enrolment.newToken(edgeId, 'supervisor of the process')).token,
    operatorHasPassphrase: () => people.hasPassphrase(config.operator),
    operatorLink: (operator = config.operator) =>
      `${http.url}/login?token=${sessions.newLinkToken(operator)}`,
    figures,
    close: closeAll,
  }
}

function startRetention(
  config: GatewayConfig,
  given: {
    readonly clock: Clock
    readonly log: Logger
    readonly database: Database
    readonly lists: Lists
  },
): () => void {
  let stopped = false
  let cancel = (): void => undefined
  const schedule = (): void => {
    cancel = given.clock.after('retention', retentionEveryMs, () => {
      applyRetention(given.database, config.retention, given.clock.now().wallMs)
        .then((removed) => {
          if (removed > 0) given.log.info({ removed }, 'events past their term removed')
          return given.lists.forgetUsedUp(given.clock.now().wallMs - config.retention.usedUpForMs)
        })
        .then((trips) => {
          if (trips > 0) given.log.info({ trips }, 'trips that crossed long ago left the lists')
        })
        .catch((error: unknown) => {
          given.log.error({ error: String(error) }, 'retention failed')
        })
        .finally(() => {
          if (!stopped) schedule()
        })
    })
  }
  schedule()
  return () => {
    stopped = true
    cancel()
  }
}
